/**
 * Point reads. Each tries memory and the system's page cache on this thread first; reads that would
 * wait for a disk are queued, and go to a thread together with all others queued in this turn of
 * the event loop.
 */
import { invalidType, outOfRange } from '../base/arguments'
import { settled } from '../base/turns'
import type { Prepared } from '../codecs/codec'
import { Counted } from '../connection/counts'
import type { FamilyHandle } from '../connection/handle'
import { appendKey, checkKeyLength, putKey } from '../connection/keys'
import {
  ASYNC_READ_OPTIONS,
  limited,
  PLAIN_READ,
  READ_OPTIONS,
  type ReadRequest,
  readRequest,
} from '../connection/requests'
import {
  arenaBytes,
  arenaOffset,
  byteLengthOf,
  checkBytes,
  copyOf,
  keepInArena,
  kept,
  renewArena,
  scratch,
  TOGETHER,
} from '../native/buffers'
import { RequestSlot } from '../native/cursors'
import { call, explain, ids, nextId, type Reader, request as record, TAKEN } from '../native/lane'
import {
  ARENA_VALUE_LIMIT,
  MISSING,
  type NativeMany,
  NOT_CACHED,
  PENDING,
  ReadFlag,
} from '../native/reads'

/** Each key of a `getMany` counts as this many bytes for the fairness to the event loop. */
const BYTES_PER_KEY = 2048
/** Up to this many keys are looked up in memory on this thread first. */
const INLINE_KEYS = 1024
/**
 * Up to this many are looked up in the system's page cache as well, which takes longer, but less
 * than a thread.
 */
const NOWAIT_KEYS = 8
/** The arena is renewed for the values of a `getMany` of up to this many bytes. */
const MANY_ARENA_LIMIT = 16 * 1024

const presence: Reader = { read: () => true }

/** Decodes what `get` returned. */
function decode(family: FamilyHandle, found: number | Buffer): unknown {
  const codec = family.value
  if (typeof found === 'number') {
    const offset = arenaOffset()
    if (!codec.copies) keepInArena(found)
    return codec.read(arenaBytes(), offset, offset + found)
  }
  if (found.length <= ARENA_VALUE_LIMIT) renewArena()
  return codec.read(found, 0, found.length)
}

export function getSync(family: FamilyHandle, key: unknown, options: unknown): unknown {
  try {
    const { connection } = family
    const { flags, snapshot } = readRequest(connection, options, READ_OPTIONS)
    const length = putKey(family, key)
    connection.counts[Counted.get]++
    const all = flags | family.flags
    const found = connection.session.get(family.id, length, arenaOffset(), all, snapshot)
    return found === undefined ? undefined : decode(family, found)
  } catch (error) {
    throw explain(error, 'get', family)
  }
}

export function get(family: FamilyHandle, key: unknown, options: unknown): Promise<unknown> {
  try {
    const request = readRequest(family.connection, options, ASYNC_READ_OPTIONS)
    const length = putKey(family, key)
    family.connection.counts[Counted.get]++
    const found = tryRead(family, length, request.flags | family.flags, request)
    if (found === undefined) return settled(undefined)
    if (found !== PENDING) {
      return settled(decode(family, found), typeof found === 'number' ? 0 : found.length)
    }
    return queued('get', family, request, family.value, undefined)
  } catch (error) {
    return Promise.reject(explain(error, 'get', family))
  }
}

/** The id of the read that the last `tryRead` queued. */
let queuedId = 0

/**
 * Reads from memory. Returns PENDING if native has queued the read: the caller must then wait for
 * it. The key is in the key buffer.
 */
function tryRead(
  family: FamilyHandle,
  length: number,
  flags: number,
  { snapshot, deadlineMs }: ReadRequest,
): number | Buffer | undefined {
  const { session } = family.connection
  const id = nextId()
  const at = arenaOffset()
  const found = session.readAsync(id, family.id, length, at, flags, snapshot, deadlineMs)
  if (found === PENDING) {
    ids.next = TAKEN
    queuedId = id
  }
  return found
}

/** Waits for the read that `tryRead` has just queued. */
function queued(
  operation: string,
  family: FamilyHandle,
  request: ReadRequest,
  reader: Reader,
  missing: unknown,
): Promise<unknown> {
  const { connection } = family
  const answer = connection.waitForRead(queuedId, operation, family, reader, missing)
  return request === PLAIN_READ ? answer : watched(operation, family, answer, request)
}

/** Resolves to the answer, or rejects if the signal is aborted first. */
function watched<T>(
  operation: string,
  family: FamilyHandle,
  answer: Promise<T>,
  { signal }: ReadRequest,
): Promise<T> {
  return limited(answer, signal, undefined, (error) => explain(error, operation, family))
}

export function hasSync(family: FamilyHandle, key: unknown, options: unknown): boolean {
  try {
    const { connection } = family
    const { flags, snapshot } = readRequest(connection, options, READ_OPTIONS)
    const length = putKey(family, key)
    connection.counts[Counted.has]++
    return connection.session.has(family.id, length, flags, snapshot)
  } catch (error) {
    throw explain(error, 'has', family)
  }
}

export function has(family: FamilyHandle, key: unknown, options: unknown): Promise<boolean> {
  try {
    const request = readRequest(family.connection, options, ASYNC_READ_OPTIONS)
    const length = putKey(family, key)
    family.connection.counts[Counted.has]++
    const found = tryRead(family, length, request.flags | ReadFlag.presence, request)
    if (found !== PENDING) return settled(found !== undefined)
    return queued('has', family, request, presence, false) as Promise<boolean>
  } catch (error) {
    return Promise.reject(explain(error, 'has', family))
  }
}

export function getIntoSync(
  family: FamilyHandle,
  key: unknown,
  target: unknown,
  options: unknown,
): number {
  try {
    const { connection } = family
    const { flags, snapshot } = readRequest(connection, options, READ_OPTIONS)
    const length = putKey(family, key)
    const bytes = checkBytes('target', target)
    connection.counts[Counted.get]++
    return connection.session.getInto(family.id, length, flags, snapshot, bytes)
  } catch (error) {
    throw explain(error, 'getInto', family)
  }
}

export function getInto(
  family: FamilyHandle,
  key: unknown,
  target: unknown,
  options: unknown,
): Promise<number> {
  try {
    const { connection } = family
    const request = readRequest(connection, options, ASYNC_READ_OPTIONS)
    const { flags, snapshot } = request
    const length = putKey(family, key)
    const bytes = checkBytes('target', target)
    connection.counts[Counted.get]++
    const cached = flags | ReadFlag.noWait
    const found = connection.session.getInto(family.id, length, cached, snapshot, bytes)
    if (found !== NOT_CACHED) return settled(found, Math.max(found, 0))
    const again = tryRead(family, length, flags, request)
    const at = arenaOffset()
    if (again === undefined) return settled(-1)
    if (again === PENDING) {
      return queued('getInto', family, request, into(bytes), -1) as Promise<number>
    }
    return Promise.resolve(
      typeof again === 'number'
        ? copyInto(bytes, arenaBytes(), at, at + again)
        : copyInto(bytes, again, 0, again.length),
    )
  } catch (error) {
    return Promise.reject(explain(error, 'getInto', family))
  }
}

function into(target: Uint8Array): Reader {
  return { read: (bytes, start, end) => copyInto(target, bytes, start, end) }
}

function copyInto(target: Uint8Array, bytes: Buffer, start: number, end: number): number {
  const room = byteLengthOf(checkBytes('target', target))
  if (end - start > room) throw outOfRange('target.length', `>= ${end - start}`, room)
  Uint8Array.prototype.set.call(target, bytes.subarray(start, end))
  return end - start
}

/** Packs the keys of a `getMany` into the scratch buffer; returns their number. */
function encodeKeys(family: FamilyHandle, list: unknown): number {
  if (!Array.isArray(list)) throw invalidType('keys', 'an Array', list)
  const prepared: Prepared[] = []
  for (let i = 0; i < list.length; i++) prepared.push(family.key.prepare(list[i], 'keys[]'))
  scratch.trim()
  scratch.length = 0
  for (let i = 0; i < prepared.length; i++) {
    const at = scratch.length
    scratch.uint32(0)
    const length = appendKey(scratch, family, prepared[i] as Prepared, 'keys[]')
    scratch.setUint32(at, checkKeyLength('keys[]', length))
  }
  return prepared.length
}

/** Writes the packed keys to the request record of the next call. */
function putMany(family: FamilyHandle, count: number, flags: number, snapshot: number): void {
  record[RequestSlot.family] = family.id
  record[RequestSlot.snapshot] = snapshot
  record[RequestSlot.flags] = flags
  record[RequestSlot.count] = count
  record[RequestSlot.keysByteLength] = scratch.length
}

/** Where native writes the lengths of a `getMany`; undefined while they are in use. */
let spareLengths: Uint32Array | undefined = new Uint32Array(INLINE_KEYS)
/** Bytes of the last values that came together: the arena should have room for as many. */
let lastManyBytes = 0

/** Decodes values in a Buffer of their own, so that keeping one of them does not keep all. */
function decodeOwn(
  family: FamilyHandle,
  count: number,
  lengths: Uint32Array,
  bytes: Buffer,
): unknown[] {
  if (family.value.copies || bytes.length <= TOGETHER)
    return decodeMany(family, count, lengths, kept(bytes), 0)
  const values: unknown[] = []
  let [at, base, end] = [0, 0, 0]
  let part = bytes
  for (let i = 0; i < count; i++) {
    const length = lengths[i] as number
    if (length === MISSING) {
      values.push(undefined)
      continue
    }
    if (at + length > end || at === end) {
      base = at
      end = Math.min(Math.max(at + length, at + TOGETHER), bytes.length)
      part = copyOf(bytes, base, end)
    }
    values.push(family.value.read(part, at - base, at - base + length))
    at += length
  }
  return values
}

function decodeMany(
  family: FamilyHandle,
  count: number,
  lengths: Uint32Array,
  bytes: Buffer,
  start: number,
): unknown[] {
  const codec = family.value
  const values: unknown[] = []
  let at = start
  for (let i = 0; i < count; i++) {
    const length = lengths[i] as number
    if (length === MISSING) values.push(undefined)
    else {
      values.push(codec.read(bytes, at, at + length))
      at += length
    }
  }
  return values
}

/** Looks up the packed keys. Returns undefined if `flags` forbid a disk read that is needed. */
function lookUp(
  family: FamilyHandle,
  count: number,
  flags: number,
  snapshot: number,
): unknown[] | undefined {
  const lengths =
    count <= INLINE_KEYS && spareLengths !== undefined
      ? spareLengths
      : new Uint32Array(Math.max(count, INLINE_KEYS))
  spareLengths = undefined
  try {
    const at = arenaOffset(lastManyBytes)
    putMany(family, count, flags, snapshot)
    const found = family.connection.session.getMany(scratch.buffer, lengths, at)
    if (found === undefined) return undefined
    if (typeof found === 'number') {
      if (!family.value.copies) keepInArena(found)
      return decodeMany(family, count, lengths, arenaBytes(), at)
    }
    lastManyBytes = Math.min(found.length, MANY_ARENA_LIMIT)
    return decodeOwn(family, count, lengths, found)
  } finally {
    if (lengths.length === INLINE_KEYS) spareLengths = lengths
  }
}

export function getManySync(family: FamilyHandle, list: unknown, options: unknown): unknown[] {
  try {
    const { connection } = family
    const { flags, snapshot } = readRequest(connection, options, READ_OPTIONS)
    const count = encodeKeys(family, list)
    connection.counts[Counted.getMany]++
    return lookUp(family, count, flags, snapshot) as unknown[]
  } catch (error) {
    throw explain(error, 'getMany', family)
  }
}

export function getMany(family: FamilyHandle, list: unknown, options: unknown): Promise<unknown[]> {
  try {
    const { connection } = family
    const request = readRequest(connection, options, ASYNC_READ_OPTIONS)
    const { flags, snapshot, deadlineMs } = request
    const count = encodeKeys(family, list)
    connection.counts[Counted.getMany]++
    if (count <= INLINE_KEYS) {
      const tier = count <= NOWAIT_KEYS ? ReadFlag.noWait : ReadFlag.cacheOnly
      const values = lookUp(family, count, flags | tier, snapshot)
      if (values !== undefined) return settled(values, count * BYTES_PER_KEY)
    }
    const { session } = connection
    const answer = call('getMany', family, (id) => {
      putMany(family, count, flags, snapshot)
      session.getManyAsync(id, scratch.buffer, deadlineMs)
    }).then((many) => manyOf(family, many as NativeMany))
    return request === PLAIN_READ ? answer : watched('getMany', family, answer, request)
  } catch (error) {
    return Promise.reject(explain(error, 'getMany', family))
  }
}

function manyOf(family: FamilyHandle, { lengths, bytes }: NativeMany): unknown[] {
  try {
    return decodeOwn(family, lengths.length, lengths, bytes)
  } catch (error) {
    throw explain(error, 'getMany', family)
  }
}
