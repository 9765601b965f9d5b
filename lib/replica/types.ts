/** What replicas are made with, and what they say of themselves. */
import type { BackupTarget } from '../backup/target'
import type { Database } from '../database'
import type { AnyFamily } from '../families'
import type { FamilySpecs, OpenOptions } from '../types/options'
import type { ReplicaLog } from './log'

/** What a node does: writes, follows, or fetches a snapshot. */
export type ReplicaRole = 'writer' | 'follower' | 'bootstrapping' | 'closed'

/** Options of `openReplica`, besides those of `Database.open` for families and tuning. */
export interface ReplicaOptions<F extends FamilySpecs = FamilySpecs>
  extends Omit<
    OpenOptions<F>,
    'mode' | 'createIfMissing' | 'errorIfExists' | 'createMissingColumnFamilies' | 'recovery'
  > {
  /** Where the writes of all nodes are put in order: `jetstream({ servers, stream })`. */
  log: ReplicaLog
  /**
   * Where snapshots are kept: by them new nodes begin, and nodes whose records are gone. A place of its own for each log.
   * Without it the log is never trimmed, and a node begins with its first record.
   */
  snapshots?: BackupTarget | undefined
  /** `'auto'` (the default) takes over where nobody writes; `'follower'` never does. */
  role?: 'auto' | 'follower' | undefined
  /**
   * `'replicated'` (the default): a write resolves when the log has it, and is applied here then. `'local'`: it is applied
   * and resolves before; the log has it within `maxLagMs`, and what it does not have is lost when another node takes over.
   */
  commit?: 'replicated' | 'local' | undefined
  /** With `'local'`: writes wait once the log is so far behind, in milliseconds. 1000 by default. */
  maxLagMs?: number | undefined
  /** After so many milliseconds without a sign of the writer others take over. 10,000 by default. */
  leaseMs?: number | undefined
  /** How often the writer says that it is there, in milliseconds. 1000 by default, a fifth of the lease at most. */
  heartbeatMs?: number | undefined
  /** The name of this node, for others. The host's name and the process's number by default. */
  node?: string | undefined
  /** Where others find this node, for `status().writer.url`: any text. None by default. */
  url?: string | undefined
  /** How often the writer makes a snapshot, in milliseconds. An hour by default. */
  snapshotEveryMs?: number | undefined
  /** A snapshot is made, too, when the log has grown by so many MiB since the last. 1024 by default. */
  snapshotLogMb?: number | undefined
  /** How many snapshots stay, at least 2. 3 by default. */
  keepSnapshots?: number | undefined
  /**
   * Begins a new log from what this directory has: for a database that was no replica, and after the log was lost. The
   * stream must be empty. false by default.
   */
  newLog?: boolean | undefined
  /** Gives up opening. */
  signal?: AbortSignal | undefined
}

/** Who writes. */
export interface ReplicaWriter {
  /** Its name. */
  node: string
  /** Where it can be reached, if it has said so. */
  url: string | undefined
}

/** How a node is doing. */
export interface ReplicaStatus {
  /** Its name. */
  node: string
  role: ReplicaRole
  /** The log's identity; undefined until its first record. */
  logId: string | undefined
  /** The sequence of the record by which the newest writer began. */
  epoch: number
  /** The newest record that is applied here. */
  applied: number
  /** The newest record of the log that is known of here. */
  committed: number
  /**
   * For how long, at most, something may have been written that is not applied here, in milliseconds: the age of the newest
   * applied record, by the log's clock. Infinity until there is one.
   */
  stalenessMs: number
  /** Who writes, as far as is known here. */
  writer: ReplicaWriter | undefined
  /** Writes of this node that are not known to be in the log. */
  pending: number
  /** The newest snapshot that this node has made or begun with. */
  snapshot: { id: string; sequence: number } | undefined
  /** Since it was opened. */
  counts: ReplicaCounts
  /** What an operator must know of how the log is kept. */
  warnings: readonly string[]
  /** What went wrong last, if it has not gone well since. */
  error: Error | undefined
}

/** Counts since a node was opened. */
export interface ReplicaCounts {
  /** Records of the log that were applied here, as a follower. */
  recordsApplied: number
  /** Records that this node has put into the log. */
  recordsAppended: number
  /** How often it became the writer. */
  takeOvers: number
  /** How often another node became the writer while this one was. */
  fenced: number
  /** How often it began with a snapshot. */
  bootstraps: number
  /** How often a local tail was set aside that the log did not have. */
  setAside: number
  /** Snapshots that it has made. */
  snapshots: number
  /** Records in the log that are no replica's. */
  foreign: number
  /** Calls of the log that failed. */
  logFailures: number
}

/** What `on` tells of. */
export interface ReplicaEvents {
  /** The node does something else now, or somebody else writes. */
  role: { role: ReplicaRole; epoch: number; writer: ReplicaWriter | undefined }
  /** `db` is another object now: take it anew. */
  database: { reason: 'gap' | 'diverged' }
  /**
   * The database had writes that it had acknowledged and that the log does not have (`commit: 'local'`). It was moved to `path`.
   */
  setAside: { path: string; epoch: number; logged: number; acknowledged: number }
  /** A snapshot was made, and verified. */
  snapshot: { id: string; sequence: number }
  /** Something went wrong; the node goes on trying. */
  failure: { error: Error }
}

/** How fresh a read must be. */
export interface FreshOptions {
  /** Fails with `ERR_STALE` where the node may be further behind. No limit by default. */
  maxStalenessMs?: number | undefined
  /** A token of a write that the read must see. */
  after?: string | undefined
  /** How long to wait until it is so, in milliseconds. With `after` 5000 by default, otherwise 0. */
  timeoutMs?: number | undefined
  signal?: AbortSignal | undefined
}

/** Options of `waitFor`. */
export interface WaitForOptions {
  /** Fails with `ERR_TIMED_OUT` after so many milliseconds. 5000 by default. */
  timeoutMs?: number | undefined
  signal?: AbortSignal | undefined
}

/** A node: see `openReplica`. */
export interface Replica<F extends FamilySpecs = FamilySpecs> {
  /** The directory. */
  readonly path: string
  /**
   * The database. Its writes go through the log where this node is the writer, and fail with `ERR_NOT_WRITER` where it is not;
   * synchronous ones fail with `ERR_NOT_SUPPORTED`. It is another object after a `database` event: the old one is closed then.
   */
  readonly db: Database<F>
  readonly role: ReplicaRole
  /** How it is doing at this moment. */
  status(): ReplicaStatus
  /** Calls the listener with each such event, from now on; see `ReplicaEvents`. */
  on<E extends keyof ReplicaEvents>(event: E, listener: (event: ReplicaEvents[E]) => void): this
  /** Calls the listener with the next such event. */
  once<E extends keyof ReplicaEvents>(event: E, listener: (event: ReplicaEvents[E]) => void): this
  /** Does not call the listener any more. */
  off<E extends keyof ReplicaEvents>(event: E, listener: (event: ReplicaEvents[E]) => void): this
  /** Writes a batch of `db`, or operations as `Database.write` takes them. Resolves to a token. */
  write(batch: { write(): Promise<void> } | readonly unknown[]): Promise<string>
  /** The token of everything that is applied here now: of all writes of this node that have resolved. */
  token(): string
  /**
   * Resolves once what the token stands for is applied here. Fails with `ERR_TIMED_OUT`, and with `ERR_REPLICA_LOST` where it is
   * not in the log's history: its writer acknowledged it and lost it (`commit: 'local'`).
   */
  waitFor(token: string, options?: WaitForOptions): Promise<void>
  /** Resolves once the node is as fresh as this. Fails with `ERR_STALE`. */
  fresh(options: FreshOptions): Promise<void>
  /** A row of a family, given by name or as an object of any `db` of this node; undefined where it is not there. */
  get(family: string | AnyFamily, key: unknown, options?: FreshOptions): Promise<unknown>
  /**
   * Writes no more once everything is in the log, and lets another node take over; this one does not try for the time of a
   * lease. Resolves to the new writer, or to undefined where nobody took over in that time. Fails with `ERR_NOT_WRITER`.
   */
  stepDown(): Promise<ReplicaWriter | undefined>
  /** Makes a snapshot now. Fails with `ERR_NOT_WRITER`, and with `ERR_NOT_SUPPORTED` without `snapshots`. */
  snapshot(): Promise<{ id: string; sequence: number }>
  /** Ends it, and closes the database. A writer has everything in the log first, for at most the time of a lease. */
  close(): Promise<void>
  /** `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}
