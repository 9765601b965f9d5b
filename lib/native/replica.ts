/**
 * The part of the boundary for a replica: its queue of writes, and what it applies. See addon.ts.
 *
 * A database that was opened as a replica's node writes nothing inline. Every write of any session
 * becomes a proposal of one queue, in order. The session that opened it as a node, its owner, takes
 * proposals, has them put in the log, and says when they are there; only then are they applied, each
 * with the place in the log in the same write.
 */

/** How a database is opened: `NativeOpenRequest.replica`. */
export const ReplicaAccess = {
  /** As a plain database. A directory of a replica is refused unless it is only read. */
  none: 0,
  /** As a replica's node. */
  node: 1,
  /** As a plain database, also that of a replica, whose hidden family may be written: for restores. */
  raw: 2,
} as const

/** The family with the place in the log. It is not listed. */
export const REPLICA_FAMILY = 'rocksdb-live.replica'

/** What a body does, by its first byte. */
export const BodyKind = { commit: 0, createFamily: 1, dropFamily: 2 } as const

/** Bytes before the body of a proposal: u64 ordinal, u32 length of the body. Little-endian. */
export const PROPOSAL_BYTES = 12
/**
 * Bytes before the body of a record to apply: u64 epoch, u64 sequence, u64 ordinal, u32 length of the
 * body. Little-endian. An empty body only moves the place.
 */
export const APPLIED_BYTES = 28

/** The place in the log that the database has come to. */
export interface NativeReplicaPosition {
  /** Of the log: 16 hexadecimal digits. */
  logId: string
  /** The sequence of the epoch record under which it was written. */
  epoch: number
  /** The last sequence in the log that is known to be applied. */
  sequence: number
  /** The number of the last applied proposal in its epoch; those of an epoch begin with 1. */
  ordinal: number
}

/** What a replica's queue holds. */
export interface NativeReplicaState {
  /** Proposals that were not taken yet, and their bytes. */
  queued: number
  queuedBytes: number
  /** Proposals that were taken and are not known to be in the log. */
  taken: number
  /** With `local`: how long the oldest applied one has not been known to be in the log, in milliseconds. */
  unconfirmedMs: number
}

/** Only for the owner of a replica; all others fail with ERR_NOT_SUPPORTED. */
export interface NativeReplica {
  /** What the directory's place row says; undefined where there is none. */
  replicaPosition(): NativeReplicaPosition | undefined
  /** Follows this log from now on: place rows are of it. */
  replicaLog(logId: string): void
  /**
   * Takes writes from now on, under this epoch; proposals get the numbers from `ordinal` + 1 on. With
   * `local` they are applied and acknowledged before they are in the log; while the oldest that is not
   * in it is older than `maxLagMs`, the next ones wait, and fail with ERR_BUSY (not applied) after
   * `holdMs`.
   */
  replicaWrite(
    epoch: number,
    ordinal: number,
    local: boolean,
    maxLagMs: number,
    holdMs: number,
  ): void
  /**
   * Takes no more writes: they fail with ERR_NOT_WRITER, not applied, and `text` as the reason, as do
   * those that were not taken. Those that were taken fail with `outcome: 'unknown'`. Delivers undefined
   * once all that is known to be in the log is applied. This is the state after opening, too.
   */
  replicaFollow(id: number, text: string): void
  /** No more writes for now, but those that were queued stay: for an orderly hand-over. */
  replicaDrain(text: string): void
  /**
   * Delivers the next proposals, in order, of about `maxBytes`, at least one; empty after
   * `replicaCancel`, and where it takes no more writes. One at a time.
   */
  replicaNext(id: number, maxBytes: number): void
  replicaCancel(): void
  /**
   * All taken proposals up to this one are in the log, this one at `sequence`. They are applied in
   * order, and their writers told.
   */
  replicaLogged(ordinal: number, sequence: number): void
  /**
   * Applies records of the log, in order; see APPLIED_BYTES. Delivers undefined. If it fails, those
   * before the one that failed are applied, and `replicaPosition` says how far it came. Refused while
   * it takes writes. One at a time.
   */
  replicaApply(id: number, records: Uint8Array): void
  replicaState(): NativeReplicaState
}
