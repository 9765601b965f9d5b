/** How keys and values of a family are shown and read: by a format's name, or by the service's own codec. */
import type { CodecImplementation } from '../codecs/codec'
import { codecOf } from '../codecs/codecs'
import { makeCodec, madeImplementation } from '../codecs/made'
import { handleOf } from '../column-family'
import type { FamilyHandle } from '../connection/handle'
import type { Database } from '../database'
import { decode } from '../formats/decode'
import type { Format, Side } from '../formats/format'
import { AUTO, FORMAT_NAMES, formatOf } from '../formats/names'
import { jsonLine, parseJson } from '../formats/plain'
import { type FormatNames, readFormats } from '../formats/remembered'
import { MAX_BATCH, Sink } from '../native/buffers'
import { Refused } from './exchange'
import type { Cell, FamilyName } from './protocol'

/** The format of whatever codec the service declares, where it has no name. */
export const DECLARED = 'declared'

/** Text forms of one side of a family's rows. */
export interface Shape {
  readonly name: string
  /** The text, or why there is none. */
  text(bytes: Buffer): { text?: string; problem?: string }
  /** The bytes of a text; `0x` and hexadecimal in every shape. Throws what is wrong with it. */
  bytes(text: string): Buffer
  /** The bytes that keys of a range begin with. */
  prefix(text: string): Buffer
}

interface Encodes {
  encode(value: unknown): Uint8Array
}

const sink = new Sink('key', MAX_BATCH, 1024)

function hexOf(text: string): Buffer | undefined {
  return /^0x([0-9a-f]{2})*$/i.test(text) ? Buffer.from(text.slice(2), 'hex') : undefined
}

function wanted<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new Refused(400, 'ERR_INVALID_ARGUMENT', (error as Error).message)
  }
}

/** What a bound encodes to; of tuples also the first parts alone. */
function boundBytes(implementation: CodecImplementation, value: unknown): Buffer {
  const { bounds } = implementation
  const prepared = (bounds ?? implementation).prepare(value, 'prefix')
  sink.trim()
  sink.length = 0
  implementation.append(sink, prepared, implementation.guess(prepared, 'prefix'))
  return sink.copy()
}

function shapeOfFormat(format: Format, side: Side): Shape {
  const encode = (value: unknown) => Buffer.from((format.codec as Encodes).encode(value))
  return {
    name: format.name,
    text(bytes) {
      const { value, problem } = decode(format, bytes)
      if (problem !== undefined) return { problem }
      return { text: format.name === AUTO ? (value as string) : format.text(value) }
    },
    bytes: (text) => wanted(() => hexOf(text) ?? encode(format.parse(text))),
    prefix: (text) =>
      wanted(() => {
        const implementation = madeImplementation(format.raw, side) as CodecImplementation
        return hexOf(text) ?? boundBytes(implementation, format.parseBound(text))
      }),
  }
}

/** A codec that the service has made itself: its values as JSON. */
function shapeOfCodec(implementation: CodecImplementation): Shape {
  const encode = (text: string) => {
    const codec = makeCodec(() => implementation) as Encodes
    return Buffer.from(codec.encode(parseJson(text)))
  }
  return {
    name: DECLARED,
    text(bytes) {
      try {
        const value = implementation.read(bytes, 0, bytes.length)
        return { text: typeof value === 'string' ? value : jsonLine(value) }
      } catch (error) {
        return { problem: (error as Error).message }
      }
    },
    bytes: (text) => wanted(() => hexOf(text) ?? encode(text)),
    prefix: (text) => wanted(() => hexOf(text) ?? boundBytes(implementation, parseJson(text))),
  }
}

/** The name of the format that is a family's own codec: undefined where no format is. */
function nameOf(implementation: CodecImplementation, side: Side): string | undefined {
  const named = [
    'utf8',
    'json',
    'uint32',
    'uint64',
    'int32',
    'int64',
    'float64',
    'date',
    'boolean',
    'uuid',
  ]
  return named.find((name) => {
    try {
      return codecOf(side, name, side) === implementation
    } catch {
      return false
    }
  })
}

const plainBytes = (side: Side) => codecOf(side, 'buffer', side)

/** The formats of all families of a database. */
export class Shapes {
  readonly #db: Database
  readonly #remembered: ReadonlyMap<string, FormatNames>
  readonly #asked: FormatNames

  constructor(db: Database, asked: FormatNames) {
    this.#db = db
    this.#asked = asked
    this.#remembered = rememberedOf(db.path)
  }

  #handle(family: string): FamilyHandle {
    return handleOf(this.#db.columnFamily<never, never>(family as never))
  }

  /** The formats that a family's rows are shown in at first. */
  first(family: string): FamilyName {
    const handle = this.#handle(family)
    const remembered = this.#remembered.get(family) ?? {}
    const one = (side: Side, implementation: CodecImplementation) => {
      if (implementation !== plainBytes(side)) return nameOf(implementation, side) ?? DECLARED
      return this.#asked[side] ?? remembered[side] ?? AUTO
    }
    const value = handle.envelope?.payload ?? handle.value
    return { name: family, key: one('key', handle.key), value: one('value', value) }
  }

  /** The shape of a name; of the family's own codec, where it is `declared`. */
  shape(family: string, side: Side, name: string): Shape {
    if (name !== DECLARED) return wanted(() => shapeOfFormat(formatOf(name || AUTO, side), side))
    const handle = this.#handle(family)
    const value = handle.envelope?.payload ?? handle.value
    return shapeOfCodec(side === 'key' ? handle.key : value)
  }
}

function rememberedOf(path: string): ReadonlyMap<string, FormatNames> {
  try {
    return readFormats(path)
  } catch {
    // A damaged file of formats keeps nobody from looking: everything is shown as text or bytes.
    return new Map()
  }
}

/** Names to choose from. */
export const SHAPE_NAMES = FORMAT_NAMES

/** What is shown of bytes, of which there may be more than are here. */
export function cellOf(shape: Shape, bytes: Buffer, size = bytes.length): Cell {
  const cut = bytes.length < size
  const hex = bytes.toString('hex')
  const whole = cut ? cutText(shape, bytes) : shape.text(bytes)
  return { text: whole.text, problem: whole.problem, hex, bytes: size, cut }
}

/** The beginning of a long text; other formats do not decode in part. */
function cutText(shape: Shape, bytes: Buffer): { text?: string; problem?: string } {
  if (shape.name === AUTO || shape.name === 'utf8' || shape.name === 'json') {
    const text = new TextDecoder().decode(bytes, { stream: true })
    if (shape.name !== AUTO || !/\p{Cc}/u.test(text.replace(/[\t\n\r]/g, ''))) return { text }
    return {}
  }
  return { problem: 'only its beginning was read' }
}
