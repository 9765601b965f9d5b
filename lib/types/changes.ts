/** What the change feed gives, and its options. Operations typed by family are in lib/families.ts. */
import type { Expiry } from './lifetimes'
import type { Bounds } from './ranges'

/**
 * What `Database.changes` and `ColumnFamily.watch` return. Leaving a `for await` loop ends it; so do
 * `return`, `await using`, its signal, and closing the database. Calls of `next` that wait are answered
 * in their order. It is used once.
 */
export interface ChangeStream<T> extends AsyncIterableIterator<T> {
  /** Resolves to the next one, which may take as long as nothing is written. */
  next(): Promise<IteratorResult<T, undefined>>
  /** Ends it: whatever waits is answered `done`. */
  return(): Promise<IteratorResult<T, undefined>>
  /** Ends it, and rejects with the error. */
  throw(error?: unknown): Promise<IteratorResult<T, undefined>>
  /** Itself, for `for await`. */
  [Symbol.asyncIterator](): ChangeStream<T>
  /** `return`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * What happened to rows of a family. The ends of a `deleteRange` are not always keys that the codec
 * knows, as what `clear` removes may begin before all keys: such an end is a `Buffer`.
 */
export type RowChange<Name extends string, Key, Value> =
  | {
      type: 'put'
      family: Name
      key: Key
      value: Value
      /** Where the rows of the family expire: when this one does; null is never. No change tells of it. */
      expiresAt?: Date | null
      dropped?: undefined
    }
  | { type: 'delete'; family: Name; key: Key; dropped?: undefined }
  | { type: 'merge'; family: Name; key: Key; operand: Value; dropped?: undefined }
  | {
      type: 'deleteRange'
      family: Name
      /** The first key that was removed. */
      begin: Key | Buffer
      /** The key before which that ended. */
      end: Key | Buffer
      dropped?: undefined
    }

/**
 * What happened to rows of a family that was dropped since. Its name may be that of another one now;
 * keys and values are bytes.
 */
export type DroppedRowChange =
  | { type: 'put'; family: string; key: Buffer; value: Buffer; dropped: true }
  | { type: 'delete'; family: string; key: Buffer; dropped: true }
  | { type: 'merge'; family: string; key: Buffer; operand: Buffer; dropped: true }
  | { type: 'deleteRange'; family: string; begin: Buffer; end: Buffer; dropped: true }

/** A family was made or dropped: `family` is its name. It is the only operation of its change. */
export type FamilyChange =
  | {
      type: 'createFamily'
      family: string
      /** As `FamilyOptions` names it; undefined if it has none. */
      mergeOperator: string | undefined
      /** How its rows expire; undefined if they do not. */
      expires: Expiry | undefined
      dropped?: undefined
    }
  | { type: 'dropFamily'; family: string; dropped?: undefined }

/** One commit: all of its operations, or those on the families that were asked for. */
export interface ChangeOf<Operation> {
  /**
   * The place behind this change, for `after`. It survives closing and crashes, and is good as long as
   * the changes behind it are kept. Made when it is read: fails with `ERR_CLOSED` once the database is closed.
   */
  readonly token: string
  /** RocksDB's sequence number of the last operation. Later changes have larger ones, but for families that
   * are made or dropped: those take none. */
  readonly sequence: bigint
  /** When it was committed, in milliseconds since 1970, as far as that is known. */
  readonly timeMs: number | undefined
  /** In the order they were written. Empty where `heartbeatMs` asks for changes without any. */
  readonly operations: Operation[]
}

/** Options of `Database.changes`. */
export interface ChangesOptions<Family = unknown> {
  /**
   * Where to begin: behind the change with this token, with the `'oldest'` change that is there, or `'now'`, which
   * is shortly after the first call of `next`: what is written in between may be left out. `'now'` by default.
   */
  after?: string | undefined
  /**
   * Only operations on these families, by name or as they are. A family given as a `ColumnFamily` is read with
   * its own codecs, and is not followed once it is dropped; a name is that of every family that has it. All by default.
   */
  families?: readonly Family[] | undefined
  /** Ends it with `ERR_ABORTED`; the error's `cause` is the signal's reason. */
  signal?: AbortSignal | undefined
  /** Bytes that are fetched at a time, 1 byte to 1 GiB; one change at least, however large. 1 MiB by default. */
  maxBufferedBytes?: number | undefined
  /**
   * Gives a change without operations where there was none for so many milliseconds: its token says how far
   * the feed has come. Never by default.
   */
  heartbeatMs?: number | undefined
  /**
   * Give only what is on the disk: after a write with `sync`, or `flushWAL`. False by default: a crash may take
   * back what was given, and its token fails then.
   */
  durable?: boolean | undefined
}

/** Options of `Database.retainChanges`. */
export interface RetainOptions {
  /** Keep what is behind this token, what follows `'now'`, or all from the `'oldest'` on. `'now'` by default. */
  after?: string | undefined
  /** Give up where more bytes of the WAL than this would be kept. No bound by default. */
  maxBytes?: number | undefined
  /** Give up where changes older than so many milliseconds would be kept. No bound by default. */
  maxAgeMs?: number | undefined
}

/** A place in the history behind which changes are kept. */
export interface RetainedChanges {
  name: string
  /** What is behind this is kept. */
  token: string
  /** Bytes of the WAL that are kept for it. */
  lagBytes: number
  /** Seconds since the oldest change behind it was written. */
  ageSeconds: number
  /** The bound that was given, if any. */
  maxBytes: number | undefined
  /** The bound that was given, if any. */
  maxAgeMs: number | undefined
  /** Whether a bound was passed, so that changes behind it may be gone. */
  lost: boolean
}

/** A range to watch, and how. */
export interface WatchOptions<K> extends Bounds<K> {
  /** Give the rows that are there, and what changes from then on. False by default. */
  initial?: boolean | undefined
  /** Ends it with `ERR_ABORTED`; the error's `cause` is the signal's reason. */
  signal?: AbortSignal | undefined
  /**
   * Bytes of changes that wait to be taken, 1 byte to 1 GiB. Where there are more, they are dropped, and a
   * `reset` is given. 16 MiB by default.
   */
  maxBufferedBytes?: number | undefined
  /** Gives `progress` where nothing changed for so many milliseconds. Never by default. */
  heartbeatMs?: number | undefined
  /**
   * Give only what is on the disk: after a write with `sync`, or `flushWAL`. False by default: a crash may take
   * back what was given, and its token fails then.
   */
  durable?: boolean | undefined
}

/** Why a watch begins again: its changes are not in the WAL any more, or too many waited to be taken. */
export type ResetReason = 'gap' | 'behind'

/**
 * What `ColumnFamily.watch` gives. `token` is the place behind the change, for `Database.changes`; rows that
 * were there have none.
 *
 * - `put`: the key has this value. Of a merge, the value as it was read afterwards, or a newer one. Where the rows of
 *   the family expire, `expiresAt` says when, null being never: no event tells of it.
 * - `delete`: the key is gone.
 * - `deleteRange`: all keys from `gte` up to, not including, `lt` are gone. An end that is no key of the codec is a
 *   `Buffer`.
 * - `ready`: with `initial`, all rows that were there have been given.
 * - `reset`: changes were missed, so forget all rows. With `initial` they are given again, then `ready`.
 * - `progress`: nothing happened.
 */
export type WatchEvent<Key, Value> =
  | {
      type: 'put'
      key: Key
      value: Value
      readonly expiresAt?: Date | null
      readonly token?: string
    }
  | { type: 'delete'; key: Key; readonly token?: string }
  | { type: 'deleteRange'; gte: Key | Buffer; lt: Key | Buffer; readonly token?: string }
  | { type: 'ready'; readonly token: string }
  | { type: 'progress'; readonly token: string }
  | { type: 'reset'; reason: ResetReason; readonly token?: undefined }
