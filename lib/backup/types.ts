/** What backups are made with, and what they say of themselves. */
import type { BackupTarget, GetOptions } from './target'

/** How far a backup or a restore has come. */
export interface BackupProgress {
  /** Files that it consists of. */
  files: number
  /** Files that are done. */
  filesDone: number
  /** Bytes that it consists of. */
  bytes: number
  /** Bytes that are done: copied, or found in the target. */
  bytesDone: number
}

/** Options of whatever copies. */
export interface CopyOptions {
  /** Called as it goes on, a few times a second at most. What it throws ends the copy. */
  onProgress?: ((progress: BackupProgress) => void) | undefined
  /** MB (1,000,000 bytes) a second that are copied at most. As fast as it goes by default. */
  rateLimitMbPerSec?: number | undefined
  /** How many files are copied at a time, 1 to 64. 4 by default. */
  concurrency?: number | undefined
  /** Ends it with `ERR_ABORTED`; the error's `cause` is the signal's reason. */
  signal?: AbortSignal | undefined
}

/** Options of `backup`. */
export type BackupOptions = CopyOptions

/** One backup in a target. */
export interface BackupInfo {
  /** Its name in the target. */
  id: string
  /** The history that it belongs to: changes with every copy and restore of a database. */
  epoch: string
  /** RocksDB's sequence number of the last operation that is in it. */
  sequence: bigint
  /** What came after it, for `Database.changes` of the same database; undefined where it was not known. */
  token: string | undefined
  /** The moment that it is of, in milliseconds since 1970. */
  timeMs: number
  /** Until when nothing else was written, as far as it is known. */
  untilMs: number
  /** Bytes of a restored database. */
  bytes: number
  /** Files of a restored database. */
  files: number
}

/** What `backup` has made. */
export interface BackupResult extends BackupInfo {
  /** Bytes that were sent to the target. */
  bytesCopied: number
  /** Bytes of files that were there already. */
  bytesShared: number
  filesCopied: number
  filesShared: number
  /** For how many milliseconds writers waited. */
  lockedMs: number
}

/** Something that is wrong with a backup. */
export interface BackupProblem {
  /** The object in the target. */
  key: string
  /** What is wrong with it. */
  problem: string
}

/** What `verify` has found. */
export interface BackupReport {
  id: string
  /** Objects that were looked at. */
  objects: number
  /** Bytes that were read; 0 where only sizes are. */
  bytesRead: number
  /** Empty where nothing is wrong. */
  problems: BackupProblem[]
}

/** Options of `Backups.verify`. */
export interface VerifyOptions extends CopyOptions {
  /** Whether all bytes are read and compared with their sums, or only sizes. `'all'` by default. */
  read?: 'sizes' | 'all' | undefined
}

/** Which backups `Backups.keep` leaves. Each is kept that any of them asks for. */
export interface KeepOptions {
  /** The newest so many. */
  last?: number | undefined
  /** The newest of each of the last so many days (UTC) that have one. */
  daily?: number | undefined
  /** The newest of each of the last so many weeks (beginning on Mondays, UTC) that have one. */
  weekly?: number | undefined
  signal?: AbortSignal | undefined
}

/** What `delete` and `keep` have removed. */
export interface RemovedBackups {
  /** Names of the backups. */
  removed: string[]
  /** Objects that nothing else needed. */
  objectsDeleted: number
}

/** What is in a target: see `backups`. */
export interface Backups {
  readonly target: BackupTarget
  /** All backups, the oldest first. */
  list(options?: GetOptions): Promise<BackupInfo[]>
  /**
   * Looks at every object of a backup, and at what continuous backups have sent from it until the next one. Fails with
   * `ERR_BACKUP_NOT_FOUND`.
   */
  verify(id: string, options?: VerifyOptions): Promise<BackupReport>
  /** Removes a backup, and what nothing else needs. Fails with `ERR_BACKUP_NOT_FOUND`. */
  delete(id: string, options?: GetOptions): Promise<RemovedBackups>
  /**
   * Removes all backups but those, and the one that continuous backups go on from. With `{}` it removes only what no
   * backup needs.
   */
  keep(options: KeepOptions): Promise<RemovedBackups>
  /** The moments that can be restored: each backup, and where continuous backups go on, until when. */
  moments(options?: GetOptions): Promise<RestorableRange[]>
}

/** A stretch of time in which every moment can be restored. */
export interface RestorableRange {
  /** The backup that it begins with. */
  id: string
  fromMs: number
  /** The same as `fromMs` where there is a backup alone. */
  untilMs: number
}

/** Options of `restore`. */
export interface RestoreOptions extends CopyOptions {
  /**
   * Which moment: `'latest'` (the default), the name of a backup, a time, or a token of `changes` of the
   * database that was backed up.
   */
  at?: 'latest' | string | Date | undefined
  /** Only says what would be fetched. */
  dryRun?: boolean | undefined
}

/** What `restore` has made, or would make. */
export interface RestoreResult {
  /** The directory. */
  path: string
  /** The backup that it begins with. */
  id: string
  /** The last operation that is in it. */
  sequence: bigint
  /** The moment that it is of, in milliseconds since 1970. */
  timeMs: number
  /** Bytes and files of the backup. */
  bytes: number
  files: number
  /** Segments of continuous backups after it, their bytes, and the commits of them that were applied. */
  segments: number
  segmentBytes: number
  commits: number
}

/** Options of `startBackups`. */
export interface StartBackupsOptions extends Omit<CopyOptions, 'onProgress' | 'signal'> {
  /** How long what is written may wait at most until it is sent, in milliseconds. 1000 by default. */
  everyMs?: number | undefined
  /** How often a whole backup is made, in milliseconds. A day by default; 0 for only where one is needed. */
  snapshotEveryMs?: number | undefined
  /** For how long every moment can be restored, in milliseconds. 7 days by default; 0 for always. */
  keepMs?: number | undefined
  /** Whole backups that stay for longer, as `Backups.keep` chooses them. None by default. */
  keep?: Omit<KeepOptions, 'signal'> | undefined
  /** How many MiB of WAL may wait for the target; more is a new whole backup. 1024 by default. */
  maxWalMb?: number | undefined
  /**
   * Says that nobody else writes to this target: needed where the target has no conditional writes
   * (`BackupTarget.conditional`). false by default.
   */
  exclusive?: boolean | undefined
  /** Called with what went wrong; the stream tries again, but for `ERR_BACKUP_FENCED`, which ends it. */
  onError?: ((error: Error) => void) | undefined
}

/** How continuous backups are doing. */
export interface BackupStatus {
  state: 'starting' | 'running' | 'paused' | 'failing' | 'fenced' | 'stopped'
  /** Everything before this is in the target; undefined until the first backup is there. */
  token: string | undefined
  /**
   * For how long something has waited to be sent, in milliseconds; 0 where nothing waits. While it is paused: for how
   * long.
   */
  lagMs: number
  /** Bytes of WAL that are not in the target, as far as is known. */
  lagBytes: number
  /** The newest whole backup. */
  lastSnapshot: BackupInfo | undefined
  /** The oldest moment that can be restored, in milliseconds since 1970. */
  oldestRestorable: number | undefined
  /** The newest moment that can be restored, in milliseconds since 1970. */
  newestRestorable: number | undefined
  /** Since the start. */
  bytesCopied: number
  bytesShared: number
  segments: number
  snapshots: number
  failures: number
  /** What went wrong last, if nothing has gone well since. */
  error: Error | undefined
}

/** Continuous backups that were started: see `startBackups`. */
export interface BackupStream {
  readonly target: BackupTarget
  /** How it is doing now. Works after the end, too. */
  status(): BackupStatus
  /**
   * Resolves once everything that was written before is in the target; with a token, everything before
   * that. Rejects where the stream ends before, or `signal` is aborted.
   */
  flushed(token?: string, options?: { signal?: AbortSignal | undefined }): Promise<void>
  /** Makes a whole backup of what was written until now. */
  snapshot(): Promise<BackupResult>
  /** Sends nothing until `resume`. */
  pause(): void
  /** Goes on after `pause`. */
  resume(): void
  /**
   * Sends what is there, and ends. The database stays open. Rejects where that could not be sent; it has ended
   * nevertheless. While it runs, it keeps the process alive.
   */
  stop(): Promise<void>
  /** `stop`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}
