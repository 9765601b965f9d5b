/** Batches: writes to any families that are committed at once. */
import { invalidType, invalidValue, readOptions } from './base/arguments'
import { checkInside, INSIDE, invalidThis, isObject } from './base/receiver'
import { settled } from './base/turns'
import { expiryOf, LIFETIME_OPTIONS, readLifetime } from './codecs/envelope'
import { handleOf } from './column-family'
import type { Connection } from './connection/connection'
import { Counted } from './connection/counts'
import type { FamilyHandle } from './connection/handle'
import { writeFlags } from './connection/requests'
import type { AnyCounters } from './counter-family'
import type { AnyFamily, BoundOf, KeyInputOf, ValueInputOf } from './families'
import { explain } from './native/lane'
import { INCREMENT, KINDS, kindNames, kindOf, OPERANDS } from './types/kinds'
import type { Lifetime } from './types/lifetimes'
import type { WriteOptions } from './types/options'
import { counters } from './writes/counters'
import { Records } from './writes/records'
import { traceRecords, traceRecordsSync } from './writes/traced'

/** Properties of the operations of an array. */
const OPERATION = ['type', 'columnFamily', ...OPERANDS, ...LIFETIME_OPTIONS]

/** @internal The handle of a family, which must belong to this database. */
export function handleIn(connection: Connection, family: unknown): FamilyHandle {
  const handle = handleOf(family)
  if (handle.connection !== connection) {
    throw invalidValue('columnFamily', family, 'must be of the same database')
  }
  return handle
}

/** @internal Adds an operation in object form to records; `name` names it in errors. */
export function addOperation(
  connection: Connection,
  records: Records,
  operation: unknown,
  defaultFamily: AnyFamily,
  name: string,
): void {
  const given = readOptions(name, operation === undefined ? null : operation, OPERATION)
  const { type, columnFamily } = given
  const kind = kindOf(type)
  if (kind === undefined) throw invalidValue(`${name}.type`, type, `must be ${kindNames()}`)
  const family = handleIn(connection, columnFamily === undefined ? defaultFamily : columnFamily)
  const expiresAtMs = expiryOf(given, name, family)
  if (expiresAtMs !== undefined && kind !== KINDS.put) {
    throw invalidValue(`${name}.type`, type, "must be 'put' where the row is to expire")
  }
  records.add(kind, family, given[kind.first], given[kind.secondName], expiresAtMs)
}

/** @internal The records of operations in array form. */
export function recordsOf(
  connection: Connection,
  defaultFamily: AnyFamily,
  operations: unknown,
  into: Records = new Records(),
): Records {
  if (!Array.isArray(operations)) throw invalidType('operations', 'an Array', operations)
  const { length } = operations
  for (let i = 0; i < length; i++) {
    addOperation(connection, into, operations[i], defaultFamily, `operations[${i}]`)
  }
  return into
}

/** @internal An empty batch. */
export let makeBatch: (connection: Connection) => Batch

/** @internal A batch of operations in array form. */
export let batchOf: (connection: Connection, defaultFamily: AnyFamily, operations: unknown) => Batch

/**
 * Writes that are committed at once, in their order: all of them, or none. Keys and values are
 * encoded as they are added, so they may be changed afterwards. An operation that is refused leaves
 * the batch as it was. A batch holds less than 2 GiB.
 *
 * @example
 * ```ts
 * await db
 *   .batch()
 *   .put(users, 'ada', { name: 'Ada' })
 *   .delete(users, 'bob')
 *   .put(events, 1n, 'signed up')
 *   .write({ sync: true })
 * ```
 */
export class Batch {
  readonly #connection: Connection
  readonly #records = new Records()

  static {
    makeBatch = (connection) => new Batch(INSIDE, connection)
    batchOf = (connection, defaultFamily, operations) => {
      const batch = new Batch(INSIDE, connection)
      recordsOf(connection, defaultFamily, operations, batch.#records)
      return batch
    }
  }

  /** The batch that a method was called on. */
  static #own(receiver: unknown): Batch {
    if (isObject(receiver) && #records in receiver) return receiver
    throw invalidThis('Batch', receiver)
  }

  private constructor(inside: unknown, connection: Connection) {
    checkInside(inside, 'Batch', 'db.batch()')
    this.#connection = connection
  }

  /** Operations in it. A range that is empty is none. */
  get count(): number {
    return Batch.#own(this).#records.count
  }

  /** Bytes that it takes, 12 of them RocksDB's own. */
  get byteLength(): number {
    return Batch.#own(this).#records.byteLength
  }

  /**
   * Sets the value of a key, for as long as the options say. Fails with `ERR_INVALID_ARG_VALUE` where the family
   * is of another database.
   */
  put<Family extends AnyFamily>(
    family: Family,
    key: KeyInputOf<Family>,
    value: ValueInputOf<Family>,
    options?: Lifetime,
  ): this {
    const own = Batch.#own(this)
    const handle = own.#handle(family)
    own.#records.add(KINDS.put, handle, key, value, readLifetime(handle, options))
    return this
  }

  /** Removes a key. A missing one is no error. */
  delete<Family extends AnyFamily>(family: Family, key: KeyInputOf<Family>): this {
    const own = Batch.#own(this)
    own.#records.add(KINDS.delete, own.#handle(family), key, undefined)
    return this
  }

  /** Removes the keys from `begin` up to, not including, `end`; see `ColumnFamily.deleteRange`. */
  deleteRange<Family extends AnyFamily>(
    family: Family,
    begin: BoundOf<Family>,
    end: BoundOf<Family>,
  ): this {
    const own = Batch.#own(this)
    own.#records.add(KINDS.deleteRange, own.#handle(family), begin, end)
    return this
  }

  /** Merges an operand into the value of a key; see `ColumnFamily.merge`. */
  merge<Family extends AnyFamily>(
    family: Family,
    key: KeyInputOf<Family>,
    operand: ValueInputOf<Family>,
  ): this {
    const own = Batch.#own(this)
    own.#records.add(KINDS.merge, own.#handle(family), key, operand)
    return this
  }

  /** Adds to a counter, 1n by default; see `CounterFamily.increment`. */
  increment<Family extends AnyCounters>(
    family: Family,
    key: KeyInputOf<Family>,
    by: bigint = 1n,
  ): this {
    const own = Batch.#own(this)
    own.#records.add(INCREMENT, counters(own.#handle(family)), key, by)
    return this
  }

  /** Removes all operations. */
  clear(): this {
    Batch.#own(this).#records.clear()
    return this
  }

  /**
   * Commits what is in it. The batch is empty when this returns, and may be filled again while the
   * write is on its way.
   *
   * Fails as `ColumnFamily.put` does; `error.outcome` says whether the operations may have been applied.
   * They are in the batch again then, before those that were added meanwhile, so that the same batch can
   * be written once more, or cleared. They are not put back where the batch was written again meanwhile:
   * what is older would overwrite what is newer.
   */
  write(options?: WriteOptions): Promise<void> {
    try {
      const connection = Batch.#own(this).#connection
      const flags = writeFlags(connection, options)
      connection.assertOpen('write')
      return traceRecords('batch', connection, this.#records, () => this.#commit(flags))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** `write` on this thread. Where it fails, the batch is as it was. */
  writeSync(options?: WriteOptions): void {
    const connection = Batch.#own(this).#connection
    const flags = writeFlags(connection, options)
    connection.assertOpen('write')
    connection.counts[Counted.batch]++
    const records = this.#records
    try {
      traceRecordsSync('batch', connection, records, () =>
        connection.session.commitSync(records.encoded(), records.byteLength, flags),
      )
    } catch (error) {
      throw explain(error, 'write', connection)
    }
    records.written()
  }

  #commit(flags: number): Promise<void> {
    const connection = this.#connection
    const records = this.#records
    const size = records.byteLength
    connection.counts[Counted.batch]++
    let queued: Promise<void> | undefined
    try {
      queued = connection.queue(records.encoded(), size, flags, 'write', connection)
    } catch (error) {
      throw explain(error, 'write', connection)
    }
    if (queued === undefined) {
      records.written()
      return settled(undefined, size)
    }
    const sent = records.detach()
    return queued.then(
      () => records.giveBack(sent),
      (error) => {
        records.restore(sent)
        throw error
      },
    )
  }

  #handle(family: unknown): FamilyHandle {
    return handleIn(this.#connection, family)
  }
}
