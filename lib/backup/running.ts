/** The continuous backups of each open database, for those who tell of them. */
import type { Connection } from '../connection/connection'
import type { BackupStream } from './types'

/** By the target's name: of several to one target, the one that began last. */
const streams = new WeakMap<Connection, Map<string, BackupStream>>()

/**
 * The continuous backups of a database: those that run, and those that ended by themselves. One that was
 * stopped, or that another one to the same target follows, is not among them.
 */
export function runningOf(connection: Connection): ReadonlySet<BackupStream> {
  return new Set(streams.get(connection)?.values())
}

/** A stream has begun. */
export function noteRunning(connection: Connection, stream: BackupStream): void {
  const known = streams.get(connection) ?? new Map<string, BackupStream>()
  streams.set(connection, known.set(stream.target.name, stream))
}

/** A stream was stopped. */
export function forgetRunning(connection: Connection, stream: BackupStream): void {
  const known = streams.get(connection)
  const { name } = stream.target
  if (known?.get(name) === stream) known.delete(name)
}
