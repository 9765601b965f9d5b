/** Converts a caller's range to an inclusive lower and an exclusive upper bound in bytes. */
import { invalidValue, optionalBoolean, optionalInteger, readOptions } from '../base/arguments'
import { Counted } from '../connection/counts'
import type { FamilyHandle } from '../connection/handle'
import { appendKey, checkKeyLength, putKey } from '../connection/keys'
import {
  ASYNC_READ_OPTIONS,
  limited,
  READ_OPTIONS,
  type ReadRequest,
  readRequestOf,
  writeFlags,
} from '../connection/requests'
import { keys, MAX_KEY, Sink } from '../native/buffers'
import { RequestSlot } from '../native/cursors'
import { explain, request as record } from '../native/lane'
import { ReadFlag } from '../native/reads'

export const BOUNDS = ['gt', 'gte', 'lt', 'lte', 'prefix'] as const
const SCAN_OPTIONS = [...BOUNDS, 'reverse', 'limit', 'readaheadBytes'] as const
/** Names of the options of a synchronous scan. */
export const SYNC_SCAN_OPTIONS = [...SCAN_OPTIONS, ...READ_OPTIONS] as const
/** Names of the options of an asynchronous scan. */
export const ASYNC_SCAN_OPTIONS = [...SCAN_OPTIONS, ...ASYNC_READ_OPTIONS] as const
const COUNT_OPTIONS = [...BOUNDS, 'reverse', 'limit', ...ASYNC_READ_OPTIONS] as const

/** Where a range begins and ends; undefined is unbounded. */
export interface ByteRange {
  /** The first key in the range. */
  lower: Buffer | undefined
  /** The first key after the range. */
  upper: Buffer | undefined
  /** Whether no key can be in it. */
  empty: boolean
}

/** A range and how to scan it. */
export interface ScanRequest extends ByteRange, ReadRequest {
  /** -1 for no limit. */
  limit: number
  /** 0 lets RocksDB decide. */
  readaheadBytes: number
}

/** The key before all others. */
const START = Buffer.alloc(0)
const nothing: ByteRange = Object.freeze({ lower: undefined, upper: START, empty: true })
const unbounded: ByteRange = Object.freeze({ lower: undefined, upper: undefined, empty: false })

/** Bounds are encoded here, with room for the byte that makes one exclusive. */
const bound = new Sink('bound', MAX_KEY + 64, 1024)

/**
 * The first key that a bound stands for, or, with `beyond`, the first one behind all of them; undefined if
 * there is none.
 */
function edge(
  family: FamilyHandle,
  name: string,
  value: unknown,
  beyond: boolean,
): Buffer | undefined {
  const { bounds } = family.key
  const prepared = (bounds ?? family.key).prepare(value, name)
  bound.trim()
  bound.length = 0
  appendKey(bound, family, prepared, name)
  if (!beyond) return bound.copy()
  if (bounds?.isPartial(prepared) === true) return behind(bound.copy())
  // A zero byte makes it the next key.
  bound.zero()
  return bound.copy()
}

type End = Buffer | undefined

function larger(a: End, b: End): End {
  if (a === undefined || b === undefined) return a ?? b
  return a.compare(b) < 0 ? b : a
}

function smaller(a: End, b: End): End {
  if (a === undefined || b === undefined) return a ?? b
  return a.compare(b) > 0 ? b : a
}

/** The first key after all keys with this prefix; undefined if there is none. */
function behind(prefix: Buffer): Buffer | undefined {
  let length = prefix.length
  while (length > 0 && prefix[length - 1] === 0xff) length--
  if (length === 0) return undefined
  const key = Buffer.from(prefix.subarray(0, length))
  key[length - 1] = (key[length - 1] as number) + 1
  return key
}

/**
 * Writes where a cursor is to go to the key buffer; returns its length. The first parts of a tuple are before
 * all keys that begin with them, or behind all where it goes backwards.
 */
export function putPlace(family: FamilyHandle, key: unknown, backwards: boolean): number {
  const { bounds } = family.key
  if (bounds === undefined) return putKey(family, key)
  const prepared = bounds.prepare(key, 'key')
  keys.length = 0
  appendKey(keys, family, prepared, 'key')
  if (backwards && bounds.isPartial(prepared)) moveBehind()
  return checkKeyLength('key', keys.length)
}

/** Puts the first key behind all that begin with the key in the key buffer there. */
function moveBehind(): void {
  const next = behind(keys.copy())
  if (next === undefined) {
    // Nothing is behind them but the longest key of these bytes.
    const rest = Buffer.alloc(MAX_KEY - keys.length, 0xff)
    keys.bytes(rest, rest.length)
  } else {
    keys.length = 0
    keys.bytes(next, next.length)
  }
}

/** The intersection of the bounds in options that were already read. */
export function byteRange(
  family: FamilyHandle,
  options: Record<string, unknown>,
  where: string,
): ByteRange {
  const { gt, gte, lt, lte, prefix } = options
  let lower: End
  let upper: End
  if (gt !== undefined) {
    const first = edge(family, `${where}.gt`, gt, true)
    if (first === undefined) return nothing
    lower = first
  }
  if (gte !== undefined) lower = larger(lower, edge(family, `${where}.gte`, gte, false))
  if (lt !== undefined) upper = edge(family, `${where}.lt`, lt, false)
  if (lte !== undefined) upper = smaller(upper, edge(family, `${where}.lte`, lte, true))
  if (prefix !== undefined) {
    if (!family.key.prefixes) {
      const reason = `is for keys that are bytes, text or tuples, and those of "${family.name}" are not`
      throw invalidValue(`${where}.prefix`, prefix, reason)
    }
    const first = edge(family, `${where}.prefix`, prefix, false) as Buffer
    lower = larger(lower, first)
    upper = smaller(upper, behind(first))
  }
  const empty = upper !== undefined && upper.compare(lower ?? START) <= 0
  return { lower, upper, empty }
}

/** A range of bounds only. */
export function readBounds(family: FamilyHandle, range: unknown): ByteRange {
  if (range === undefined) return unbounded
  return byteRange(family, readOptions('range', range, BOUNDS), 'range')
}

function limitOf(where: string, value: unknown): number {
  if (value === Number.POSITIVE_INFINITY) return -1
  return optionalInteger(`${where}.limit`, value, { default: -1 })
}

/** Converts options to a scan's request. */
export function scanRequest(
  family: FamilyHandle,
  given: unknown,
  known: readonly string[],
): ScanRequest {
  const options = readOptions('options', given, known)
  const request = readRequestOf(family.connection, options)
  const { reverse, limit: rows, readaheadBytes: ahead } = options
  const backwards = optionalBoolean('options.reverse', reverse, false)
  const limit = limitOf('options', rows)
  const most = 0x7fffffff
  const readaheadBytes = optionalInteger('options.readaheadBytes', ahead, { max: most, default: 0 })
  const { lower, upper, empty } = byteRange(family, options, 'options')
  return {
    lower,
    upper,
    empty: empty || limit === 0,
    limit,
    readaheadBytes,
    flags:
      request.flags |
      family.flags |
      family.connection.scanFlags |
      (backwards ? ReadFlag.reverse : 0),
    snapshot: request.snapshot,
    signal: request.signal,
    deadlineMs: request.deadlineMs,
  }
}

/** Puts a bound into the key buffer; returns its length, or -1 for none. */
function putBound(bound: Buffer | undefined): number {
  if (bound === undefined) return -1
  keys.bytes(bound, bound.length)
  return bound.length
}

/** Writes the range to the request record of the next call. */
export function putRange(family: FamilyHandle, { lower, upper }: ByteRange): void {
  keys.length = 0
  record[RequestSlot.family] = family.id
  record[RequestSlot.lowerLength] = putBound(lower)
  record[RequestSlot.upperLength] = putBound(upper)
}

/** Writes the range and the scan's options to the request record. */
export function putScan(family: FamilyHandle, scan: ScanRequest, flags: number): void {
  putRange(family, scan)
  record[RequestSlot.snapshot] = scan.snapshot
  record[RequestSlot.flags] = flags
  record[RequestSlot.limit] = scan.limit
  record[RequestSlot.readaheadBytes] = scan.readaheadBytes
}

/** Counts the rows of a range on a thread. */
export async function count(family: FamilyHandle, options: unknown): Promise<number> {
  const { connection } = family
  let request: ScanRequest
  try {
    request = scanRequest(family, options, COUNT_OPTIONS)
  } catch (error) {
    throw explain(error, 'count', family)
  }
  const { flags, deadlineMs, signal } = request
  connection.assertOpen('count', family)
  if (request.empty) return 0
  connection.counts[Counted.count]++
  const answer = connection.call<number>(
    'count',
    (session, id) => {
      putScan(family, request, flags)
      session.count(id, deadlineMs)
    },
    family,
  )
  return limited(answer, signal, undefined, (error) => explain(error, 'count', family))
}

/** Removes the rows of a range, in order with the other writes. */
export async function clear(family: FamilyHandle, range: unknown, options: unknown): Promise<void> {
  const { connection } = family
  const given = readOptions('range', range, [...BOUNDS, 'limit'])
  const flags = writeFlags(connection, options)
  const { limit: rows } = given
  const limit = limitOf('range', rows)
  const bytes = byteRange(family, given, 'range')
  connection.assertOpen('clear', family)
  if (bytes.empty || limit === 0) return
  connection.counts[Counted.clear]++
  await connection.call(
    'clear',
    (session, id) => {
      putRange(family, bytes)
      record[RequestSlot.limit] = limit
      record[RequestSlot.flags] = flags
      session.clear(id)
    },
    family,
  )
}
