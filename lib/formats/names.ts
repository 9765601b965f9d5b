/** Finds a format by its name. */
import { nearest } from '../base/arguments'
import { codecOf } from '../codecs/codecs'
import { counter } from '../codecs/counter'
import { descending } from '../codecs/descending'
import { msgpack } from '../codecs/msgpack'
import { ordered } from '../codecs/ordered'
import { tuple } from '../codecs/tuple'
import type { AnyCodec, Codec, OrderedCodec } from '../types/codecs'
import { descendingWords, tupleWords } from './composed'
import { type Format, FormatError, formatFrom, type Side, type Words } from './format'
import { PLAIN } from './plain'

/** Text where the bytes are text, otherwise hexadecimal; what is written is text. */
export const AUTO = 'auto'

/** The names that stand alone; `tuple` and `desc` take others. */
export const FORMAT_NAMES: readonly string[] = [AUTO, ...Object.keys(PLAIN)]

/** The format's words, and the codec behind. */
interface Found {
  words: Words
  codec: AnyCodec | ReturnType<typeof counter>
}

const LE: Codec<bigint> = {
  encode(value) {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64LE(value)
    return bytes
  },
  decode(bytes) {
    if (bytes.length !== 8) throw new RangeError(`they are ${bytes.length} bytes and not 8`)
    return bytes.readBigUInt64LE()
  },
}

const CODECS: Readonly<Record<string, () => Found['codec']>> = {
  auto: () => 'buffer',
  hex: () => 'buffer',
  msgpack,
  ordered,
  counter,
  uint64le: () => LE,
}

/** Bytes that are text as people write it; the reason where they are not. */
const TEXT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const CONTROLS = /(?![\t\n\r])\p{Cc}/u

/** The text of bytes that look like one; undefined of others. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = TEXT.decode(bytes)
    return CONTROLS.test(text) ? undefined : text
  } catch {
    return undefined
  }
}

const AUTO_WORDS: Words = {
  name: AUTO,
  parse: (text) => text,
  text: (value) => textOf(value as Buffer) ?? (value as Buffer).toString('hex'),
  json: (value) => textOf(value as Buffer) ?? (value as Buffer).toString('hex'),
}

function plain(name: string): Found {
  const words = name === AUTO ? AUTO_WORDS : Object.hasOwn(PLAIN, name) ? PLAIN[name] : undefined
  if (words === undefined) {
    const near = nearest(name, [...FORMAT_NAMES, 'tuple', 'desc'])
    const hint = near === undefined ? '' : `: did you mean ${near}?`
    throw new FormatError(
      `there is no format ${JSON.stringify(name)}${hint} There are ${FORMAT_NAMES.join(', ')}, tuple:a,b and desc:a`,
    )
  }
  return { words, codec: (CODECS[name] ?? (() => name as AnyCodec))() }
}

/** Reads `tuple:utf8,desc:uint64` and `tuple(utf8,tuple(date,uuid))`. */
class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  whole(): Found {
    const found = this.#one()
    if (this.#at === this.#text.length) return found
    throw this.#wrong(`ends at ${JSON.stringify(this.#text.slice(this.#at))}`)
  }

  #one(): Found {
    const [name] = /^[\w-]*/.exec(this.#text.slice(this.#at)) as RegExpExecArray
    this.#at += name.length
    const composed = name === 'tuple' || name === 'desc' || name === 'descending'
    if (!composed) return plain(name)
    const mark = this.#take(':') ?? this.#take('(')
    if (mark === undefined) throw this.#wrong(`wants ${name}:… or ${name}(…)`)
    const parts = [this.#one()]
    if (name === 'tuple') while (this.#take(',') !== undefined) parts.push(this.#one())
    if (mark === '(' && this.#take(')') === undefined) throw this.#wrong('wants a )')
    return name === 'tuple' ? tupleFrom(parts) : descendingFrom(parts[0] as Found)
  }

  #take(mark: string): string | undefined {
    if (this.#text[this.#at] !== mark) return undefined
    this.#at++
    return mark
  }

  #wrong(what: string): FormatError {
    return new FormatError(`the format ${JSON.stringify(this.#text)} ${what}`)
  }
}

function tupleFrom(parts: readonly Found[]): Found {
  const codecs = parts.map(({ codec }) => codec as OrderedCodec)
  return { words: tupleWords(parts.map(({ words }) => words)), codec: tuple(...codecs) }
}

function descendingFrom({ words, codec }: Found): Found {
  return { words: descendingWords(words), codec: descending(codec as OrderedCodec) }
}

/**
 * The format of a name: `auto`, a codec's name, `hex`, `counter`, `msgpack`, `ordered`, `uint64le`,
 * `tuple:utf8,uint64`, `desc:date`. Throws a FormatError for another, for one that cannot be a key's, and
 * where a package that it needs is not installed.
 */
export function formatOf(name: string, side: Side): Format {
  try {
    const { words, codec } = new Reader(name).whole()
    return formatFrom(words, codecOf(side, codec, side))
  } catch (error) {
    if (error instanceof FormatError) throw error
    throw new FormatError(`${side} ${JSON.stringify(name)}: ${(error as Error).message}`)
  }
}
