/** Streams for bulk imports. */
import { Writable } from 'node:stream'
import { invalidType, invalidValue, optionalInteger, readOptions } from '../base/arguments'
import { guardReceivers, isObject } from '../base/receiver'
import { expiryOf } from '../codecs/envelope'
import type { Connection } from '../connection/connection'
import { Counted } from '../connection/counts'
import type { FamilyHandle } from '../connection/handle'
import { writeFlagsOf } from '../connection/requests'
import { explain, type Place } from '../native/lane'
import { KINDS } from '../types/kinds'
import { Records } from './records'
import { traceRecords } from './traced'

const OPTIONS = ['batchBytes', 'sync', 'disableWAL', 'lowPri', 'noSlowdown'] as const
/** Rows that the stream buffers before it asks its source to wait. */
const HIGH_WATER_MARK = 1024
const MEBIBYTE = 1024 * 1024

type Done = (error?: Error | null) => void

/** Takes a row into the records of the next batch. */
type Add = (records: Records, row: unknown) => void

/** Node's error for a row that a destroyed stream did not write. */
function gone(): Error {
  const error = new Error('Cannot write a row: the stream was destroyed')
  return Object.assign(error, { code: 'ERR_STREAM_DESTROYED' })
}

/** Writes rows or operations batch by batch. */
class BatchWritable extends Writable {
  readonly #connection: Connection
  /** Its place in error messages. */
  readonly #place: Place
  readonly #add: Add
  readonly #flags: number
  readonly #batchBytes: number
  readonly #records = new Records()
  /** The write in progress. */
  #writing: Promise<void> = Promise.resolve()

  static {
    guardReceivers(BatchWritable, (receiver) => isObject(receiver) && #add in receiver)
  }

  constructor(connection: Connection, place: Place, add: Add, { flags, batchBytes }: Settings) {
    // Node reads inherited options, too.
    super(Object.assign(Object.create(null), { objectMode: true, highWaterMark: HIGH_WATER_MARK }))
    this.#connection = connection
    this.#place = place
    this.#add = add
    this.#flags = flags
    this.#batchBytes = batchBytes
  }

  override _write(row: unknown, _encoding: string, done: Done): void {
    this.#take([row], done)
  }

  override _writev(rows: { chunk: unknown }[], done: Done): void {
    this.#take(
      rows.map(({ chunk }) => chunk),
      done,
    )
  }

  override _final(done: Done): void {
    this.#flush()
      .then(() => this.#writing)
      .then(() => done(), done)
  }

  /** Closed is who writes nothing more: the batch under way is waited for. */
  override _destroy(error: Error | null, done: Done): void {
    this.#writing.then(
      () => done(error),
      (failure) => done(error ?? failure),
    )
  }

  #take(rows: unknown[], done: Done): void {
    if (this.destroyed) {
      done(this.errored ?? gone())
      return
    }
    try {
      let i = 0
      while (i < rows.length) {
        this.#add(this.#records, rows[i++])
        if (this.#records.byteLength >= this.#batchBytes) {
          const rest = rows.slice(i)
          this.#flush().then(() => this.#take(rest, done), done)
          return
        }
      }
    } catch (error) {
      const wrong = explain(error, 'writable', this.#place) as Error
      // A batch before it that fails is what went wrong first.
      this.#writing.then(() => done(wrong), done)
      return
    }
    done()
  }

  /** Writes the collected records after the batch before them. */
  async #flush(): Promise<void> {
    await this.#writing
    const records = this.#records
    if (records.count === 0 || this.destroyed) return
    try {
      const bytes = records.encoded()
      const { byteLength } = records
      this.#connection.counts[Counted.batch]++
      this.#writing = traceRecords('batch', this.#connection, records, () =>
        this.#commit(bytes, byteLength),
      )
      // The next one to wait for it sees its failure.
      this.#writing.catch(() => {})
    } finally {
      records.clear()
    }
  }

  #commit(bytes: Buffer, byteLength: number): Promise<void> {
    const place = this.#place
    try {
      return this.#connection.commit(bytes, byteLength, this.#flags, 'writable', place)
    } catch (error) {
      throw explain(error, 'writable', place)
    }
  }
}

interface Settings {
  /** Bits of `WriteFlag`. */
  flags: number
  batchBytes: number
}

function readSettings(connection: Connection, given: unknown): Settings {
  const options = readOptions('options', given, OPTIONS)
  const { batchBytes: bytes } = options
  const batchBytes = optionalInteger('options.batchBytes', bytes, {
    min: 1,
    max: 1024 * MEBIBYTE,
    default: MEBIBYTE,
  })
  return { flags: writeFlagsOf(connection, options), batchBytes }
}

function addRow(family: FamilyHandle, records: Records, row: unknown): void {
  if (Array.isArray(row)) {
    const [key, value] = row
    records.add(KINDS.put, family, key, value)
    return
  }
  if (typeof row !== 'object' || row === null) {
    throw invalidType('row', '[key, value] or an operation', row)
  }
  const { type, key, value, ttlMs, expiresAt } = row as Record<string, unknown>
  const expiresAtMs = expiryOf({ ttlMs, expiresAt }, 'row', family)
  if (type === 'put') records.add(KINDS.put, family, key, value, expiresAtMs)
  else if (type === 'delete') records.add(KINDS.delete, family, key, undefined)
  else throw invalidValue('row.type', type, "must be 'put' or 'delete'")
}

/** Implements `ColumnFamily.writable`. */
export function createWritable(family: FamilyHandle, given: unknown): Writable {
  const { connection } = family
  const add: Add = (records, row) => addRow(family, records, row)
  return new BatchWritable(connection, family, add, readSettings(connection, given))
}

/** Implements `Database.writable`; `add` takes an operation. */
export function createOperationWritable(
  connection: Connection,
  add: Add,
  given: unknown,
): Writable {
  return new BatchWritable(connection, connection, add, readSettings(connection, given))
}
