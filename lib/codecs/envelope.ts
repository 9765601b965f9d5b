/**
 * What is stored in families whose rows expire: 8 bytes, big-endian, with the moment in milliseconds
 * since 1970, or 0 for never, and the value behind them. Native code hides what has expired and takes
 * these bytes off; only the change feed and `ReadFlag.envelope` give them.
 */
import { types } from 'node:util'
import { invalidType, invalidValue, outOfRange, readOptions } from '../base/arguments'
import type { Sink } from '../native/buffers'
import { nowMs } from '../native/clock'
import { type CodecImplementation, corrupt, type Enveloped, type Prepared } from './codec'

/** Bytes before the value. */
export const ENVELOPE = 8
/** The last moment that a `Date` has. */
export const LAST_MS = 8.64e15
const HIGH = 2 ** 32

/** Names of the options that say how long a row lives. */
export const LIFETIME_OPTIONS = ['ttlMs', 'expiresAt'] as const

/** The codec of a family's values, in their envelopes. */
export class EnvelopeCodec implements CodecImplementation {
  readonly copies: boolean
  readonly prefixes = false
  /** The codec of what is inside. */
  readonly payload: CodecImplementation
  /** How long rows live by default; 0 is for good. */
  readonly afterMs: number

  constructor(payload: CodecImplementation, afterMs: number) {
    this.payload = payload
    this.afterMs = afterMs
    this.copies = payload.copies
  }

  prepare(value: unknown, name: string): Prepared {
    return this.prepareUntil(value, name, this.#byDefault())
  }

  /** A value that expires then; undefined is when it does by default. */
  prepareUntil(value: unknown, name: string, expiresAtMs: number | undefined): Prepared {
    const payload = this.payload.prepare(value, name)
    return { expiresAtMs: expiresAtMs ?? this.#byDefault(), payload }
  }

  guess(prepared: Prepared, name: string): number {
    return ENVELOPE + this.payload.guess((prepared as Enveloped).payload, name)
  }

  append(sink: Sink, prepared: Prepared, guess: number): void {
    const { expiresAtMs, payload } = prepared as Enveloped
    sink.reserve(ENVELOPE)
    const { buffer, length } = sink
    buffer.writeUInt32BE(Math.floor(expiresAtMs / HIGH), length)
    buffer.writeUInt32BE(expiresAtMs % HIGH, length + 4)
    sink.length = length + ENVELOPE
    this.payload.append(sink, payload, guess - ENVELOPE)
  }

  /** Of what native gives, which has no envelope any more. */
  read(bytes: Buffer, start: number, end: number): unknown {
    return this.payload.read(bytes, start, end)
  }

  #byDefault(): number {
    return this.afterMs === 0 ? 0 : Math.min(nowMs() + this.afterMs, LAST_MS)
  }
}

/** The moment of a stored value; null is never. */
export function momentOf(bytes: Buffer, start: number, end: number): Date | null {
  if (end - start < ENVELOPE) {
    throw corrupt('a row that expires', `they are ${end - start}, and ${ENVELOPE} say when`)
  }
  const ms = bytes.readUInt32BE(start) * HIGH + bytes.readUInt32BE(start + 4)
  return ms === 0 ? null : new Date(Math.min(ms, LAST_MS))
}

/**
 * The moment that options ask for, in milliseconds; 0 is never, undefined where they say nothing. `where`
 * is what they are called, `family` whose row it is.
 */
export function expiryOf(
  options: Record<string, unknown>,
  where: string,
  family: { readonly name: string; readonly envelope: EnvelopeCodec | undefined },
): number | undefined {
  const { ttlMs, expiresAt } = options
  if (ttlMs === undefined && expiresAt === undefined) return undefined
  const name = ttlMs === undefined ? 'expiresAt' : 'ttlMs'
  const given = ttlMs === undefined ? expiresAt : ttlMs
  if (family.envelope === undefined) {
    const reason = `is for column families with "expires", and "${family.name}" has none`
    throw invalidValue(`${where}.${name}`, given, reason)
  }
  if (ttlMs === undefined) return absolute(`${where}.expiresAt`, expiresAt)
  if (expiresAt === undefined) return relative(`${where}.ttlMs`, ttlMs)
  throw invalidValue(`${where}.expiresAt`, expiresAt, 'cannot be given together with "ttlMs"')
}

/** `expiryOf` of options that say nothing else. */
export function readLifetime(
  family: Parameters<typeof expiryOf>[2],
  options: unknown,
): number | undefined {
  if (options === undefined) return undefined
  return expiryOf(readOptions('options', options, LIFETIME_OPTIONS), 'options', family)
}

function relative(name: string, ttlMs: unknown): number {
  if (typeof ttlMs !== 'number') throw invalidType(name, 'an integer', ttlMs)
  if (!Number.isInteger(ttlMs)) throw outOfRange(name, 'an integer', ttlMs)
  const now = nowMs()
  if (ttlMs < 1 || ttlMs > LAST_MS - now) {
    throw outOfRange(name, `>= 1 && <= ${LAST_MS - now}`, ttlMs)
  }
  return now + ttlMs
}

function absolute(name: string, expiresAt: unknown): number {
  if (expiresAt === null) return 0
  const isDate = types.isDate(expiresAt)
  if (!isDate && typeof expiresAt !== 'number') {
    throw invalidType(name, 'a Date, an integer or null', expiresAt)
  }
  const ms = isDate ? Date.prototype.getTime.call(expiresAt) : (expiresAt as number)
  if (!Number.isInteger(ms))
    throw outOfRange(name, isDate ? 'a valid date' : 'an integer', expiresAt)
  if (ms < 1 || ms > LAST_MS) throw outOfRange(name, `>= 1 && <= ${LAST_MS}`, ms)
  return ms
}
