/** What an open database says of itself. */
import type { Connection } from '../../connection/connection'
import { figures } from '../../jobs/figures'
import { files } from '../../jobs/files'
import { health, healthCause } from '../../jobs/inspect'
import type { Families } from '../../open/families'
import type { DataFile } from '../../types/files'
import type { Known, OpenEvidence } from '../evidence'

/** An open database, as the doctor needs it. */
export interface Patient {
  connection: Connection
  families: Families
}

/** Over all families. */
const SUMS = [
  'rocksdb.cur-size-all-mem-tables',
  'rocksdb.size-all-mem-tables',
  'rocksdb.num-live-versions',
  'rocksdb.estimate-table-readers-mem',
] as const
/** Of the database. */
const SINGLE = ['rocksdb.obsolete-sst-files-size', 'rocksdb.min-log-number-to-keep'] as const

export async function lookInside({ connection, families }: Patient): Promise<OpenEvidence> {
  const gathered = await figures(connection)
  const properties: Record<string, number> = {}
  const { id } = families.handle(undefined)
  connection.run('doctor', (session) => {
    for (const name of SUMS) properties[name] = session.aggregatedIntProperty(name) ?? 0
    for (const name of SINGLE) properties[name] = session.intProperty(id, name) ?? 0
  })
  const cache = connection.run('doctor', (session) =>
    session.mapProperty(id, 'rocksdb.fast-block-cache-entry-stats'),
  )
  // Not `db.tuning()`, which reads the options of every family back.
  const values = Object.entries(connection.tuning.report().options).map(([name, { value }]) => [
    name,
    value,
  ])
  return {
    figures: gathered.figures,
    families: gathered.families.map((family) => ({ ...family })),
    properties,
    cache: cacheOf(cache),
    statistics: statisticsOf(gathered),
    tuning: Object.fromEntries(values),
    health: health(connection),
    healthCause: healthCause(connection),
    openSeconds: connection.openSeconds,
  }
}

/** By what is in it. */
function cacheOf(entries: Readonly<Record<string, string>> | undefined): OpenEvidence['cache'] {
  if (entries === undefined) return { unknown: 'RocksDB does not say what is in the block cache' }
  const bytes = Object.entries(entries).flatMap(([name, text]) =>
    name.startsWith('bytes.') ? [[name.slice(6), Number(text)] as const] : [],
  )
  return { capacity: Number(entries['capacity'] ?? 0), bytes: Object.fromEntries(bytes) }
}

function statisticsOf(gathered: Awaited<ReturnType<typeof figures>>): OpenEvidence['statistics'] {
  const { tickers, summaries } = gathered
  if (Object.keys(tickers).length === 0) return { unknown: 'the tuning option statistics is off' }
  const histograms = Object.entries(summaries).map(
    ([name, [, , p99 = 0, , count = 0]]) => [name, { p99, count }] as const,
  )
  return { tickers, histograms: Object.fromEntries(histograms) }
}

/** Its tables and blob files. */
export async function lookAtFiles(patient: Patient): Promise<Known<readonly DataFile[]>> {
  try {
    return await files(patient.connection, patient.families, undefined)
  } catch (error) {
    return { unknown: `its files cannot be listed: ${(error as Error).message}` }
  }
}
