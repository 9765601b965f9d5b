/**
 * The memory that JavaScript and native share in this environment (main thread or worker): keys go
 * in through the key buffer, small values come out through the arena, batches and chunks of rows
 * are packed into reusable buffers.
 *
 * Run no user code between filling one of them and using it: that code may call back into this
 * package.
 */
import { types } from 'node:util'
import { markAsUntransferable } from 'node:worker_threads'
import { invalidType, outOfRange } from '../base/arguments'
import './lane'
import { addon } from './addon'

/** Maximum length of a key, in bytes. */
export const MAX_KEY = 8 * 1024 * 1024
/** Maximum length of a batch, in bytes. */
export const MAX_BATCH = 0x7fffffff

const SHARED_SIZE = 64 * 1024
/** Buffers larger than this are released after use instead of kept for the next one. */
const KEEP_SIZE = 1024 * 1024
/** Up to this many characters a loop is faster than calling `write`. */
const SHORT_TEXT = 24
/** Up to this many bytes a loop is faster than calling `set`. */
const SHORT_BYTES = 32

/** `Buffer`'s own view class: constructing it skips the checks of `Buffer.from`. */
type ViewConstructor = new (memory: ArrayBufferLike, offset: number, length: number) => Buffer
const View = (Buffer as unknown as Record<symbol, ViewConstructor>)[
  Symbol.species
] as ViewConstructor

const typedArray = Object.getPrototypeOf(Uint8Array.prototype)
const lengthOf = Object.getOwnPropertyDescriptor(typedArray, 'byteLength')?.get as () => number
const elementAt = Uint8Array.prototype.at
// Cached, since looking it up in the module each time would cost more than the check.
const { isUint8Array } = types

/**
 * Marks memory that has several views, or that native writes to, as untransferable: posting a view
 * to another thread then copies it.
 */
export function kept<V extends Uint8Array | Uint32Array>(view: V): V {
  markAsUntransferable(view.buffer)
  return view
}

/** A view of bytes that will never be written again. */
export function viewOf(bytes: Buffer, start: number, end: number): Buffer {
  return new View(bytes.buffer, bytes.byteOffset + start, end - start)
}

/**
 * Values and rows that callers get as views are copied together up to this many bytes, so keeping
 * one of them keeps at most this much memory. Larger ones get a copy of their own.
 */
export const TOGETHER = 32 * 1024

/** A copy of the bytes, for views that callers keep. */
export function copyOf(bytes: Buffer, start: number, end: number): Buffer {
  const copy = kept(Buffer.allocUnsafeSlow(end - start))
  copy.set(new View(bytes.buffer, bytes.byteOffset + start, end - start))
  return copy
}

/** A view's real length, even if a subclass overrides it. */
export function byteLengthOf(bytes: Uint8Array): number {
  return lengthOf.call(bytes)
}

/** Returns the value if it is a `Uint8Array` of any realm whose memory is still attached. */
export function checkBytes(name: string, value: unknown): Uint8Array {
  if (!isUint8Array(value)) throw invalidType(name, 'a Uint8Array', value)
  if (lengthOf.call(value) === 0) checkAttached(name, value)
  return value
}

/** A detached buffer reads as empty, and must not become the empty value. */
export function checkAttached(name: string, value: Uint8Array): void {
  try {
    elementAt.call(value, 0)
  } catch {
    throw invalidType(name, 'a Uint8Array that is not detached or out of bounds', value)
  }
}

/** Appends bytes to a growing buffer. A failed append may leave `length` changed. */
export class Sink {
  buffer: Buffer
  /** Bytes in use. */
  length = 0
  capacity: number
  /** What it holds, for error messages. */
  readonly #name: string
  readonly #limit: number

  constructor(name: string, limit: number, capacity: number) {
    this.#name = name
    this.#limit = limit
    this.buffer = Buffer.allocUnsafe(capacity)
    this.capacity = capacity
  }

  /** Continues in another, empty buffer. */
  replace(buffer: Buffer): void {
    this.buffer = buffer
    this.capacity = buffer.length
    this.length = 0
  }

  /** Makes room for more bytes. */
  reserve(size: number): void {
    if (this.length + size > this.capacity) this.#grow(this.length + size)
  }

  /** Appends an integer as four bytes, little-endian. */
  uint32(value: number): void {
    this.reserve(4)
    this.setUint32(this.length, value)
    this.length += 4
  }

  /** Overwrites four bytes that were appended. */
  setUint32(at: number, value: number): void {
    const { buffer } = this
    buffer[at] = value
    buffer[at + 1] = value >>> 8
    buffer[at + 2] = value >>> 16
    buffer[at + 3] = value >>> 24
  }

  /** Appends bytes unchanged; `size` is their number. */
  bytes(bytes: Uint8Array, size: number): void {
    this.reserve(size)
    const { buffer, length } = this
    if (size > SHORT_BYTES) buffer.set(bytes, length)
    else for (let i = 0; i < size; i++) buffer[length + i] = bytes[i] as number
    this.length = length + size
  }

  /** Appends a zero byte. */
  zero(): void {
    this.reserve(1)
    this.buffer[this.length++] = 0
  }

  /** A copy of its content. */
  copy(): Buffer {
    const { buffer, length } = this
    const copy = Buffer.allocUnsafe(length)
    if (length > SHORT_BYTES) buffer.copy(copy, 0, 0, length)
    else for (let i = 0; i < length; i++) copy[i] = buffer[i] as number
    return copy
  }

  /** Appends well-formed text as UTF-8. */
  text(text: string): void {
    if (text.length > SHORT_TEXT || !this.#ascii(text)) this.#utf8(text)
  }

  /** Releases the buffer if unusual content has made it large. */
  trim(): void {
    if (this.capacity <= KEEP_SIZE) return
    this.#replace(Buffer.allocUnsafeSlow(SHARED_SIZE))
  }

  /** Called with each new buffer before it is used; if this throws, the old one stays. */
  protected replacing(_buffer: Buffer): void {}

  #ascii(text: string): boolean {
    this.reserve(text.length)
    const { buffer, length } = this
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      if (unit > 0x7f) return false
      buffer[length + i] = unit
    }
    this.length = length + text.length
    return true
  }

  #utf8(text: string): void {
    const most = text.length * 3
    this.reserve(most <= this.capacity - this.length ? most : Buffer.byteLength(text))
    this.length += this.buffer.write(text, this.length)
  }

  #grow(needed: number): void {
    if (needed > this.#limit) throw outOfRange(this.#name, `<= ${this.#limit} bytes`, needed)
    const grown = Buffer.allocUnsafeSlow(Math.min(this.#limit, Math.max(needed, this.capacity * 2)))
    this.buffer.copy(grown, 0, 0, this.length)
    this.#replace(grown)
  }

  #replace(buffer: Buffer): void {
    const capacity = buffer.length
    this.replacing(buffer)
    this.buffer = buffer
    this.capacity = capacity
  }
}

/** The key buffer: one key, or the two bounds of a range. */
class KeySink extends Sink {
  constructor() {
    super('key', 2 * MAX_KEY + 64, SHARED_SIZE)
    this.replacing(this.buffer)
  }

  protected override replacing(buffer: Buffer): void {
    addon.setKeyBuffer(buffer)
  }
}

/** Where native finds keys: set `length` to 0 before use. */
export const keys = new KeySink()

/** Where single writes are encoded, and the keys of a `getMany`. */
export const scratch = new Sink('write', MAX_BATCH, SHARED_SIZE)

let arena = kept(Buffer.allocUnsafeSlow(SHARED_SIZE))
let arenaUsed = 0
addon.setArena(arena)

/**
 * The offset in the arena at which native may write the next value, and at which it has just
 * written one. There are at least `room` bytes from there on.
 */
export function arenaOffset(room = 0): number {
  // `ArrayBuffer.prototype.transfer`, which callers may use, leaves the arena empty.
  if (arena.length < arenaUsed + room || arena.length === 0) renewArena()
  return arenaUsed
}

/** The arena that native writes values to. Bytes before `arenaOffset` belong to views. */
export function arenaBytes(): Buffer {
  return arena
}

/** The value at `arenaOffset` has views now and must stay. */
export function keepInArena(length: number): void {
  arenaUsed += length
}

/** Replaces the arena; the old one lives as long as its views. */
export function renewArena(): void {
  const fresh = kept(Buffer.allocUnsafeSlow(SHARED_SIZE))
  addon.setArena(fresh)
  arena = fresh
  arenaUsed = 0
}

/** Where a chunk of rows is packed. */
export interface Chunk {
  bytes: Buffer
  offsets: Uint32Array
  /**
   * Whether callers have seen its memory, and could detach it with
   * `ArrayBuffer.prototype.transfer`.
   */
  shown: boolean
}

/** Maximum rows of a chunk. */
export const CHUNK_ROWS = 2048
/**
 * Maximum rows of a chunk that a thread fills: enough to make the cost of switching threads small.
 */
export const AHEAD_ROWS = 4096
const AHEAD_SIZE = 512 * 1024
const SPARE_CHUNKS = 8
/**
 * Spare chunks: small ones that no caller has seen, small ones that one has seen, and large ones.
 */
const hidden: Chunk[] = []
const shown: Chunk[] = []
const large: Chunk[] = []

/**
 * Detaches memory from all views of it. undefined if that is impossible: Node 20 has no `transfer`,
 * and since Node 24 it refuses `kept` memory.
 */
const transfer = takesKept((ArrayBuffer.prototype as { transfer?: Transfer }).transfer)
type Transfer = (this: ArrayBufferLike) => ArrayBuffer

function takesKept(method: Transfer | undefined): Transfer | undefined {
  try {
    method?.call(kept(new Uint8Array(1)).buffer)
    return method
  } catch {
    return undefined
  }
}

/** A chunk for a number of small rows; return it with giveChunk when nothing refers to it. */
export function takeChunk(rows: number): Chunk {
  const chunk = shown.pop()
  return chunk !== undefined && isWhole(chunk) ? chunk : takeHiddenChunk(rows)
}

/** A chunk that a thread may write to: nobody else can reach its memory and detach it meanwhile. */
export function takeHiddenChunk(rows: number): Chunk {
  const most = Math.max(rows, CHUNK_ROWS)
  const chunk = most > CHUNK_ROWS ? large.pop() : (hidden.pop() ?? shown.pop())
  return (chunk && hide(chunk)) ?? newChunk(most)
}

function newChunk(rows: number): Chunk {
  return {
    bytes: kept(Buffer.allocUnsafeSlow(rows > CHUNK_ROWS ? AHEAD_SIZE : SHARED_SIZE)),
    offsets: kept(new Uint32Array(2 * rows + 1)),
    shown: false,
  }
}

/** Whether nobody has detached its memory. */
function isWhole({ bytes, offsets }: Chunk): boolean {
  return bytes.length !== 0 && offsets.length !== 0
}

/** The chunk in memory that no caller can reach; undefined if a caller has detached it. */
function hide(chunk: Chunk): Chunk | undefined {
  if (!chunk.shown || transfer === undefined) return chunk
  if (!isWhole(chunk)) return undefined
  const { bytes, offsets } = chunk
  const memory = transfer.call(bytes.buffer)
  return {
    bytes: kept(new View(memory, 0, memory.byteLength)),
    offsets: kept(new Uint32Array(transfer.call(offsets.buffer))),
    shown: false,
  }
}

/**
 * Takes back a chunk that nobody reads and native does not write; one that has grown is released.
 */
export function giveChunk(chunk: Chunk): void {
  const { bytes, offsets } = chunk
  const isLarge = offsets.length > 2 * CHUNK_ROWS + 1
  if (!isWhole(chunk) || bytes.length !== (isLarge ? AHEAD_SIZE : SHARED_SIZE)) return
  const small = chunk.shown ? shown : hidden
  const chunks = isLarge ? large : small
  if (chunks.length < SPARE_CHUNKS) chunks.push(chunk)
}

/** Makes room for a row of `needed` bytes, or for several; the content is lost. */
export function growChunk(chunk: Chunk, needed: number): void {
  if (needed <= chunk.bytes.length) return
  chunk.bytes = kept(Buffer.allocUnsafeSlow(Math.max(needed, Math.min(4 * needed, KEEP_SIZE))))
}
