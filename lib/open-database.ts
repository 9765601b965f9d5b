/** The part of `Database` that reads and writes no rows: what a database tells of itself, and its upkeep. */
import { invalidType, optionalBoolean, readOptions } from './base/arguments'
import { pathOf } from './base/paths'
import { guardReceivers, isObject } from './base/receiver'
import type { AnyFamily, BoundsOf } from './families'
import { pointers } from './guidance'
import { files } from './jobs/files'
import * as inspect from './jobs/inspect'
import type { NativeSession } from './native/session'
import type { Opened } from './open/open'
import { traced, tracedSync } from './traces/trace'
import type { TuningReport } from './tuning/entries'
import type { Tuning } from './tuning/options'
import type { DoctorOptions, DoctorReport } from './types/doctor'
import type { DatabaseEvents } from './types/events'
import type { DataFile, FilesOptions } from './types/files'
import type { CompactOptions, TuningChanges } from './types/options'
import type { Health, OptionsInForce, Recovery, Statistics } from './types/statistics'

/** @internal What a database is made of. Throws a TypeError for anything else. */
export let partsOf: (database: unknown) => Opened<AnyFamily>

/** @internal Whether a value is a database. */
export let isDatabase: (value: unknown) => boolean

/** Loaded when it is first asked for: opening a database does not need it. */
const loadDoctor = () => require('./doctor/diagnose') as typeof import('./doctor/diagnose.js')

/** A family by name, or the `ColumnFamily` itself. */
type Named = string | AnyFamily

/** The name of what is given where it is one family. */
function nameOf(family: Named | readonly Named[] | undefined): string | undefined {
  if (typeof family === 'string') return family
  return isObject(family) && 'name' in family ? String(family.name) : undefined
}

/** What `Database` has besides families, batches and snapshots. */
export abstract class OpenDatabase {
  readonly #parts: Opened<AnyFamily>

  static {
    isDatabase = (value) => isObject(value) && #parts in value
    partsOf = (database) => {
      if (isObject(database) && #parts in database) return database.#parts
      throw invalidType('db', 'a Database', database)
    }
    const type = { prototype: OpenDatabase.prototype, name: 'Database' }
    guardReceivers(type, isDatabase, ['close', Symbol.asyncDispose])
    Object.setPrototypeOf(OpenDatabase.prototype, pointers)
  }

  /** @internal */
  constructor(parts: Opened<AnyFamily>) {
    this.#parts = parts
  }

  /** The real, absolute path of the directory; of a database in memory, `memory:` and its name. */
  get path(): string {
    return this.#parts.connection.path
  }

  /** Whether `close` or `closeSync` was called. */
  get closed(): boolean {
    return this.#parts.connection.closed
  }

  /**
   * Returns a property of a family as text, or undefined where RocksDB has none of that name.
   *
   * @param name RocksDB's name, see `DB::Properties` in rocksdb/db.h.
   * @param family The default family where it is not given.
   *
   * @example
   * ```ts
   * console.log(db.property('rocksdb.stats'))
   * console.log(db.intProperty('rocksdb.estimate-num-keys', 'users'))
   * console.log(db.mapProperty('rocksdb.cfstats', 'users'))
   * ```
   */
  property(name: string, family?: Named): string | undefined {
    const { connection, families } = this.#parts
    return inspect.property(connection, name, families.handle(family))
  }

  /**
   * Returns a property that is a number, or undefined where there is none of that name. With
   * `{ aggregate: true }` instead of a family, the sum over all families.
   */
  intProperty(name: string, family?: Named | { aggregate: boolean }): number | undefined {
    const { connection, families } = this.#parts
    return inspect.intProperty(connection, name, families, family)
  }

  /** Returns a property that is a map of texts, or undefined where there is none of that name. */
  mapProperty(name: string, family?: Named): Record<string, string> | undefined {
    const { connection, families } = this.#parts
    return inspect.mapProperty(connection, name, families.handle(family))
  }

  /**
   * Returns roughly how many bytes a range of a family takes on disk and in memory; without a range,
   * all of the family. What is in memory is estimated from a few rows, within a factor of a few. With
   * a RocksDB before 9.8 (`versions`), 5 to 25 % of such estimates are wrong by far
   * (facebook/rocksdb#13047).
   */
  approximateSize<Family extends Named>(family: Family, range?: BoundsOf<Family>): number {
    return inspect.approximateSize(this.#parts.families.handle(family), range)
  }

  /**
   * Resolves to every table and blob file of a family, or of all, with what RocksDB knows of each: the
   * level, the keys, what is in it, its age. Tables come by level. What is in memory alone has no file. Of
   * a reader, the files of the state that it reads. Tables that are not open are opened for it, on another
   * thread.
   *
   * Fails with `ERR_ABORTED` as `signal` asks for, and with `ERR_TIMED_OUT` after `deadlineMs`.
   *
   * @example
   * ```ts
   * for (const { name, level, bytes, entries } of await db.files({ columnFamily: 'users' })) {
   *   console.log(level, name, bytes, entries)
   * }
   * ```
   */
  files(options?: FilesOptions<Named>): Promise<DataFile[]> {
    const { connection, families } = this.#parts
    return files(connection, families, options)
  }

  /** Returns RocksDB's options in force, by RocksDB's names, read back from RocksDB. */
  options(): OptionsInForce {
    return inspect.options(this.#parts.connection)
  }

  /**
   * Returns every tuning option: its value in force, the layer and the place it came from, and what
   * RocksDB holds. Works after `close`, too, without what RocksDB holds.
   *
   * @example
   * ```ts
   * const { writeBufferMb } = db.tuning().options
   * console.log(writeBufferMb.value, writeBufferMb.source) // 256 preset 'production'
   * await db.setOptions({ writeBufferMb: 64 })
   * await db.setOptions('events', { writeBufferMb: 32 })
   * ```
   */
  tuning(): TuningReport {
    return this.#parts.live.report()
  }

  /**
   * Changes tuning options while the database is open: those of a family, or those of the database
   * and of all families that have no value of their own. Resolves to what changed.
   *
   * Fails with `ERR_INVALID_TUNING`, and changes nothing, where a name or a value is wrong or one of
   * the options needs a reopen. A reader changes what is its process's own, such as `blockCacheMb`;
   * anything else fails with `ERR_READ_ONLY`.
   */
  setOptions(options: Tuning): Promise<TuningChanges>
  setOptions(family: Named, options: Tuning): Promise<TuningChanges>
  async setOptions(family: Named | Tuning, options?: Tuning): Promise<TuningChanges> {
    const { connection, families, live } = this.#parts
    connection.assertOpen('setOptions')
    if (options === undefined) return live.set(undefined, family)
    return live.set(families.handle(family).name, options)
  }

  /**
   * Looks for what is wrong, or will be: resolves to findings with the evidence of each, its cause and what to do,
   * worst first. It reads properties, counters, files and what the system says, and writes nothing. A rule that
   * cannot be judged, since `statistics` is off for example, is `'unknown'` in `rules`, with why.
   *
   * Fails with `ERR_ABORTED` as `signal` asks for, and with `ERR_TIMED_OUT` after `deadlineMs`.
   *
   * @example
   * ```ts
   * const { findings } = await db.doctor({ deadlineMs: 10_000 })
   * for (const { severity, what, remedy, guide } of findings) console.warn(severity, what, remedy, guide)
   * ```
   */
  async doctor(options?: DoctorOptions): Promise<DoctorReport> {
    return loadDoctor().diagnose(this.#parts, options)
  }

  /**
   * Returns RocksDB's counters and histograms by its names, counted from the opening on; undefined
   * where the tuning option `statistics` is off.
   */
  statistics(): Statistics | undefined {
    return this.#parts.connection.run('statistics', (session) => session.statistics())
  }

  /**
   * Whether the database takes writes. After an error in the background it is not `'ok'`, and
   * `healthCause` says why.
   *
   * @example
   * ```ts
   * db.on('backgroundError', ({ reason, message }) => console.error(reason, message))
   * if (db.health === 'readOnly') await db.resume()
   * ```
   */
  get health(): Health {
    return inspect.health(this.#parts.connection)
  }

  /**
   * RocksDB's text of why `health` is not `'ok'`. Where it is, the names of places whose changes were lost
   * (`retainChanges`), or undefined.
   */
  get healthCause(): string | undefined {
    return inspect.healthCause(this.#parts.connection)
  }

  /** What opening found, and what it had to drop. */
  get recovery(): Recovery {
    return this.#parts.connection.recovery
  }

  /**
   * Calls `listener` for each event of that type, until `off` or the close. Listeners do not keep the
   * process running. What a listener throws is an uncaught exception.
   *
   * @example
   * ```ts
   * db.on('stall', ({ columnFamily, state }) => console.warn(columnFamily, state))
   * db.once('flush', ({ file, bytes }) => console.log(file, bytes))
   * ```
   */
  on<E extends keyof DatabaseEvents>(event: E, listener: (event: DatabaseEvents[E]) => void): this {
    const { connection } = this.#parts
    connection.assertOpen('on')
    connection.events.on(event, listener)
    return this
  }

  /** Calls `listener` for the next event of that type alone. */
  once<E extends keyof DatabaseEvents>(
    event: E,
    listener: (event: DatabaseEvents[E]) => void,
  ): this {
    const { connection } = this.#parts
    connection.assertOpen('once')
    connection.events.once(event, listener)
    return this
  }

  /** Ends what `on` or `once` began. A listener that is not there is no error. */
  off<E extends keyof DatabaseEvents>(
    event: E,
    listener: (event: DatabaseEvents[E]) => void,
  ): this {
    this.#parts.connection.events.off(event, listener)
    return this
  }

  /**
   * Writes the memtables of a family, of several, or of all to the disk.
   *
   * Fails with `ERR_NO_SPACE` on a full disk, with what `healthCause` says while writes are stopped,
   * and with `ERR_READ_ONLY` on a reader.
   *
   * @example
   * ```ts
   * await db.flush(['users', events])
   * await db.compactRange('events', { lt: 1000n })
   * await db.checkpoint('backups/monday')
   * ```
   */
  async flush(family?: Named | readonly Named[]): Promise<void> {
    const { connection, families } = this.#parts
    await traced(
      'flush',
      connection,
      () => inspect.flush(connection, families, family),
      nameOf(family),
    )
  }

  /**
   * Writes the WAL's buffer to the operating system; with `sync` (false by default), to the disk.
   * Fails as `flush` does.
   */
  async flushWAL(options?: { sync?: boolean | undefined }): Promise<void> {
    const { sync: given } = readOptions('options', options, ['sync'])
    const sync = optionalBoolean('options.sync', given, false)
    await this.#call('flushWAL', (session, id) => session.flushWAL(id, sync))
  }

  /** Compacts a range of a family; without a range, all of it. Fails as `flush` does. */
  async compactRange<Family extends Named>(
    family: Family,
    range?: BoundsOf<Family>,
    options?: CompactOptions,
  ): Promise<void> {
    const handle = this.#parts.families.handle(family)
    const compact = () => inspect.compactRange(handle, range, options)
    await traced('compactRange', this.#parts.connection, compact, handle.name)
  }

  /**
   * Copies the database as it is now to a new directory, with hard links where the disk can. The copy
   * is a database of its own.
   *
   * Fails with `ERR_INVALID_ARGUMENT` where the directory exists, and otherwise as `flush` does.
   */
  async checkpoint(directory: string | URL): Promise<void> {
    const target = pathOf('directory', directory)
    await this.#call('checkpoint', (session, id) => session.checkpoint(id, target))
  }

  /**
   * Takes up writing again after an error that can heal while open, by flushing every family. After a
   * full disk it is not needed: writes go on by themselves once there is room, and at once with it.
   *
   * Fails with the error that is still in force, `ERR_NO_SPACE` where there is no room yet.
   */
  async resume(): Promise<void> {
    await this.#call('resume', (session, id) => session.resume(id))
  }

  /**
   * With `mode: { secondary }`: takes over the state of the primary. When this has resolved, reads
   * see all that was flushed or written to the WAL before it was called, each batch whole, and the
   * families of now. Until then, and until the next time, nothing moves; cursors, scans and snapshots
   * go on with the state they were opened on.
   *
   * Fails with `ERR_BUSY`, `retryable`, where the primary changes its files too fast, with
   * `ERR_CORRUPTION` where they are damaged, and with `ERR_NOT_SUPPORTED` in the other modes; reads
   * then go on as before.
   *
   * @example
   * ```ts
   * await using follower = await Database.open('data/shop', { mode: { secondary: 'data/follower' } })
   * await follower.catchUp()
   * ```
   */
  async catchUp(): Promise<void> {
    await this.#call('catchUp', (session, id) => session.catchUp(id))
  }

  /**
   * Waits for what runs, ends cursors and snapshots, and closes. Closing again is no error. Never
   * waits for room on a full disk: fails with `ERR_NO_SPACE` where rows that were written without the
   * WAL could not be saved.
   */
  close(): Promise<void> {
    const { connection } = this.#parts
    return traced('close', connection, () => connection.close())
  }

  /** `close` on this thread; the only form that saves memtables in a `process.on('exit')` listener. */
  closeSync(): void {
    const { connection } = this.#parts
    tracedSync('close', connection, () => connection.closeSync())
  }

  /** `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** A call of the session that is traced by the method's name. */
  #call(
    operation: 'flushWAL' | 'checkpoint' | 'resume' | 'catchUp',
    start: (session: NativeSession, id: number) => void,
  ): Promise<void> {
    const { connection } = this.#parts
    return traced(operation, connection, () => connection.call(operation, start))
  }
}
