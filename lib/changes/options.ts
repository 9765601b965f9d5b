/** Options of the change feed, read once and checked. */
import {
  invalidType,
  invalidValue,
  optionalBoolean,
  optionalInteger,
  readOptions,
  wellFormed,
} from '../base/arguments'
import type { FamilyHandle } from '../connection/handle'
import { signalOf } from '../connection/requests'
import type { Families } from '../open/families'
import { BOUNDS, type ByteRange, byteRange } from '../reads/range'

const STREAM = ['signal', 'maxBufferedBytes', 'heartbeatMs', 'durable'] as const
const CHANGES = ['after', 'families', ...STREAM] as const
const RETAIN = ['after', 'maxBytes', 'maxAgeMs'] as const
const WATCH = [...BOUNDS, 'initial', ...STREAM] as const

const PAGE_BYTES = 1 << 20
const WATCH_BYTES = 16 << 20
const MOST_BYTES = 1 << 30
const LONGEST_MS = 0x7fffffff
const LONGEST_NAME = 255

/** The families that were asked for. */
export interface FamilyFilter {
  /** Those given as objects, or living under a name that was given. */
  byId: Map<number, FamilyHandle>
  /** Names that were given: families made later may have them. */
  names: Set<string>
}

interface StreamOptions {
  signal: AbortSignal | undefined
  maxBufferedBytes: number
  /** 0 for none. */
  heartbeatMs: number
  /** Only what is synced. */
  durable: boolean
}

export interface ChangesRequest extends StreamOptions {
  after: string
  filter: FamilyFilter | undefined
}

export interface WatchRequest extends StreamOptions {
  range: ByteRange
  initial: boolean
}

export interface RetainRequest {
  after: string
  /** 0 for none, as `maxAgeMs`. */
  maxBytes: number
  maxAgeMs: number
}

export function changesRequest(families: Families, given: unknown): ChangesRequest {
  const options = readOptions('options', given, CHANGES)
  const { after, families: list } = options
  return {
    after: afterOf(after),
    filter: list === undefined ? undefined : filterOf(families, list),
    ...streamOptions(options, PAGE_BYTES),
  }
}

export function watchRequest(family: FamilyHandle, given: unknown): WatchRequest {
  const options = readOptions('options', given, WATCH)
  const { initial } = options
  return {
    range: byteRange(family, options, 'options'),
    initial: optionalBoolean('options.initial', initial, false),
    ...streamOptions(options, WATCH_BYTES),
  }
}

export function retainRequest(given: unknown): RetainRequest {
  const { after, maxBytes, maxAgeMs } = readOptions('options', given, RETAIN)
  return {
    after: afterOf(after),
    maxBytes: optionalInteger('options.maxBytes', maxBytes, { min: 1, default: 0 }),
    maxAgeMs: optionalInteger('options.maxAgeMs', maxAgeMs, { min: 1, default: 0 }),
  }
}

/** The name of a place that is kept. */
export function placeName(name: unknown): string {
  if (typeof name !== 'string') throw invalidType('name', 'a string', name)
  if (name === '') throw invalidValue('name', name, 'must not be empty')
  if (Buffer.byteLength(wellFormed('name', name)) > LONGEST_NAME) {
    throw invalidValue('name', name, `must have at most ${LONGEST_NAME} bytes`)
  }
  return name
}

function streamOptions(options: Record<string, unknown>, fallback: number): StreamOptions {
  const { signal, maxBufferedBytes, heartbeatMs, durable } = options
  return {
    signal: signalOf(signal),
    maxBufferedBytes: optionalInteger('options.maxBufferedBytes', maxBufferedBytes, {
      min: 1,
      max: MOST_BYTES,
      default: fallback,
    }),
    heartbeatMs: optionalInteger('options.heartbeatMs', heartbeatMs, {
      min: 1,
      max: LONGEST_MS,
      default: 0,
    }),
    durable: optionalBoolean('options.durable', durable, false),
  }
}

function afterOf(after: unknown): string {
  if (after === undefined) return 'now'
  if (typeof after !== 'string') throw invalidType('options.after', 'a string', after)
  if (after === '') throw invalidValue('options.after', after, 'must not be empty')
  return wellFormed('options.after', after)
}

function filterOf(families: Families, list: unknown): FamilyFilter {
  if (!Array.isArray(list)) throw invalidType('options.families', 'an array', list)
  const given = Array.from(list as unknown[])
  if (given.length === 0) throw invalidValue('options.families', list, 'must not be empty')
  const filter: FamilyFilter = { byId: new Map(), names: new Set() }
  for (const family of given) {
    if (family === undefined) {
      throw invalidType('options.families', 'an array of names and ColumnFamily objects', list)
    }
    const handle = families.handle(family)
    filter.byId.set(handle.id, handle)
    if (typeof family === 'string') filter.names.add(family)
  }
  return filter
}
