/**
 * The boundary: the only file in `lib/` that has the addon. The types of what crosses it are in
 * this folder, by theme: `session`, `reads`, `writes`, `cursors`, `jobs` and `metrics`.
 *
 * Only numbers, strings, plain records of strings and byte buffers cross it. Families, cursors and
 * snapshots are integers that a session assigns. Rules for all functions below:
 *
 * - A function whose first parameter is `id` is asynchronous: it returns at once and its outcome
 *   arrives in one of the three `deliver…` hooks under that id.
 * - A failure at the call throws the error that `hooks.createError` makes; a later failure delivers
 *   such an error.
 * - Byte inputs are copied before the call returns, except `bytes` and `offsets` of the
 *   asynchronous `next`, which the caller keeps alive and untouched until the delivery.
 * - Keys go in through the shared key buffer: the caller writes them at offset 0 and passes
 *   lengths.
 * - Functions with more than a few numbers take them from a shared record, `request`: reading it
 *   costs less than as many arguments.
 */
import { loadBinary } from './binary'
import type { NativeFamilyOptions, OptionMap } from './jobs'
import type { NativeEventHooks } from './metrics'

/** Native's description of a failure; errors.ts makes a `RocksDBError` of it. */
export interface NativeFailure {
  /** `ERR_…`, see errors.ts. */
  code: string
  /** RocksDB's text, or ours. Never contains key or value bytes. */
  message: string
  /** RocksDB's severity: 0 none, 1 soft, 2 hard, 3 fatal, 4 unrecoverable. */
  severity: number
  retryable: boolean
  /** For writes: 1 nothing was applied, 2 it may have been applied; otherwise 0. */
  outcome: number
}

/** Passed to the addon once per environment (main thread or worker). */
export interface NativeHooks extends NativeEventHooks {
  createError(
    code: string,
    message: string,
    severity: number,
    retryable: boolean,
    outcome: number,
  ): Error
  /** Commits that left the queue together: all succeeded, or all failed with `error`. */
  deliverCommits(ids: Uint32Array, error: Error | undefined): void
  /**
   * The reads of one job. `lengths[i]` is the length of the value of `ids[i]`, `MISSING`, or
   * `FAILED` (then `errors[i]` is set). The values are end to end in `bytes`.
   */
  deliverReads(
    ids: Uint32Array,
    lengths: Uint32Array,
    bytes: Buffer,
    errors: (Error | undefined)[] | undefined,
  ): void
  /** The outcome of any other asynchronous function. */
  deliver(id: number, error: Error | undefined, value: unknown): void
  /** Of a call that was made while `measure` was on, before its outcome: see timings.ts. */
  deliverTimings(id: number, queueMs: number, walMs: number): void
}

export interface NativeOpenRequest {
  path: string
  /** `path` is a name: the database is not on a disk. */
  inMemory: boolean
  mode: 'read-write' | 'read-only' | 'secondary'
  /** With mode 'secondary'; otherwise ''. */
  secondaryPath: string
  /** One of ReplicaAccess; a plain database where it is not given. */
  replica?: number
  createIfMissing: boolean
  errorIfExists: boolean
  createMissingColumnFamilies: boolean
  /** Refuse to open if the WAL would have to be cut: wal_recovery_mode = kAbsoluteConsistency. */
  strictRecovery: boolean
  /** How long to wait for the directory's current holder; 0 means not at all. */
  waitForLockMs: number
  /**
   * The budget of open files that this process's databases share, if `db` has no number of its own;
   * otherwise 0.
   */
  openFilesBudget: number
  /** How many bytes of obsolete WAL are kept for readers of changes. */
  retainChangesBytes: number
  /** DBOptions */
  db: OptionMap
  /**
   * For families on disk that `families` does not name, and those created later without options.
   */
  defaults: NativeFamilyOptions
  families: (NativeFamilyOptions & { name: string })[]
  /**
   * Options that all families share and that are no option of theirs: see
   * native/engine/options/shared_objects.cc.
   */
  shared: OptionMap
}

/**
 * One instance of the addon: if `lib/` is loaded twice in an environment, there are two, which
 * share nothing.
 */
export interface NativeAddon {
  /** The versions compiled in, by library. */
  readonly versions: {
    rocksdb: string
    lz4: string
    zstd: string
    snappy?: string
    zlib?: string
    bzip2?: string
  }
  /** Whether zstd dictionaries can be trained in this build. */
  readonly zstdDictionaryTraining: boolean
  /** Call once, before anything else. `state` is as in StateSlot, `request` as in RequestSlot. */
  setup(hooks: NativeHooks, state: Uint32Array, request: Float64Array): void
  /** Native keeps a reference until the next call. */
  setKeyBuffer(buffer: Uint8Array): void
  setArena(buffer: Uint8Array): void
  /** Soft RLIMIT_NOFILE; 0 means no limit. */
  openFileLimit(): number
  /** See native/engine/files/device.h. */
  largestRead(path: string): number
  /**
   * The number of a lock of this file, which is created; 0 if somebody else has it. It ends with the
   * environment.
   */
  lockFile(path: string): number
  /** Ignores unknown numbers. */
  unlockFile(lock: number): void
  /**
   * Adds milliseconds to the clock by which rows expire, in the whole process, for tests; returns
   * what all calls have added together.
   */
  shiftClock(ms: number): number
  /**
   * Measures the calls of this thread from now on, or no longer; as often on as off. Returns how many
   * milliseconds this thread has spent on WALs while it measured.
   */
  measure(on: boolean): number
  /** Closes every open session and waits for all work; returns the failures. Delivers nothing. */
  closeAll(): string[]
  /** Delivers a NativeSession. */
  open(id: number, request: NativeOpenRequest): void
  /** Delivers string[]. */
  listColumnFamilies(id: number, path: string): void
  /** The families of a database in memory, none where it is not open; delivers string[]. */
  familiesInMemory(id: number, path: string): void
  destroy(id: number, path: string): void
  /** Delivers undefined; fails with ERR_LOCKED where anybody has the directory open. */
  checkClosed(id: number, path: string): void
  /**
   * Delivers who has the database open to write, such as `another process (12: node service.js)`; '' where
   * nobody has, or where the system does not tell. Takes no lock.
   */
  holder(id: number, path: string): void
  /** Delivers a RepairReport. */
  repair(id: number, path: string, force: boolean): void
}

/** The addon of this environment; a local build first, then the prebuilt binary. */
export const addon = (loadBinary() as { instance(): NativeAddon }).instance()
