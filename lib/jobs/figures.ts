/** The figures of all families at once, as metrics have them. */
import type { Connection } from '../connection/connection'
import type { NativeFigures } from '../native/metrics'

/** Gathered on another thread; with thousands of families much faster than their properties one by one. */
export function figures(connection: Connection): Promise<NativeFigures> {
  return connection.call<NativeFigures>('stats', (session, id) => session.gather(id))
}

export type { NativeFamilyFigures, NativeFigures } from '../native/metrics'
