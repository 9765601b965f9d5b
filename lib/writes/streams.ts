/** Importing through a stream. */
import { Writable } from 'node:stream'
import { invalidType, invalidValue, optionalInteger, readOptions } from '../base/arguments'
import { guardReceivers, isObject } from '../base/receiver'
import { Counted } from '../connection/counts'
import type { FamilyHandle } from '../connection/handle'
import { writeFlagsOf } from '../connection/requests'
import { explain } from '../native/lane'
import { KINDS } from '../types/kinds'
import { Records } from './records'

const OPTIONS = ['batchBytes', 'sync', 'disableWAL', 'lowPri', 'noSlowdown'] as const
/** Rows that the stream takes before it asks its source to wait. */
const HIGH_WATER_MARK = 1024
const MEBIBYTE = 1024 * 1024

type Done = (error?: Error | null) => void

/** Puts or deletes of one family, written batch by batch. */
class FamilyWritable extends Writable {
  readonly #family: FamilyHandle
  readonly #flags: number
  readonly #batchBytes: number
  readonly #records = new Records()
  /** The batch that is being written. */
  #writing: Promise<void> = Promise.resolve()

  static {
    guardReceivers(FamilyWritable, (receiver) => isObject(receiver) && #family in receiver)
  }

  constructor(family: FamilyHandle, flags: number, batchBytes: number) {
    // Node reads inherited options, too.
    super(Object.assign(Object.create(null), { objectMode: true, highWaterMark: HIGH_WATER_MARK }))
    this.#family = family
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

  #take(rows: unknown[], done: Done): void {
    try {
      let i = 0
      while (i < rows.length) {
        this.#add(rows[i++])
        if (this.#records.byteLength >= this.#batchBytes) {
          const rest = rows.slice(i)
          this.#flush().then(() => this.#take(rest, done), done)
          return
        }
      }
    } catch (error) {
      done(explain(error, 'writable', this.#family) as Error)
      return
    }
    done()
  }

  #add(row: unknown): void {
    const family = this.#family
    if (Array.isArray(row)) {
      const [key, value] = row
      this.#records.add(KINDS.put, family, key, value)
      return
    }
    if (typeof row !== 'object' || row === null) {
      throw invalidType('row', '[key, value] or an operation', row)
    }
    const { type, key, value } = row as { type: unknown; key: unknown; value: unknown }
    if (type === 'put') this.#records.add(KINDS.put, family, key, value)
    else if (type === 'delete') this.#records.add(KINDS.delete, family, key, undefined)
    else throw invalidValue('row.type', type, "must be 'put' or 'delete'")
  }

  /** Writes what was collected, once the batch before it is written. */
  async #flush(): Promise<void> {
    await this.#writing
    const records = this.#records
    if (records.count === 0) return
    const family = this.#family
    try {
      const bytes = records.encoded()
      const { connection } = family
      const place = family
      connection.counts[Counted.batch]++
      this.#writing = connection.commit(bytes, records.byteLength, this.#flags, 'writable', place)
      // Whoever waits for it next sees its failure.
      this.#writing.catch(() => {})
    } catch (error) {
      throw explain(error, 'writable', family)
    } finally {
      records.clear()
    }
  }
}

/** The stream behind `ColumnFamily.writable`. */
export function createWritable(family: FamilyHandle, given: unknown): Writable {
  const options = readOptions('options', given, OPTIONS)
  const { batchBytes: bytes } = options
  const batchBytes = optionalInteger('options.batchBytes', bytes, {
    min: 1,
    max: 1024 * MEBIBYTE,
    default: MEBIBYTE,
  })
  return new FamilyWritable(family, writeFlagsOf(family.connection, options), batchBytes)
}
