/** RocksDB's options of an open database without an OPTIONS file, such as one in memory. */
import type { Connection } from '../connection/connection'
import type { OptionsEvidence } from './evidence'

/** Reading back the options of more takes long, on this thread. */
export const MOST_FAMILIES = 100

export function optionsInForce(connection: Connection, version: string): OptionsEvidence {
  const { db, columnFamilies } = connection.run('doctor', (session) => session.options())
  const families = Object.entries(columnFamilies).map(([name, { columnFamily, table }]) => {
    const ofTable = Object.entries(table).map(([key, value]) => [`table.${key}`, value] as const)
    return [name, { ...columnFamily, ...Object.fromEntries(ofTable) }] as const
  })
  return { name: 'db.options()', version, db, families: Object.fromEntries(families) }
}
