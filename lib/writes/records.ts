/**
 * Writes in the layout of RocksDB's `WriteBatch` (db/write_batch.cc): 8 bytes that RocksDB fills,
 * the number of records in 4 bytes, then the records: a tag, the family's id unless it is 0, and
 * the key and the value, each after its length.
 */
import { invalidValue } from '../base/arguments'
import type { CodecImplementation, Prepared } from '../codecs/codec'
import type { FamilyHandle } from '../connection/handle'
import { checkKeyLength } from '../connection/keys'
import { MAX_BATCH, Sink, scratch } from '../native/buffers'
import type { Kind } from '../types/kinds'

/** Bytes before the first record. */
export const HEADER = 12

function varintSize(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x200000) return 3
  return value < 0x10000000 ? 4 : 5
}

function putVarint(buffer: Buffer, at: number, value: number): void {
  let rest = value
  let position = at
  while (rest >= 0x80) {
    buffer[position++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  buffer[position] = rest
}

function appendTag(sink: Sink, kind: Kind, family: number): void {
  sink.reserve(6)
  const at = sink.length
  if (family === 0) {
    sink.buffer[at] = kind.tag
    sink.length = at + 1
  } else {
    sink.buffer[at] = kind.familyTag
    putVarint(sink.buffer, at + 1, family)
    sink.length = at + 1 + varintSize(family)
  }
}

/** Appends a value after its length; returns that length. */
function appendSlice(
  sink: Sink,
  codec: CodecImplementation,
  prepared: Prepared,
  name: string,
): number {
  const guess = codec.guess(prepared, name)
  const expected = varintSize(guess)
  sink.reserve(expected + guess)
  const at = sink.length
  const start = at + expected
  sink.length = start
  codec.append(sink, prepared, guess)
  const length = sink.length - start
  const size = varintSize(length)
  if (size !== expected) {
    sink.reserve(size - expected)
    sink.buffer.copyWithin(at + size, start, sink.length)
    sink.length += size - expected
  }
  putVarint(sink.buffer, at, length)
  return length
}

/** Appends a key after its length; returns that length. */
function appendKeySlice(sink: Sink, family: FamilyHandle, key: Prepared, name: string): number {
  return checkKeyLength(name, appendSlice(sink, family.key, key, name))
}

/** Prepares the key, which is where a range begins if a record has one. */
export function prepareFirst(kind: Kind, family: FamilyHandle, key: unknown): Prepared {
  if (kind.second === 'end') return prepareEnd(family, key, kind.first)
  return family.key.prepare(key, kind.first)
}

/** Prepares an end of a range, which may be the first parts of a key. */
function prepareEnd({ key }: FamilyHandle, end: unknown, name: string): Prepared {
  return (key.bounds ?? key).prepare(end, name)
}

/**
 * Prepares what follows the key; returns the key again if nothing does. `expiresAtMs` is when it expires, if
 * not when it does by default; only families with an envelope have it.
 */
export function prepareSecond(
  kind: Kind,
  family: FamilyHandle,
  key: Prepared,
  second: unknown,
  expiresAtMs: number | undefined,
): Prepared {
  if (expiresAtMs !== undefined && family.envelope !== undefined) {
    return family.envelope.prepareUntil(second, kind.secondName, expiresAtMs)
  }
  if (kind.second === 'value') return family.value.prepare(second, kind.secondName)
  return kind.second === 'end' ? prepareEnd(family, second, kind.secondName) : key
}

/**
 * Appends a record. The caller must take back what was appended if this throws, or returns false
 * because a range is empty and there is nothing to do.
 */
export function appendRecord(
  sink: Sink,
  kind: Kind,
  family: FamilyHandle,
  key: Prepared,
  second: Prepared,
): boolean {
  appendTag(sink, kind, family.id)
  const length = appendKeySlice(sink, family, key, kind.first)
  if (kind.second === 'value') appendSlice(sink, family.value, second, kind.secondName)
  else if (kind.second === 'end') return appendEnd(sink, kind, family, key, length, second)
  return true
}

/**
 * Appends the end of the range whose begin is the key before it. Returns false if the range is
 * empty.
 */
function appendEnd(
  sink: Sink,
  kind: Kind,
  family: FamilyHandle,
  begin: Prepared,
  beginLength: number,
  end: Prepared,
): boolean {
  const beginEnd = sink.length
  const endLength = appendKeySlice(sink, family, end, kind.secondName)
  const order = sink.buffer.compare(
    sink.buffer,
    sink.length - endLength,
    sink.length,
    beginEnd - beginLength,
    beginEnd,
  )
  // RocksDB would apply the records before this one and refuse the rest.
  if (order > 0) throw invalidValue(kind.first, begin, `must not be behind "${kind.secondName}"`)
  return order < 0
}

// Faster than `fill`.
function clearHeader(buffer: Buffer): void {
  for (let i = 0; i < HEADER; i++) buffer[i] = 0
}

/** Resets the scratch buffer to the header of a batch with one record. */
export function single(): Sink {
  scratch.trim()
  const { buffer } = scratch
  clearHeader(buffer)
  buffer[8] = 1
  scratch.length = HEADER
  return scratch
}

/** What a batch sent, kept until the outcome is known. */
export interface Sent {
  buffer: Buffer
  length: number
  count: number
  /** Which of the batch's writes this is. */
  turn: number
}

const EMPTY_SIZE = 1024

/**
 * Collects records that are committed at once. A failed record is taken back without a call, since
 * there may be no stack left for one.
 */
export class Records {
  readonly sink = new Sink('batch', MAX_BATCH, EMPTY_SIZE)
  count = 0
  /** Writes so far. */
  #turn = 0

  constructor() {
    this.clear()
  }

  /** Bytes, including RocksDB's own. */
  get byteLength(): number {
    return this.sink.length
  }

  /** Adds a record. `second` is what follows its key, if anything; see `prepareSecond`. */
  add(
    kind: Kind,
    family: FamilyHandle,
    key: unknown,
    second: unknown,
    expiresAtMs?: number | undefined,
  ): void {
    const preparedKey = prepareFirst(kind, family, key)
    const preparedSecond = prepareSecond(kind, family, preparedKey, second, expiresAtMs)
    this.append(kind, family, preparedKey, preparedSecond)
  }

  /** The same of what is prepared, so that no code of the user's runs. */
  append(kind: Kind, family: FamilyHandle, key: Prepared, second: Prepared): void {
    const start = this.sink.length
    try {
      if (appendRecord(this.sink, kind, family, key, second)) this.count++
      else this.sink.length = start
    } catch (error) {
      this.sink.length = start
      throw error
    }
  }

  /** Cuts it back to this many bytes and records. */
  cut(byteLength: number, count: number): void {
    this.sink.length = byteLength
    this.count = count
  }

  /** Empties it. */
  clear(): void {
    this.sink.trim()
    clearHeader(this.sink.buffer)
    this.sink.length = HEADER
    this.count = 0
  }

  /** Everything in it was written: empties it. */
  written(): void {
    this.#turn++
    this.clear()
  }

  /** Removes its content, and goes on in another buffer. */
  detach(): Sent {
    const { sink, count } = this
    const sent = { buffer: sink.buffer, length: sink.length, count, turn: ++this.#turn }
    sink.replace(Buffer.allocUnsafe(EMPTY_SIZE))
    this.clear()
    return sent
  }

  /** The removed content is no longer needed: reuses its buffer if nothing was added since. */
  giveBack({ buffer }: Sent): void {
    if (this.count !== 0) return
    this.sink.replace(buffer)
    this.clear()
  }

  /**
   * Puts the removed content back before what was added since, unless it was written again
   * meanwhile: that write may have succeeded, and older records would overwrite newer ones. Also
   * not if both together are too large.
   */
  restore(sent: Sent): void {
    if (sent.turn !== this.#turn) return
    const { sink, count } = this
    const added = sink.buffer.subarray(HEADER, sink.length)
    if (sent.length + added.length > MAX_BATCH) return
    sink.replace(sent.buffer)
    sink.length = sent.length
    sink.bytes(added, added.length)
    this.count = sent.count + count
  }

  /** The bytes to commit, `byteLength` of them. */
  encoded(): Buffer {
    this.sink.setUint32(8, this.count)
    return this.sink.buffer
  }
}
