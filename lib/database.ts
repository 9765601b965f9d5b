/** An open database: its families, batches and snapshots. */
import { type MemoryDatabase, memoryDatabase } from './base/memory'
import { checkInside, guardReceivers, INSIDE } from './base/receiver'
import { addOperation, type Batch, batchOf, makeBatch } from './batch'
import { ChangesDatabase } from './changes-database'
import { type ColumnFamily, handleOf, makeFamily } from './column-family'
import { makeSnapshot, type Snapshot } from './connection/snapshot'
import type {
  AnyFamily,
  BytesFamily,
  DefaultFamily,
  FamilyFrom,
  FamilyName,
  Operation,
  Operations,
} from './families'
import { repair } from './jobs/repair'
import { ReplicaAccess } from './native/replica'
import type { FamilyClass } from './open/families'
import * as open from './open/open'
import { isDatabase, partsOf } from './open-database'
import { traced } from './traces/trace'
import type { Tuning } from './tuning/options'
import type { DoctorOptions, DoctorReport } from './types/doctor'
import type {
  FamilyCodecs,
  FamilyOptions,
  FamilySpecs,
  OpenOptions,
  WriteOptions,
} from './types/options'
import type { RepairOptions, RepairReport } from './types/repair'
import type { RowWritable, WritableOptions } from './types/streams'
import type { Records } from './writes/records'
import { createOperationWritable } from './writes/streams'

/** @internal Opens a replica's node: nothing is written but what its owner puts into the log. */
export let openAsReplica: <const F extends FamilySpecs>(
  path: string | URL | MemoryDatabase,
  options?: OpenOptions<F>,
) => Promise<Database<F>>

/** @internal Opens as a plain database, also a replica's, whose hidden family may be written. */
export let openRaw: (path: string, options?: OpenOptions) => Promise<Database>

const familyClass: FamilyClass<AnyFamily> = { make: makeFamily, handleOf }

/**
 * An open database. Made by `Database.open`; `F` are the families it was opened with. Opening a
 * directory again, from any thread of the process, gives another `Database` on the same RocksDB.
 *
 * Methods that return a promise never throw, they reject. Wrong arguments are a `TypeError` or
 * `RangeError` with one of Node's codes; other failures are a `RocksDBError`. After `close`,
 * what needs the database fails with `ERR_CLOSED`.
 *
 * @example
 * ```ts
 * await using db = await Database.open('data/shop', {
 *   preset: 'production',
 *   columnFamilies: { users: { key: 'utf8', value: json<User>() } },
 * })
 * const users = db.columnFamily('users')
 * await users.put('ada', { name: 'Ada' })
 * ```
 */
// biome-ignore lint/complexity/noBannedTypes: {} is "no family but the default one is named"
export class Database<F extends FamilySpecs = {}> extends ChangesDatabase<F> {
  static {
    guardReceivers(Database, isDatabase)
    const openIn = async (path: unknown, options: unknown, replica: number) =>
      new Database<never>(INSIDE, await open.open(path, options, familyClass, { replica }))
    openAsReplica = (path, options) => openIn(path, options, ReplicaAccess.node)
    openRaw = (path, options) => openIn(path, options, ReplicaAccess.raw)
  }

  private constructor(inside: unknown, opened: open.Opened<AnyFamily>) {
    checkInside(inside, 'Database', 'await Database.open(path)')
    super(opened)
  }

  static #opened<F extends FamilySpecs>(
    path: unknown,
    opening: () => Promise<open.Opened<AnyFamily>>,
  ): Promise<Database<F>> {
    return traced('open', open.placeOf(path), async (context) => {
      const db = new Database<F>(INSIDE, await opening())
      if (context !== undefined) context.database = db.path
      return db
    })
  }

  /**
   * Opens the database in a directory, and makes it where there is none. Creates the families that
   * are named and not there yet, and opens those that are there and not named as well.
   *
   * Fails with `ERR_LOCKED` where another process, or another copy of this package, has it open, with
   * `ERR_OPTIONS_MISMATCH` where this one has, with other options, with `ERR_INVALID_TUNING` for
   * impossible tuning, with `ERR_INVALID_ARGUMENT` where `createIfMissing` or `errorIfExists` forbid
   * it, and with `ERR_CORRUPTION` where the files are damaged.
   */
  // biome-ignore lint/complexity/noBannedTypes: see above
  static async open<const F extends FamilySpecs = {}>(
    path: string | URL | MemoryDatabase,
    options?: OpenOptions<F>,
  ): Promise<Database<F>> {
    return Database.#opened<F>(path, () => open.open(path, options, familyClass))
  }

  /**
   * Names a database in memory, for `Database.open`. Nothing of it is on a disk, and everything works
   * but `checkpoint` (`ERR_NOT_SUPPORTED`); it is opened read-write. Whoever in the process opens the
   * same name meanwhile, in any worker, has the same database; it ends with the last `close`. For
   * tests and caches: its rows are in this process's memory, those of its tables as well.
   *
   * @param name Any text but an empty one; `db.path` is `memory:` and the name.
   *
   * @example
   * ```ts
   * await using db = await Database.open(Database.memory('test'))
   * await db.default.put('key', 'value')
   * ```
   */
  static memory(name: string): MemoryDatabase {
    return memoryDatabase(name)
  }

  /**
   * Opens with exactly this tuning: no file, environment or command line has a say. Fails as `open`
   * does.
   */
  // biome-ignore lint/complexity/noBannedTypes: see above
  static async openWithTuning<const F extends FamilySpecs = {}>(
    path: string | URL | MemoryDatabase,
    tuning: Tuning,
    options?: Omit<OpenOptions<F>, 'tuning' | 'configFile' | 'env' | 'envPrefix' | 'argv'>,
  ): Promise<Database<F>> {
    return Database.#opened<F>(path, () => open.openWithTuning(path, tuning, options, familyClass))
  }

  /**
   * Resolves to the names of the families in a database, which need not be open. Fails with
   * `ERR_INVALID_ARGUMENT` where there is no database.
   */
  static async listColumnFamilies(path: string | URL): Promise<string[]> {
    return open.listFamilies(path)
  }

  /**
   * Deletes a closed database, and its directory where nothing else is in it: files that are not RocksDB's stay.
   * Fails with `ERR_LOCKED` where it is open, and with `ERR_INVALID_ARGUMENT` where there is none. One that failed, or
   * whose process was killed, can be called again.
   */
  static async destroy(path: string | URL): Promise<void> {
    await open.onPath('destroy', path)
  }

  /**
   * Repairs a closed database that is damaged: keeps families, tables, blob files and the WAL as far
   * as they can be read. Resolves to what was found, kept and lost. Where nothing is damaged it
   * changes nothing (`repaired: false`).
   *
   * Reads every file, and may need as much space as the database takes. Fails with `ERR_LOCKED` where
   * it is open anywhere, with `ERR_NOT_SUPPORTED` where it is of a kind that a repair cannot keep, and
   * with `ERR_CORRUPTION` where nothing of it can be read. Whenever it fails, or its process dies, the
   * database is as it was.
   *
   * @example
   * ```ts
   * const { repaired, damage, lostFiles } = await Database.repair('data/shop')
   * if (repaired) console.warn(damage, lostFiles)
   * ```
   */
  static async repair(path: string | URL, options?: RepairOptions): Promise<RepairReport> {
    return repair(path, options)
  }

  /**
   * Looks for what is wrong with the database in a directory, as `db.doctor()` does: read-only, or as a secondary
   * beside a process that has it open. Where it cannot be opened, it says what its files, its LOG and the system
   * tell (`opened: 'files'`). It writes nothing into the directory, and takes no lock.
   *
   * Fails with `ERR_INVALID_ARGUMENT` where there is no directory, and otherwise as `db.doctor()` does.
   *
   * @example
   * ```ts
   * const { opened, findings } = await Database.doctor('data/shop')
   * if (findings.some(({ severity }) => severity === 'critical')) console.error(opened, findings)
   * ```
   */
  static async doctor(path: string | URL, options?: DoctorOptions): Promise<DoctorReport> {
    const { diagnosePath } = require('./doctor/diagnose') as typeof import('./doctor/diagnose.js')
    return diagnosePath(path, options, (at, secondary) =>
      open.open(
        at,
        { mode: secondary === undefined ? 'read-only' : { secondary }, env: false },
        familyClass,
      ),
    )
  }

  /** The family named `default`, which every database has. */
  get default(): DefaultFamily<F> {
    return partsOf(this).families.default as DefaultFamily<F>
  }

  /**
   * Returns the family of a name, with the codecs that it was opened or created with, or with the
   * codecs given here. Where the database was opened with named families, other names do not compile,
   * unless they are a `string` that is only known when the program runs, or come with codecs.
   *
   * Fails with `ERR_INVALID_ARG_VALUE` where there is no such family; the message says which name is
   * nearest.
   *
   * @example
   * ```ts
   * const users = db.columnFamily('users')
   * const raw = db.columnFamily('users', { key: 'utf8', value: 'buffer' })
   * const made = await db.createColumnFamily('orders', { key: 'uint64', value: json<Order>() })
   * await db.dropColumnFamily('orders')
   * ```
   */
  columnFamily<N extends keyof F & string>(name: N): FamilyFrom<F[N]>
  columnFamily<const S extends FamilyCodecs>(name: string, codecs: S): FamilyFrom<S>
  columnFamily<K = never, V = never>(name: [K] extends [never] ? never : string): ColumnFamily<K, V>
  columnFamily<N extends string>(name: FamilyName<F, N>): BytesFamily
  columnFamily(name: string, codecs?: FamilyCodecs): AnyFamily {
    return partsOf(this).families.get(name, codecs)
  }

  /** Returns the names of all families, those that other threads made among them. */
  columnFamilies(): string[] {
    return partsOf(this).families.names()
  }

  /**
   * Makes a family and resolves to it. Fails with `ERR_INVALID_ARGUMENT` where there is one of that
   * name, and with `ERR_READ_ONLY` on a reader.
   */
  // biome-ignore lint/complexity/noBannedTypes: see above
  async createColumnFamily<const S extends FamilyOptions = {}>(
    name: string,
    options?: S,
  ): Promise<FamilyFrom<S>> {
    const { connection, families } = partsOf(this)
    const create = () => families.create(name, options)
    return (await traced('createColumnFamily', connection, create)) as FamilyFrom<S>
  }

  /**
   * Removes a family and all its rows. Whatever still uses it fails with `ERR_DROPPED`. Fails with
   * `ERR_INVALID_ARGUMENT` for the default family, and with `ERR_READ_ONLY` on a reader.
   */
  async dropColumnFamily(family: string | AnyFamily): Promise<void> {
    const { connection, families } = partsOf(this)
    await traced('dropColumnFamily', connection, () => families.drop(family))
  }

  /** Returns an empty batch, for any families of this database. */
  batch(): Batch {
    return makeBatch(partsOf(this).connection)
  }

  /**
   * Commits the operations at once: all of them or, where one is wrong, none. Each takes keys and
   * values as the codecs of its family take them; without a family it is on the default one.
   *
   * Fails with a `RocksDBError` whose `outcome` says whether the operations may be there, as the
   * writes of a family do.
   *
   * @example
   * ```ts
   * await db.write([
   *   { type: 'put', columnFamily: users, key: 'ada', value: { name: 'Ada' } },
   *   { type: 'deleteRange', columnFamily: events, begin: 0n, end: 1000n },
   * ], { sync: true })
   * ```
   */
  async write<Families extends readonly unknown[] | []>(
    operations: Operations<Families, DefaultFamily<F>>,
    options?: WriteOptions,
  ): Promise<void> {
    await this.#filled(operations).write(options)
  }

  /** `write` on this thread. */
  writeSync<Families extends readonly unknown[] | []>(
    operations: Operations<Families, DefaultFamily<F>>,
    options?: WriteOptions,
  ): void {
    this.#filled(operations).writeSync(options)
  }

  /**
   * Returns a stream in object mode that takes operations on any families, as `write` does, and writes them
   * in batches of `batchBytes`, with back-pressure. Batches before one that fails are written. Destroyed, it
   * writes nothing more, and is closed once the batch that was being written is done. To check an operation
   * against the codecs of its family, declare it as `Operation<typeof users>`.
   *
   * @example
   * ```ts
   * const operations = [
   *   { type: 'put', columnFamily: users, key: 'ada', value: { name: 'Ada' } },
   *   { type: 'delete', columnFamily: events, key: 1n },
   * ]
   * await pipeline(Readable.from(operations), db.writable({ batchBytes: 4 << 20 }))
   * ```
   */
  writable(options?: WritableOptions): RowWritable<Operation> {
    const { connection, families } = partsOf(this)
    const add = (records: Records, operation: unknown) =>
      addOperation(connection, records, operation, families.default, 'operation')
    return createOperationWritable(connection, add, options)
  }

  /**
   * Returns what the database holds now, to read from later. Release it: it keeps old data on the
   * disk. That of a secondary lives on when `catchUp` moves it.
   */
  snapshot(): Snapshot {
    return makeSnapshot(partsOf(this).connection)
  }

  #filled(operations: unknown): Batch {
    const { connection, families } = partsOf(this)
    return batchOf(connection, families.default, operations)
  }
}
