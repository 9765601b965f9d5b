/**
 * Checks of callers' arguments. Wrong arguments become `TypeError` or `RangeError` with Node's own
 * codes and wording. Texts are described only by their length, unless they are values of options: a
 * message must never contain bytes of a key or a value.
 */

/** An error like those that Node throws for wrong arguments. */
export type ArgumentError<E extends Error> = E & { code: string }

/** The argument is of the wrong type. `expected` completes "must be …": `a string`, `an integer`. */
export function invalidType(
  name: string,
  expected: string,
  actual: unknown,
): ArgumentError<TypeError> {
  const message = `The ${argument(name)} must be ${expected}. Received ${describe(actual)}`
  return coded(new TypeError(message), 'ERR_INVALID_ARG_TYPE', invalidType)
}

/** The argument has the right type and an invalid value. `reason` completes a sentence. */
export function invalidValue(
  name: string,
  value: unknown,
  reason: string,
): ArgumentError<TypeError> {
  const message = `The ${argument(name)} ${reason}. Received ${describe(value)}`
  return coded(new TypeError(message), 'ERR_INVALID_ARG_VALUE', invalidValue)
}

/** The number is out of range. `allowed` completes "It must be …": `>= 0 && <= 9`. */
export function outOfRange(
  name: string,
  allowed: string,
  actual: unknown,
): ArgumentError<RangeError> {
  const message =
    `The value of "${name}" is out of range. It must be ${allowed}. ` +
    `Received ${describe(actual)}`
  return coded(new RangeError(message), 'ERR_OUT_OF_RANGE', outOfRange)
}

/**
 * A class whose objects inherit nothing. V8 keeps `Object.create(null)` as a dictionary, which is
 * slow to fill and to read.
 */
class Bare {
  [name: string]: unknown
}
Reflect.deleteProperty(Bare.prototype, 'constructor')
Object.freeze(Object.setPrototypeOf(Bare.prototype, null))

/**
 * The own enumerable properties of an object, each read once, in an object that inherits nothing.
 * Getters and Proxies run here, and not when the result is read. undefined becomes {}.
 */
export function ownProperties(name: string, value: unknown): Record<string, unknown> {
  const copy = new Bare()
  if (value === undefined) return copy
  const isList = Array.isArray(value) || ArrayBuffer.isView(value)
  if (typeof value !== 'object' || value === null || isList) {
    throw invalidType(name, 'an object', value)
  }
  for (const key of Object.keys(value)) copy[key] = (value as Record<string, unknown>)[key]
  return copy
}

const AS_CODEC = 'how bytes are read is said once, of a family: '

/** Other packages' names for options that have another name here. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  keyEncoding: `${AS_CODEC}columnFamilies: { users: { key: 'utf8' } }`,
  valueEncoding: `${AS_CODEC}columnFamilies: { users: { value: 'json' } }`,
}

/** `ownProperties` of an options object; refuses names that are not in `known`. */
export function readOptions(
  name: string,
  value: unknown,
  known: readonly string[],
): Record<string, unknown> {
  const options = ownProperties(name, value)
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue
    const hint = Object.hasOwn(ELSEWHERE, key) ? `: ${ELSEWHERE[key]}` : suggestion(key, known)
    const message = `The ${argument(name)} has no property ${quote(key)}${hint}`
    throw coded(new TypeError(message), 'ERR_INVALID_ARG_VALUE', readOptions)
  }
  return options
}

/** A boolean; the default if undefined. */
export function optionalBoolean<D>(name: string, value: unknown, fallback: D): boolean | D {
  if (value === undefined) return fallback
  if (typeof value !== 'boolean') throw invalidType(name, 'a boolean', value)
  return value
}

/** Bounds and default of `optionalInteger`. */
export interface IntegerRange<D> {
  /** 0 by default. */
  min?: number
  /** Number.MAX_SAFE_INTEGER by default. */
  max?: number
  default: D
}

/** A whole number within its range; the default if undefined. */
export function optionalInteger<D>(
  name: string,
  value: unknown,
  { min = 0, max = Number.MAX_SAFE_INTEGER, default: fallback }: IntegerRange<D>,
): number | D {
  if (value === undefined) return fallback
  if (typeof value !== 'number') throw invalidType(name, 'an integer', value)
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value)
  if (value < min || value > max) throw outOfRange(name, `>= ${min} && <= ${max}`, value)
  return value
}

/** A well-formed string; the default if undefined. */
export function optionalString<D>(name: string, value: unknown, fallback: D): string | D {
  if (value === undefined) return fallback
  if (typeof value !== 'string') throw invalidType(name, 'a string', value)
  return wellFormed(name, value)
}

/** One of the allowed words; the default if undefined. */
export function oneOf<const W extends string, D>(
  name: string,
  value: unknown,
  allowed: readonly W[],
  fallback: D,
): W | D {
  if (value === undefined) return fallback
  const words = allowed.map((word) => `'${word}'`).join(', ')
  if (typeof value !== 'string') throw invalidType(name, `one of ${words}`, value)
  if ((allowed as readonly string[]).includes(value)) return value as W
  const message = `The ${argument(name)} must be one of ${words}. Received ${quote(value)}`
  throw coded(new TypeError(message), 'ERR_INVALID_ARG_VALUE', oneOf)
}

/** ES2024; every supported Node has it. */
type WellFormedString = string & { isWellFormed(): boolean }

/**
 * Returns the string if it can be encoded in UTF-8. Lone surrogates cannot: all of them would
 * encode to the same three bytes, so two different keys would become one.
 */
export function wellFormed(name: string, value: string): string {
  if (!(value as WellFormedString).isWellFormed()) {
    throw invalidValue(name, value, 'must be well-formed and has a lone surrogate')
  }
  return value
}

/** `: did you mean "x"?` if a known name is similar; otherwise the empty string. */
export function suggestion(name: string, known: readonly string[]): string {
  const best = nearest(name, known)
  return best === undefined ? '' : `: did you mean ${quote(best)}?`
}

/** The known name with the fewest edits, if there are few enough for a typo. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > 100) return undefined
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(simplified(name), simplified(candidate))
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Describes a value as Node does: `type number (5)`, `an instance of Map`, `undefined`. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  switch (typeof value) {
    case 'function':
      return 'a function'
    case 'object':
      return describeObject(value)
    case 'string':
      return `type string (${value.length} characters)`
    case 'bigint':
      return `type bigint (${shorten(`${value}n`)})`
    case 'symbol':
      return 'type symbol'
    default:
      return `type ${typeof value} (${Object.is(value, -0) ? '-0' : String(value)})`
  }
}

/** Shows an option's value, quoted and cut to one line. Never use it for keys or values. */
export function quote(text: string): string {
  return JSON.stringify(shorten(text))
}

/** Reads only the constructor's name, and nothing else that a Proxy or a getter could answer. */
function describeObject(value: object): string {
  try {
    if (Array.isArray(value)) return 'an instance of Array'
    const name: unknown = Object.getPrototypeOf(value)?.constructor?.name
    return typeof name === 'string' && name !== '' ? `an instance of ${shorten(name)}` : 'an object'
  } catch {
    return 'an object'
  }
}

/** `options.limit` is a property, `key` an argument: Node words them differently. */
function argument(name: string): string {
  return name.includes('.') ? `"${name}" property` : `"${name}" argument`
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** Names are compared without case or separators: `write_buffer_mb` equals `writeBufferMb`. */
function simplified(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** The Levenshtein distance, one row at a time. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1)
      const edit = Math.min(previous[column] ?? 0, current[column - 1] ?? 0) + 1
      current.push(Math.min(substitution, edit))
    }
    previous = current
  }
  return previous[to.length] ?? 0
}

/** Adds the code, and removes the frame of the function `above` from the stack. */
function coded<E extends Error>(
  error: E,
  code: string,
  above: (...args: never[]) => unknown,
): ArgumentError<E> {
  Error.captureStackTrace(error, above)
  return Object.assign(error, { code })
}
