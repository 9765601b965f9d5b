/** The formats of one value: numbers, texts, bytes. */
import { FormatError, type Words } from './format'

const quoted = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)

function refused(what: string, text: string): FormatError {
  return new FormatError(`${quoted(text)} is not ${what}`)
}

/** Bytes as hexadecimal text. */
function hexOf(value: unknown): string {
  return Buffer.from(value as Uint8Array).toString('hex')
}

function parseHex(text: string): Buffer {
  const digits = text.replace(/^0x/i, '')
  if (/^([0-9a-f]{2})*$/i.test(digits)) return Buffer.from(digits, 'hex')
  throw refused('hexadecimal: two digits a byte', text)
}

/** A whole number, which a JavaScript number holds only where `most` says so. */
function integer(name: string, [least, most]: readonly [bigint, bigint], small: boolean): Words {
  return {
    name,
    parse(text) {
      const value = /^[-+]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : undefined
      if (value === undefined || value < least || value > most) {
        throw refused(`${name}: a whole number from ${least} to ${most}`, text)
      }
      return small ? Number(value) : value
    },
    text: String,
    json: (value) => (small ? value : String(value)),
  }
}

const parseNumber = (text: string) => {
  if (text === 'NaN') return Number.NaN
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isNaN(value)) throw refused('float64: a number such as 0.5 or -1e9', text)
  return value
}

function parseDate(text: string): Date {
  const value = new Date(/^-?\d+$/.test(text) ? Number(text) : text)
  if (!Number.isNaN(value.getTime())) return value
  throw refused('date: a time such as 2026-01-31T12:00:00Z, or milliseconds since 1970', text)
}

/** JSON, or what is wrong with it. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new FormatError(`${quoted(text)} is not JSON: ${(error as Error).message}`)
  }
}

/** Values that JSON has no form for, as text. */
export function jsonOf(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value !== 'object' || value === null) return value ?? null
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (ArrayBuffer.isView(value)) return hexOf(value)
  if (Array.isArray(value)) return value.map(jsonOf)
  const entries = value instanceof Map ? [...value] : Object.entries(value)
  if (value instanceof Set) return [...value].map(jsonOf)
  return Object.fromEntries(entries.map(([name, each]) => [String(name), jsonOf(each)]))
}

/** JSON on one line. */
export const jsonLine = (value: unknown) => JSON.stringify(jsonOf(value)) ?? 'null'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const ofText = (name: string): Words => ({
  name,
  parse: (text) => text,
  text: String,
  json: (value) => value,
})

/** Every format of one value, by name. */
export const PLAIN: Readonly<Record<string, Words>> = {
  utf8: ofText('utf8'),
  hex: { name: 'hex', parse: parseHex, text: hexOf, json: hexOf },
  json: { name: 'json', parse: parseJson, text: jsonLine, json: (value) => value ?? null },
  int32: integer('int32', [-(2n ** 31n), 2n ** 31n - 1n], true),
  uint32: integer('uint32', [0n, 2n ** 32n - 1n], true),
  int64: integer('int64', [-(2n ** 63n), 2n ** 63n - 1n], false),
  uint64: integer('uint64', [0n, 2n ** 64n - 1n], false),
  // What the merge operator uint64add reads: the lowest byte first.
  uint64le: integer('uint64le', [0n, 2n ** 64n - 1n], false),
  counter: integer('counter', [-(2n ** 63n), 2n ** 63n - 1n], false),
  float64: { name: 'float64', parse: parseNumber, text: String, json: jsonOf },
  date: { name: 'date', parse: parseDate, text: (value) => String(jsonOf(value)), json: jsonOf },
  boolean: {
    name: 'boolean',
    parse(text) {
      if (text === 'true' || text === 'false') return text === 'true'
      throw refused('boolean: true or false', text)
    },
    text: String,
    json: (value) => value,
  },
  uuid: {
    ...ofText('uuid'),
    parse(text) {
      if (UUID.test(text)) return text.toLowerCase()
      throw refused('a UUID such as 6c84fb90-12c4-11e1-840d-7b25c5ee775a', text)
    },
  },
  msgpack: { name: 'msgpack', parse: parseJson, text: jsonLine, json: jsonOf },
  ordered: {
    name: 'ordered',
    // A word that is no JSON is text: eu rather than '"eu"'.
    parse(text) {
      try {
        return JSON.parse(text)
      } catch {
        return text
      }
    },
    text: (value) => (typeof value === 'string' ? value : jsonLine(value)),
    json: jsonOf,
  },
}
