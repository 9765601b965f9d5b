/**
 * Writes in the layout of RocksDB's own `WriteBatch` (db/write_batch.cc): 8 bytes that RocksDB
 * fills, the count of records in 4, then the records: a tag, the family's number unless it is 0,
 * and the key and value with their lengths before them.
 */
import { invalidValue } from '../base/arguments'
import type { CodecImplementation, Prepared } from '../codecs/codec'
import type { FamilyHandle } from '../connection/handle'
import { checkKeyLength } from '../connection/keys'
import { MAX_BATCH, Sink, scratch } from '../native/buffers'

/** Bytes before the first record. */
export const HEADER = 12

/** db/dbformat.h, `ValueType`: the tag for the default family, and for the others. */
const Tag = { delete: [0, 4], put: [1, 5], merge: [2, 6], deleteRange: [0xf, 0xe] } as const

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

function appendTag(sink: Sink, tag: readonly [number, number], family: number): void {
  sink.reserve(6)
  const at = sink.length
  if (family === 0) {
    sink.buffer[at] = tag[0]
    sink.length = at + 1
  } else {
    sink.buffer[at] = tag[1]
    putVarint(sink.buffer, at + 1, family)
    sink.length = at + 1 + varintSize(family)
  }
}

/** Appends a value with its length before it; gives that length. */
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

/** Appends a key with its length before it. */
function appendKey(sink: Sink, codec: CodecImplementation, key: Prepared, name: string): number {
  return checkKeyLength(name, appendSlice(sink, codec, key, name))
}

/** Appends the record of a put. What was appended is to be taken back where this throws. */
export function appendPut(sink: Sink, family: FamilyHandle, key: Prepared, value: Prepared): void {
  appendTag(sink, Tag.put, family.id)
  appendKey(sink, family.key, key, 'key')
  appendSlice(sink, family.value, value, 'value')
}

/** Appends the record of a merge. */
export function appendMerge(
  sink: Sink,
  family: FamilyHandle,
  key: Prepared,
  operand: Prepared,
): void {
  appendTag(sink, Tag.merge, family.id)
  appendKey(sink, family.key, key, 'key')
  appendSlice(sink, family.value, operand, 'operand')
}

/** Appends the record of a deletion. */
export function appendDelete(sink: Sink, family: FamilyHandle, key: Prepared): void {
  appendTag(sink, Tag.delete, family.id)
  appendKey(sink, family.key, key, 'key')
}

/** Appends the record of a range deletion; false, and `sink` is to be taken back, for an empty range. */
export function appendDeleteRange(
  sink: Sink,
  family: FamilyHandle,
  begin: Prepared,
  end: Prepared,
): boolean {
  appendTag(sink, Tag.deleteRange, family.id)
  const beginLength = appendKey(sink, family.key, begin, 'begin')
  const beginEnd = sink.length
  const endLength = appendKey(sink, family.key, end, 'end')
  const order = sink.buffer.compare(
    sink.buffer,
    sink.length - endLength,
    sink.length,
    beginEnd - beginLength,
    beginEnd,
  )
  // RocksDB would apply what stands before such a record in its batch, and refuse the rest.
  if (order > 0) throw invalidValue('begin', begin, 'must not be behind "end"')
  return order < 0
}

// A call of `fill` would take longer.
function clearHeader(buffer: Buffer): void {
  for (let i = 0; i < HEADER; i++) buffer[i] = 0
}

/** The scratch buffer with the header of a batch of one record. */
export function single(): Sink {
  scratch.trim()
  const { buffer } = scratch
  clearHeader(buffer)
  buffer[8] = 1
  scratch.length = HEADER
  return scratch
}

/** What a batch sent, until it is known how that ended. */
export interface Sent {
  buffer: Buffer
  length: number
  count: number
  /** Which of the batch's writes it was. */
  turn: number
}

const EMPTY_SIZE = 1024

/**
 * Records that are collected to be committed at once. What fails is taken back without a call: there
 * may be no stack left for one.
 */
export class Records {
  readonly sink = new Sink('batch', MAX_BATCH, EMPTY_SIZE)
  count = 0
  /** Writes so far. */
  #turn = 0

  constructor() {
    this.clear()
  }

  /** Bytes, RocksDB's own included. */
  get byteLength(): number {
    return this.sink.length
  }

  put(family: FamilyHandle, key: unknown, value: unknown): void {
    const preparedKey = family.key.prepare(key, 'key')
    const preparedValue = family.value.prepare(value, 'value')
    const start = this.sink.length
    try {
      appendPut(this.sink, family, preparedKey, preparedValue)
      this.count++
    } catch (error) {
      this.sink.length = start
      throw error
    }
  }

  merge(family: FamilyHandle, key: unknown, operand: unknown): void {
    const preparedKey = family.key.prepare(key, 'key')
    const preparedOperand = family.value.prepare(operand, 'operand')
    const start = this.sink.length
    try {
      appendMerge(this.sink, family, preparedKey, preparedOperand)
      this.count++
    } catch (error) {
      this.sink.length = start
      throw error
    }
  }

  delete(family: FamilyHandle, key: unknown): void {
    const prepared = family.key.prepare(key, 'key')
    const start = this.sink.length
    try {
      appendDelete(this.sink, family, prepared)
      this.count++
    } catch (error) {
      this.sink.length = start
      throw error
    }
  }

  deleteRange(family: FamilyHandle, begin: unknown, end: unknown): void {
    const preparedBegin = family.key.prepare(begin, 'begin')
    const preparedEnd = family.key.prepare(end, 'end')
    const start = this.sink.length
    try {
      if (appendDeleteRange(this.sink, family, preparedBegin, preparedEnd)) this.count++
      else this.sink.length = start
    } catch (error) {
      this.sink.length = start
      throw error
    }
  }

  /** Empties it. */
  clear(): void {
    this.sink.trim()
    clearHeader(this.sink.buffer)
    this.sink.length = HEADER
    this.count = 0
  }

  /** Everything in it was written: it is empty then. */
  written(): void {
    this.#turn++
    this.clear()
  }

  /** Takes what is in it out: it is empty then, over another buffer. */
  detach(): Sent {
    const { sink, count } = this
    const sent = { buffer: sink.buffer, length: sink.length, count, turn: ++this.#turn }
    sink.replace(Buffer.allocUnsafe(EMPTY_SIZE))
    this.clear()
    return sent
  }

  /** What was taken out is no longer needed: its buffer serves again, where nothing was added since. */
  giveBack({ buffer }: Sent): void {
    if (this.count !== 0) return
    this.sink.replace(buffer)
    this.clear()
  }

  /**
   * Puts what was taken out back, before what was added since. Not where it was written again since:
   * that may have succeeded, and what is older would overwrite it. Nor where it cannot hold both.
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
