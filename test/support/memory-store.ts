/** A log in memory, as all its nodes see it, with switches for what servers and people do to it. */
import {
  AppendError,
  type AppendOptions,
  type Lease,
  type LogBounds,
  LogGapError,
  LogLostError,
  type LogRecord,
} from '../../lib/replica/log'

interface Stored {
  bytes: Uint8Array
  id: string
  timeMs: number
}

const stores = new Map<string, MemoryStore>()

export class MemoryStore {
  readonly name: string
  readonly signals = new EventTarget()
  readonly lease = new MemoryLease()
  /** What the log's clock is ahead of this process's, in milliseconds. */
  clockSkewMs = 0
  maxRecordBytes = 2 ** 20
  /** Planted fault: whoever appends succeeds, whatever is expected. */
  ignoreExpected = false
  /** Planted fault: so many of the next appends are acknowledged, and not there. */
  loseNext = 0
  /** Planted fault: followers do not get these records, and hear of no gap. */
  readonly hidden = new Set<number>()
  readonly #records = new Map<number, Stored>()
  readonly #ids = new Map<string, number>()
  #first = 1
  #last = 0

  constructor(name = 'log') {
    this.name = name
  }

  /** The log of this name in this process; made when first asked for. */
  static named(name: string): MemoryStore {
    const store = stores.get(name) ?? new MemoryStore(name)
    stores.set(name, store)
    return store
  }

  get last(): number {
    return this.#last
  }

  append(bytes: Uint8Array, { id, expected }: AppendOptions): number {
    if (bytes.length > this.maxRecordBytes) {
      throw new AppendError('refused', `${bytes.length} bytes are more than ${this.maxRecordBytes}`)
    }
    const there = id === '' ? undefined : this.#ids.get(id)
    if (there !== undefined) return there
    if (expected !== this.#last && !this.ignoreExpected) {
      throw new AppendError('conflict', `the last record is ${this.#last}, not ${expected}`)
    }
    if (this.loseNext > 0) {
      this.loseNext--
      return this.#last + 1
    }
    return this.insert(bytes, id)
  }

  /** Puts a record at the end, as somebody does who keeps no rules. */
  insert(bytes: Uint8Array, id = ''): number {
    const timeMs = Date.now() + this.clockSkewMs
    this.#records.set(++this.#last, { bytes: Uint8Array.from(bytes), id, timeMs })
    if (id !== '') this.#ids.set(id, this.#last)
    this.#changed()
    return this.#last
  }

  /** Replaces the bytes of a record. */
  edit(sequence: number, change: (bytes: Uint8Array) => Uint8Array): void {
    const stored = this.#records.get(sequence)
    if (stored === undefined) throw new Error(`there is no record ${sequence}`)
    stored.bytes = change(Uint8Array.from(stored.bytes))
  }

  /** Deletes one record. */
  remove(sequence: number): void {
    this.#records.delete(sequence)
    this.#toFirst()
  }

  /** Deletes all records before this one. */
  purge(before: number): void {
    for (const sequence of this.#records.keys()) {
      if (sequence < before) this.#records.delete(sequence)
    }
    this.#toFirst()
  }

  /** Loses all records after this one, as servers do that acknowledge too early. */
  loseAfter(sequence: number): void {
    for (const [id, at] of this.#ids) if (at > sequence) this.#ids.delete(id)
    for (const at of this.#records.keys()) if (at > sequence) this.#records.delete(at)
    this.#last = Math.min(this.#last, sequence)
    this.#first = Math.min(this.#first, this.#last + 1)
    this.#changed()
  }

  /** Deletes the log, and makes it anew. */
  recreate(): void {
    this.#ids.clear()
    this.#records.clear()
    this.#first = 1
    this.#last = 0
    this.#changed()
  }

  /** Forgets the identities of records, as servers do after a while. */
  forgetIds(): void {
    this.#ids.clear()
  }

  bounds(): LogBounds {
    let bytes = 0
    for (const stored of this.#records.values()) bytes += stored.bytes.length
    return { first: this.#first, last: this.#last, timeMs: Date.now() + this.clockSkewMs, bytes }
  }

  read(sequence: number): LogRecord | undefined {
    const stored = this.#records.get(sequence)
    if (stored === undefined) return undefined
    const { bytes, id, timeMs } = stored
    return { sequence, bytes: Uint8Array.from(bytes), id, timeMs, pending: undefined }
  }

  /** The records from `from` on, as many as fit, and where to go on. */
  batch(
    from: number,
    maxRecords: number,
    maxBytes: number,
  ): { records: LogRecord[]; next: number } {
    if (from > this.#last + 1) throw new LogLostError(from, this.#last)
    const records: LogRecord[] = []
    let next = from
    for (let bytes = 0; next <= this.#last && records.length < maxRecords && bytes < maxBytes; ) {
      const record = this.read(next)
      if (record === undefined) {
        if (records.length > 0) break
        throw new LogGapError(next, this.#firstFrom(next))
      }
      if (!this.hidden.has(next)) records.push({ ...record, pending: this.#last - next })
      bytes += record.bytes.length
      next++
    }
    return { records, next }
  }

  #firstFrom(sequence: number): number {
    let at = sequence
    while (at <= this.#last && !this.#records.has(at)) at++
    return at
  }

  #toFirst(): void {
    this.#first = this.#firstFrom(this.#first)
    this.#changed()
  }

  #changed(): void {
    this.signals.dispatchEvent(new Event('change'))
  }
}

class MemoryLease {
  readonly signals = new EventTarget()
  #now: Lease | undefined

  read(): Lease | undefined {
    return this.#now
  }

  write(text: string, revision: number): number | undefined {
    if (revision !== (this.#now?.revision ?? 0)) return undefined
    this.#now = { revision: revision + 1, text }
    this.signals.dispatchEvent(new Event('change'))
    return this.#now.revision
  }
}
