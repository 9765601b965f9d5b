/** Named places in the history, behind which the WAL is kept. */
import type { Connection } from '../connection/connection'
import type { NativeRetained } from '../native/changes'
import type { RetainedChanges } from '../types/changes'
import { placeName, retainRequest } from './options'

/** Implements `Database.retainChanges`. */
export async function retainChanges(
  connection: Connection,
  given: unknown,
  options: unknown,
): Promise<void> {
  const name = placeName(given)
  const { after, maxBytes, maxAgeMs } = retainRequest(options)
  await connection.call('retainChanges', (session, id) =>
    session.retainChanges(id, name, after, maxBytes, maxAgeMs),
  )
}

/** Implements `Database.releaseChanges`. */
export async function releaseChanges(connection: Connection, given: unknown): Promise<boolean> {
  const name = placeName(given)
  return connection.call<boolean>('releaseChanges', (session, id) =>
    session.releaseChanges(id, name),
  )
}

/** Implements `Database.retainedChanges`. */
export async function retainedChanges(connection: Connection): Promise<RetainedChanges[]> {
  const all = await connection.call<NativeRetained[]>('retainedChanges', (session, id) =>
    session.retainedChanges(id),
  )
  return all.map(({ maxBytes, maxAgeMs, ...place }) => ({
    ...place,
    maxBytes: maxBytes === 0 ? undefined : maxBytes,
    maxAgeMs: maxAgeMs === 0 ? undefined : maxAgeMs,
  }))
}
