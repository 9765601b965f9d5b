/**
 * `ordered`: any primitive, or an array of them, as lmdb has its keys: by the package ordered-binary.
 *
 * The package may never come to an end with bytes that it has not written, and of some values it writes others'
 * bytes. So here parts are told apart and text is read, and a key that would not come back is refused.
 */
import { invalidType, invalidValue, wellFormed } from '../base/arguments'
import type { Codec, OrderedKey } from '../types/codecs'
import { appendBytes, guessBytes } from './bytes'
import { type CodecImplementation, corrupt } from './codec'
import { makeCodec } from './made'
import { notInstalled } from './optional'
import { readText } from './text'

interface Library {
  writeKey(key: never, target: Buffer, position: number): number
  readKey(bytes: Buffer, start: number, end: number): unknown
}

/** What the first byte of a part says. */
const [NULL, FALSE, TRUE, FIRST_NUMBER, FIRST_TEXT, MARK] = [0, 6, 7, 8, 24, 27]
const ESCAPE = 4
const SEPARATOR = 0
const NUMBER_SIZE = 9
/** The package reads and writes whole words, and looks at the byte behind a part. */
const ROOM = 32

/** More than a bigint takes that is as large as a double can be. */
const LONGEST_NUMBER = 256
/** Where numbers are decoded, with zeros behind them. No user code runs meanwhile. */
const area = Buffer.alloc(LONGEST_NUMBER + ROOM)

// Of webpack, which replaces both names.
declare const __webpack_require__: unknown
declare const __non_webpack_require__: NodeJS.Require

function loadLibrary(): Library {
  try {
    return typeof __webpack_require__ === 'function'
      ? __non_webpack_require__('ordered-binary')
      : require('ordered-binary')
  } catch (error) {
    throw notInstalled('ordered()', 'ordered-binary', error)
  }
}

/** Where the part that begins at `start` ends. */
function endOfPart(bytes: Buffer, start: number, end: number): number {
  const first = bytes[start] as number
  if (first === NULL || first === FALSE || first === TRUE) return start + 1
  let at = start
  if (first >= FIRST_TEXT) {
    while (at < end && bytes[at] !== SEPARATOR) at += bytes[at] === ESCAPE ? 2 : 1
    return at
  }
  if (first < FIRST_NUMBER) throw corrupt('ordered', 'they begin like nothing that is written')
  at = Math.min(start + NUMBER_SIZE, end)
  while (at < end && bytes[at] !== SEPARATOR) at++
  return at
}

function readPart(library: Library, bytes: Buffer, start: number, end: number): unknown {
  const first = bytes[start] as number
  if (first === NULL) return null
  if (first < FIRST_NUMBER) return first === TRUE
  return first >= FIRST_TEXT
    ? readString(bytes, start, end)
    : readNumber(library, bytes, start, end)
}

/** Text as the package writes it: a mark before a first character that is another type's, and escapes. */
function readString(bytes: Buffer, start: number, end: number): string {
  const begin = bytes[start] === MARK ? start + 1 : start
  for (let i = begin; i < end; i++) {
    if ((bytes[i] as number) > ESCAPE) continue
    const plain = withoutEscapes(bytes, begin, end)
    return readText(plain, 0, plain.length)
  }
  return readText(bytes, begin, end)
}

function withoutEscapes(bytes: Buffer, start: number, end: number): Buffer {
  const plain = Buffer.allocUnsafe(end - start)
  let length = 0
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number
    const escaped = byte === ESCAPE ? (bytes[++i] as number) : undefined
    if (escaped === undefined ? byte < ESCAPE : escaped > ESCAPE) {
      throw corrupt('ordered', 'they have a wrong escape')
    }
    plain[length++] = escaped ?? byte
  }
  return plain.subarray(0, length)
}

function readNumber(library: Library, bytes: Buffer, start: number, end: number): unknown {
  const size = end - start
  if (size > LONGEST_NUMBER) throw corrupt('ordered', 'they are too many for a number')
  bytes.copy(area, 0, start, end)
  area.fill(0, size, size + ROOM)
  try {
    const value = library.readKey(area, 0, size)
    if (!Number.isNaN(value)) return value
  } catch {
    // It is no number.
  }
  throw corrupt('ordered', 'the package ordered-binary cannot read them')
}

function read(library: Library, bytes: Buffer, start: number, end: number): unknown {
  if (start === end) throw corrupt('ordered', 'there are none')
  const parts: unknown[] = []
  let at = start
  for (;;) {
    const stop = endOfPart(bytes, at, end)
    if (stop > end) throw corrupt('ordered', 'they end within a part')
    parts.push(readPart(library, bytes, at, stop))
    if (stop === end) return parts.length === 1 ? parts[0] : parts
    if (bytes[stop] !== SEPARATOR) throw corrupt('ordered', 'nothing ends a part')
    at = stop + 1
    if (at === end) throw corrupt('ordered', 'the last part is missing')
  }
}

/** Checks a part; returns it without the sign of a zero. */
function checkPart(value: unknown, name: string): unknown {
  if (typeof value === 'string') return wellFormed(name, value)
  if (typeof value === 'number') {
    if (Number.isNaN(value)) throw invalidValue(name, value, 'must not be NaN in a key')
    return value + 0
  }
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return value
  throw invalidType(name, 'null, a boolean, a number, a bigint or a string', value)
}

/** More bytes than the part takes. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return 3 * value.length + ROOM
  return typeof value === 'bigint' ? value.toString(16).length + ROOM : ROOM
}

/** An array of one is as it stands before more: numbers have all of their bytes. */
function write(library: Library, parts: readonly unknown[], alone: boolean): Buffer {
  let size = ROOM
  for (const part of parts) size += sizeOf(part)
  const bytes = Buffer.allocUnsafeSlow(size + (-size & 3))
  return bytes.subarray(0, library.writeKey((alone ? parts[0] : parts) as never, bytes, 0))
}

/** Numbers and bigints of one size are one key. */
function isSame(given: unknown, found: unknown): boolean {
  // biome-ignore lint/suspicious/noDoubleEquals: 5n is 5
  return given === found || (isNumeric(given) && isNumeric(found) && given == found)
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

function prepared(
  library: Library,
  parts: readonly unknown[],
  given: unknown,
  name: string,
): Buffer {
  try {
    const bytes = write(library, parts, !Array.isArray(given))
    const found = read(library, bytes, 0, bytes.length)
    const list = Array.isArray(found) ? found : [found]
    const same = list.length === parts.length && parts.every((part, at) => isSame(part, list[at]))
    if (same) return bytes
  } catch {
    // As if it came back as something else.
  }
  throw invalidValue(name, given, 'is a key that the package ordered-binary does not give back')
}

/** The parts of a key, checked. */
function partsOf(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) return [checkPart(value, name)]
  const parts: unknown[] = []
  for (let i = 0; i < value.length; i++) parts.push(checkPart(value[i], `${name}[${i}]`))
  return parts
}

function orderedOf(library: Library): CodecImplementation {
  return {
    copies: true,
    prefixes: false,
    prepare(value, name) {
      const parts = partsOf(value, name)
      if (Array.isArray(value) && parts.length < 2) {
        throw invalidValue(name, value, 'must be of two or more where it is an array')
      }
      return prepared(library, parts, value, name)
    },
    guess: guessBytes,
    append: appendBytes,
    read: (bytes, start, end) => read(library, bytes, start, end),
    ordered: true,
    width: 0,
    endOf: undefined,
    bounds: {
      // An array of one is where those that begin with it begin.
      prepare(value, name) {
        const parts = partsOf(value, name)
        return parts.length === 0 ? Buffer.alloc(0) : prepared(library, parts, value, name)
      },
      isPartial: () => false,
    },
  }
}

/**
 * A codec of keys that are null, booleans, numbers, bigints, strings, or arrays of two or more of these, in this order,
 * as lmdb and harper have them: by the package `ordered-binary`, version 1, which must be installed; fails with
 * `ERR_NOT_SUPPORTED` otherwise. A bigint that is a whole double comes back as a number; a key that would come back as
 * another one fails with `ERR_INVALID_ARG_VALUE`. Where all keys have the same parts, use `tuple`.
 *
 * @example
 * ```ts
 * const columnFamilies = { settings: { key: ordered(), value: 'json' } }
 *
 * await settings.put(['ada', 'font', 12], value)
 * ```
 */
export function ordered(): Codec<OrderedKey> {
  const implementation = orderedOf(loadLibrary())
  return makeCodec(() => implementation) as Codec<OrderedKey>
}
