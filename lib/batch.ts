/** Batches: writes to any families that are committed at once. */
import { invalidType, invalidValue, readOptions } from './base/arguments'
import { invalidThis, isObject } from './base/receiver'
import { settled } from './base/turns'
import { type ColumnFamily, handleOf } from './column-family'
import type { Connection } from './connection/connection'
import type { FamilyHandle } from './connection/handle'
import { writeFlags } from './connection/requests'
import { explain } from './native/lane'
import { KINDS, kindNames, kindOf, OPERANDS } from './types/kinds'
import type { AnyFamily, Operation, WriteOptions } from './types/types'
import { Records } from './writes/records'

/** Properties of the operations of an array. */
const OPERATION = ['type', 'columnFamily', ...OPERANDS]

/**
 * Writes that are committed at once, in their order: all of them, or none. Keys and values are
 * encoded as they are added, so they may be changed afterwards. An operation that is refused leaves
 * the batch as it was. A batch holds less than 2 GiB.
 */
export class Batch {
  readonly #connection: Connection
  readonly #records = new Records()

  /** The batch that a method was called on. */
  static #own(receiver: unknown): Batch {
    if (isObject(receiver) && #records in receiver) return receiver
    throw invalidThis('Batch', receiver)
  }

  /** @internal Made by `Database.batch`. */
  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** @internal A batch of operations in array form. */
  static of(connection: Connection, family: AnyFamily, operations: readonly Operation[]): Batch {
    if (!Array.isArray(operations)) throw invalidType('operations', 'an Array', operations)
    const batch = new Batch(connection)
    const { length } = operations
    for (let i = 0; i < length; i++) batch.#add(operations[i], family, `operations[${i}]`)
    return batch
  }

  /** Operations in it. */
  get count(): number {
    return Batch.#own(this).#records.count
  }

  /** Bytes that it takes, 12 of them RocksDB's own. */
  get byteLength(): number {
    return Batch.#own(this).#records.byteLength
  }

  /** Sets the value of a key. */
  put<K, V, KI, VI>(
    family: ColumnFamily<K, V, KI, VI>,
    key: NoInfer<KI>,
    value: NoInfer<VI>,
  ): this {
    const own = Batch.#own(this)
    own.#records.add(KINDS.put, own.#handle(family), key, value)
    return this
  }

  /** Removes a key. */
  delete<K, V, KI, VI>(family: ColumnFamily<K, V, KI, VI>, key: NoInfer<KI>): this {
    const own = Batch.#own(this)
    own.#records.add(KINDS.delete, own.#handle(family), key, undefined)
    return this
  }

  /** Removes the keys from `begin` up to, not including, `end`; see `ColumnFamily.deleteRange`. */
  deleteRange<K, V, KI, VI>(
    family: ColumnFamily<K, V, KI, VI>,
    begin: NoInfer<KI>,
    end: NoInfer<KI>,
  ): this {
    const own = Batch.#own(this)
    own.#records.add(KINDS.deleteRange, own.#handle(family), begin, end)
    return this
  }

  /** Merges an operand into the value of a key; see `ColumnFamily.merge`. */
  merge<K, V, KI, VI>(
    family: ColumnFamily<K, V, KI, VI>,
    key: NoInfer<KI>,
    operand: NoInfer<VI>,
  ): this {
    const own = Batch.#own(this)
    own.#records.add(KINDS.merge, own.#handle(family), key, operand)
    return this
  }

  /** Empties it. */
  clear(): this {
    Batch.#own(this).#records.clear()
    return this
  }

  /**
   * Commits what is in it. The batch is empty when this returns, and may be filled again while the
   * write is on its way. Where that fails, the operations are in it again, before those that were added
   * meanwhile, so that the same batch can be written once more, or cleared; `error.outcome` says
   * whether they may have been applied nevertheless. They are not put back where the batch was written
   * again meanwhile: what is older would overwrite what is newer.
   */
  write(options?: WriteOptions): Promise<void> {
    try {
      const connection = Batch.#own(this).#connection
      const flags = writeFlags(connection, options)
      connection.assertOpen('write')
      return this.#commit(flags)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** `write` on this thread. */
  writeSync(options?: WriteOptions): void {
    const connection = Batch.#own(this).#connection
    const flags = writeFlags(connection, options)
    connection.assertOpen('write')
    const records = this.#records
    try {
      connection.session.commitSync(records.encoded(), records.byteLength, flags)
    } catch (error) {
      throw explain(error, 'write', connection)
    }
    records.written()
  }

  #commit(flags: number): Promise<void> {
    const connection = this.#connection
    const records = this.#records
    const size = records.byteLength
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
    const handle = handleOf(family)
    if (handle.connection !== this.#connection) {
      throw invalidValue('columnFamily', family, 'must be of the same database')
    }
    return handle
  }

  #add(operation: unknown, defaultFamily: AnyFamily, name: string): void {
    const given = readOptions(name, operation === undefined ? null : operation, OPERATION)
    const { type, columnFamily } = given
    const kind = kindOf(type)
    if (kind === undefined) {
      throw invalidValue(`${name}.type`, type, `must be ${kindNames()}`)
    }
    const family = this.#handle(columnFamily === undefined ? defaultFamily : columnFamily)
    this.#records.add(kind, family, given[kind.first], given[kind.secondName])
  }
}
