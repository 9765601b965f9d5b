/** An open database: its families, batches and snapshots, and what looks after it. */
import { invalidType, optionalBoolean, readOptions } from './base/arguments'
import { pathOf } from './base/paths'
import { guardReceivers, isObject } from './base/receiver'
import { Batch } from './batch'
import type { ColumnFamily } from './column-family'
import type { Connection } from './connection/connection'
import { Snapshot } from './connection/snapshot'
import * as inspect from './jobs/inspect'
import { type RepairOptions, type RepairReport, repair } from './jobs/repair'
import type { DatabaseEvents } from './native/events'
import type * as families from './open/families'
import type { LiveTuning, TuningChanges } from './open/live'
import * as open from './open/open'
import type { Tuning, TuningReport } from './tuning'
import type {
  AnyFamily,
  Bounds,
  BytesFamily,
  CompactOptions,
  FamilyCodecs,
  FamilyFrom,
  FamilyOptions,
  FamilySpecs,
  Health,
  OpenOptions,
  Operation,
  OptionsInForce,
  Recovery,
  Statistics,
  WriteOptions,
} from './types/types'

/** The tuning of a database, for what stands beside the class. */
// biome-ignore lint/suspicious/noExplicitAny: a database of any families is meant
export let liveOf: (database: Database<any>) => LiveTuning

/** The connection of a database, for what stands beside the class. Throws where it is none. */
// biome-ignore lint/suspicious/noExplicitAny: a database of any families is meant
export let connectionOf: (database: Database<any>) => Connection

/** A family by name, or the `ColumnFamily` itself. */
type Named = string | AnyFamily

/**
 * An open database. Made by `Database.open`; `F` are the families it was opened with. Opening a
 * directory again, from any thread of the process, gives another `Database` on the same RocksDB.
 *
 * Methods that return a promise never throw, they reject. After `close` all fail with `ERR_CLOSED`.
 */
// biome-ignore lint/complexity/noBannedTypes: {} is "no family but the default one is named"
export class Database<F extends FamilySpecs = {}> {
  readonly #connection: Connection
  readonly #families: families.Families
  readonly #live: LiveTuning

  static {
    guardReceivers(Database, (receiver) => isObject(receiver) && #connection in receiver, [
      'close',
      Symbol.asyncDispose,
    ])
    connectionOf = (database) => {
      if (typeof database === 'object' && database !== null && #connection in database) {
        return database.#connection
      }
      throw invalidType('db', 'a Database', database)
    }
    liveOf = (database) => {
      if (typeof database === 'object' && database !== null && #live in database) {
        return database.#live
      }
      throw invalidType('db', 'a Database', database)
    }
  }

  /** @internal Made by `Database.open`. */
  constructor(opened: open.Opened) {
    this.#connection = opened.connection
    this.#families = opened.families
    this.#live = opened.live
  }

  /**
   * Opens the database in a directory, and makes it where there is none.
   *
   * Fails with `ERR_LOCKED` where another process, or another copy of this package, has it open, with
   * `ERR_OPTIONS_MISMATCH` where this one has, with other options, and with `ERR_INVALID_TUNING` for impossible tuning.
   */
  // biome-ignore lint/complexity/noBannedTypes: see above
  static async open<const F extends FamilySpecs = {}>(
    path: string | URL,
    options?: OpenOptions<F>,
  ): Promise<Database<F>> {
    return new Database<F>(await open.open(path, options))
  }

  /** Opens with exactly this tuning: no file, environment or command line has a say. */
  // biome-ignore lint/complexity/noBannedTypes: see above
  static async openWithTuning<const F extends FamilySpecs = {}>(
    path: string | URL,
    tuning: Tuning,
    options?: Omit<OpenOptions<F>, 'tuning' | 'configFile' | 'env' | 'envPrefix' | 'argv'>,
  ): Promise<Database<F>> {
    return new Database<F>(await open.openWithTuning(path, tuning, options))
  }

  /** The names of the families in a database that need not be open. */
  static async listColumnFamilies(path: string | URL): Promise<string[]> {
    return (await open.onPath('listColumnFamilies', path)) as string[]
  }

  /** Deletes a closed database. Files that are not RocksDB's stay. */
  static async destroy(path: string | URL): Promise<void> {
    await open.onPath('destroy', path)
  }

  /**
   * Repairs a closed database that is damaged: keeps families, tables, blob files and the WAL as far as they can be
   * read, and tells what was found, kept and lost. Where nothing is damaged it changes nothing (`repaired: false`).
   *
   * Reads every file, and may need as much space as the database takes. Fails with `ERR_LOCKED` where it is open
   * anywhere, with `ERR_NOT_SUPPORTED` where it is of a kind that a repair cannot keep, and with `ERR_CORRUPTION`
   * where nothing of it can be read. Whenever it fails, or its process dies, the database is as it was.
   */
  static async repair(path: string | URL, options?: RepairOptions): Promise<RepairReport> {
    return repair(path, options)
  }

  /** The real, absolute path of the directory. */
  get path(): string {
    return this.#connection.path
  }

  /** Whether `close` was called. */
  get closed(): boolean {
    return this.#connection.closed
  }

  /** The family named `default`, that every database has. */
  get default(): FamilyFrom<F extends { default: infer S } ? S : unknown> {
    return this.#families.default as FamilyFrom<F extends { default: infer S } ? S : unknown>
  }

  /** A family by its name, with the codecs given at open or creation, or with these. */
  columnFamily<N extends keyof F & string>(name: N): FamilyFrom<F[N]>
  columnFamily<const S extends FamilyCodecs>(name: string, codecs: S): FamilyFrom<S>
  columnFamily(name: string): BytesFamily
  columnFamily<K, V>(name: string): ColumnFamily<K, V>
  columnFamily(name: string, codecs?: FamilyCodecs): AnyFamily {
    return this.#families.get(name, codecs)
  }

  /** The names of all families, those made by other threads among them. */
  columnFamilies(): string[] {
    return this.#families.names()
  }

  /** Makes a family. Fails with `ERR_INVALID_ARGUMENT` where there is one of that name. */
  // biome-ignore lint/complexity/noBannedTypes: see above
  async createColumnFamily<const S extends FamilyOptions = {}>(
    name: string,
    options?: S,
  ): Promise<FamilyFrom<S>> {
    return (await this.#families.create(name, options)) as FamilyFrom<S>
  }

  /** Removes a family and all its rows. Whatever still uses it fails with `ERR_DROPPED`. */
  async dropColumnFamily(family: Named): Promise<void> {
    await this.#families.drop(family)
  }

  /** An empty batch, for any families of this database. */
  batch(): Batch {
    return new Batch(this.#connection)
  }

  /** Commits the operations at once: all of them or, where one is wrong, none. */
  async write(operations: readonly Operation[], options?: WriteOptions): Promise<void> {
    await this.#filled(operations).write(options)
  }

  /** `write` on this thread. */
  writeSync(operations: readonly Operation[], options?: WriteOptions): void {
    this.#filled(operations).writeSync(options)
  }

  /**
   * What the database holds now, to read from later. Release it: it keeps old data on the disk. That
   * of a secondary lives on when `catchUp` moves it.
   */
  snapshot(): Snapshot {
    return new Snapshot(this.#connection)
  }

  /** A RocksDB property (rocksdb/db.h, `DB::Properties`) of a family; undefined where there is none of that name. */
  property(name: string, family?: Named): string | undefined {
    return inspect.property(this.#connection, name, this.#families.handle(family))
  }

  /** A property that is a number; with `aggregate`, summed over all families. */
  intProperty(name: string, family?: Named | { aggregate: boolean }): number | undefined {
    return inspect.intProperty(this.#connection, name, this.#families, family)
  }

  /** A property that is a map. */
  mapProperty(name: string, family?: Named): Record<string, string> | undefined {
    return inspect.mapProperty(this.#connection, name, this.#families.handle(family))
  }

  /**
   * Bytes that a range of a family takes on disk and in memory, roughly; without a range, all of it.
   * Reads no disk: a table of which the range has a part counts as half, where its index is not in memory.
   * What is in memory is estimated from a few rows, within a factor of a few. With a RocksDB before
   * 9.8 (`versions`), 5 to 25 % of such estimates are wrong by far (facebook/rocksdb#13047).
   */
  approximateSize<KI>(
    // biome-ignore lint/suspicious/noExplicitAny: whatever the family gives
    family: string | ColumnFamily<any, any, KI, any>,
    range?: Bounds<NoInfer<KI>>,
  ): number {
    return inspect.approximateSize(this.#families.handle(family), range)
  }

  /** RocksDB's options in force, read back from RocksDB. */
  options(): OptionsInForce {
    return inspect.options(this.#connection)
  }

  /** Every tuning option, its value in force, where that came from, and what RocksDB holds. */
  tuning(): TuningReport {
    return this.#live.report()
  }

  /**
   * Changes tuning options while the database is open: those of a family, or of the database and of
   * all families that have no value of their own. Options of the whole database may stand in both.
   * Fails with `ERR_INVALID_TUNING`, and changes nothing, where one of them needs a reopen.
   *
   * A reader changes what is its process's own, such as `blockCacheMb`; anything else RocksDB would
   * write down beside the writer's files, and it fails with `ERR_READ_ONLY`.
   */
  setOptions(options: Tuning): Promise<TuningChanges>
  setOptions(family: Named, options: Tuning): Promise<TuningChanges>
  async setOptions(family: Named | Tuning, options?: Tuning): Promise<TuningChanges> {
    this.#connection.assertOpen('setOptions')
    if (options === undefined) return this.#live.set(undefined, family)
    return this.#live.set(this.#families.handle(family).name, options)
  }

  /** RocksDB's counters and histograms, by its names; undefined where `statistics` is off. */
  statistics(): Statistics | undefined {
    return this.#connection.run('statistics', (session) => session.statistics())
  }

  /** How the database is. */
  get health(): Health {
    return inspect.health(this.#connection)
  }

  /** Why it is not `'ok'`; undefined where it is. */
  get healthCause(): string | undefined {
    return inspect.healthCause(this.#connection)
  }

  /** What opening found, and what it had to drop. */
  get recovery(): Recovery {
    return this.#connection.recovery
  }

  /**
   * Calls `listener` whenever RocksDB reports such an event, until `off` or the close. An open
   * database with listeners does not keep the process running.
   */
  on<E extends keyof DatabaseEvents>(event: E, listener: (event: DatabaseEvents[E]) => void): this {
    this.#connection.assertOpen('on')
    this.#connection.events.on(event, listener)
    return this
  }

  /** `on`, for the next event alone. */
  once<E extends keyof DatabaseEvents>(
    event: E,
    listener: (event: DatabaseEvents[E]) => void,
  ): this {
    this.#connection.assertOpen('once')
    this.#connection.events.once(event, listener)
    return this
  }

  /** Ends what `on` or `once` began. */
  off<E extends keyof DatabaseEvents>(
    event: E,
    listener: (event: DatabaseEvents[E]) => void,
  ): this {
    this.#connection.events.off(event, listener)
    return this
  }

  /**
   * Writes the memtables of a family, or of all, to the disk. Fails with `ERR_NO_SPACE`, or what
   * `healthCause` says, while writes are stopped.
   */
  async flush(family?: Named | readonly Named[]): Promise<void> {
    await inspect.flush(this.#connection, this.#families, family)
  }

  /**
   * Writes the WAL's buffer to the operating system; with `sync`, to the disk. Fails while writes
   * are stopped, as `flush` does.
   */
  async flushWAL(options?: { sync?: boolean | undefined }): Promise<void> {
    const { sync: given } = readOptions('options', options, ['sync'])
    const sync = optionalBoolean('options.sync', given, false)
    await this.#connection.call('flushWAL', (session, id) => session.flushWAL(id, sync))
  }

  /** Compacts a range of a family, or all of it. Fails while writes are stopped, as `flush` does. */
  async compactRange<KI>(
    // biome-ignore lint/suspicious/noExplicitAny: whatever the family gives
    family: string | ColumnFamily<any, any, KI, any>,
    range?: Bounds<NoInfer<KI>>,
    options?: CompactOptions,
  ): Promise<void> {
    await inspect.compactRange(this.#families.handle(family), range, options)
  }

  /**
   * Copies the database as it is now to a new directory, with hard links where the disk can. Fails
   * while writes are stopped, as `flush` does.
   */
  async checkpoint(directory: string | URL): Promise<void> {
    const target = pathOf('directory', directory)
    await this.#connection.call('checkpoint', (session, id) => session.checkpoint(id, target))
  }

  /**
   * Takes up writing again after an error that can heal while open, by flushing every family. After a
   * full disk it is not needed: writes go on by themselves once there is room, and at once with it.
   * Fails with the error that is still in force, `ERR_NO_SPACE` where there is no room yet.
   */
  async resume(): Promise<void> {
    await this.#connection.call('resume', (session, id) => session.resume(id))
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
   */
  async catchUp(): Promise<void> {
    await this.#connection.call('catchUp', (session, id) => session.catchUp(id))
  }

  /**
   * Waits for what runs, ends cursors and snapshots, and closes; closing again is no error. Never waits
   * for room on a full disk: fails with `ERR_NO_SPACE` where rows that were written without the WAL
   * could not be saved.
   */
  close(): Promise<void> {
    return this.#connection.close()
  }

  /** `close` on this thread; the only form that saves memtables in a `process.on('exit')` listener. */
  closeSync(): void {
    this.#connection.closeSync()
  }

  /** `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #filled(operations: readonly Operation[]): Batch {
    return Batch.of(this.#connection, this.#families.default, operations)
  }
}
