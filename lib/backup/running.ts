/** The continuous backups of each open database, for those who tell of them. */
import type { Connection } from '../connection/connection'
import type { BackupStream } from './types'

/** By the target's name: of several to one target, the one that began last. */
const streams = new WeakMap<Connection, Map<string, BackupStream>>()

/** A stream has begun. */
export function noteRunning(connection: Connection, stream: BackupStream): void {
  const known = streams.get(connection) ?? new Map<string, BackupStream>()
  streams.set(connection, known.set(stream.target.name, stream))
}

/**
 * The continuous backups of a database: those that run, and those that an error has ended. One that was
 * stopped well, or that another one to the same target follows, is not among them.
 */
export function runningOf(connection: Connection): BackupStream[] {
  return [...(streams.get(connection)?.values() ?? [])].filter((stream) => {
    const { state, error } = stream.status()
    return state !== 'stopped' || error !== undefined
  })
}
