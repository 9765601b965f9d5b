/** One line of JSON: a row, or a family. Reading and printing are inverse, whatever the bytes are. */
import { isUtf8 } from 'node:buffer'
import { nearest, quote } from '../base/arguments'
import { LAST_MS } from '../codecs/envelope'
import { rawProperty } from './json-scan'
import type { FamilyShape, Row } from './rows'

/** How a line writes keys or values. */
export const FORMS = ['utf8', 'json', 'hex', 'base64'] as const
export type Form = (typeof FORMS)[number]

const KEYS = ['key', 'keyHex', 'keyBase64'] as const
const VALUES = ['value', 'valueHex', 'valueBase64'] as const
const OF_ROWS = ['columnFamily', ...KEYS, ...VALUES, 'expiresAt'] as const
const OF_FAMILIES = ['columnFamily', 'expires', 'mergeOperator'] as const

/** What is wrong with a line. Never has bytes of a key or a value. */
export class LineProblem extends Error {}

/** How lines are read. */
export interface LineOptions {
  /** The family of rows that name none. */
  family: string
  /** Whether a value that is a string is JSON as well. */
  jsonValues: boolean
}

type Parsed = Record<string, unknown>

function checkNames(line: Parsed, known: readonly string[]): void {
  for (const name of Object.keys(line)) {
    if (known.includes(name)) continue
    const near = nearest(name, known)
    const hint = near === undefined ? '' : `: did you mean ${quote(near)}?`
    throw new LineProblem(`has the unknown property ${quote(name)}${hint}`)
  }
}

/** The only one of several properties that the line has. */
function oneOf(line: Parsed, names: readonly string[], what: string): string {
  const given = names.filter((name) => Object.hasOwn(line, name))
  if (given.length === 1) return given[0] as string
  if (given.length === 0) throw new LineProblem(`has no ${what}: ${names.join(', ')}`)
  throw new LineProblem(`has ${given.join(' and ')}, which exclude each other`)
}

type WellFormed = string & { isWellFormed(): boolean }

function utf8(name: string, text: string): Buffer {
  if ((text as WellFormed).isWellFormed()) return Buffer.from(text, 'utf8')
  throw new LineProblem(`has a lone surrogate in "${name}", which no bytes stand for`)
}

/** The bytes of a text in hex or base64; the decoders of Node pass over what is wrong. */
function decoded(name: string, text: string): Buffer {
  const encoding = name.endsWith('Hex') ? 'hex' : 'base64'
  const bytes = Buffer.from(text, encoding)
  const same =
    encoding === 'hex'
      ? bytes.toString('hex') === text.toLowerCase()
      : bytes.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '')
  if (same) return bytes
  throw new LineProblem(`has a "${name}" that is no ${encoding}`)
}

function bytesOf(line: Parsed, name: string): Buffer {
  const text = line[name]
  if (typeof text !== 'string') {
    const hint = name === 'key' ? ': keys that are no text are keyHex or keyBase64' : ''
    throw new LineProblem(`has a "${name}" that is no string${hint}`)
  }
  return name === 'key' || name === 'value' ? utf8(name, text) : decoded(name, text)
}

function momentOf(given: unknown): number | null {
  if (given === null) return null
  const ms = typeof given === 'string' ? Date.parse(given) : given
  if (typeof ms === 'number' && Number.isInteger(ms) && ms >= 1 && ms <= LAST_MS) return ms
  const wanted = 'milliseconds since 1970, a time such as 2026-11-28T18:00:00Z, or null'
  throw new LineProblem(`has an "expiresAt" that is not ${wanted}`)
}

function familyOf(line: Parsed, fallback: string): string {
  const { columnFamily = fallback } = line
  if (typeof columnFamily === 'string' && columnFamily !== '' && !columnFamily.includes('\0')) {
    if ((columnFamily as WellFormed).isWellFormed()) return columnFamily
  }
  throw new LineProblem('has a "columnFamily" that is no name')
}

function numberOf(expires: Parsed, name: string): Record<string, number> {
  const value = expires[name]
  if (value === undefined) return {}
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0)
    return { [name]: value }
  throw new LineProblem(`has an "expires.${name}" that is no number of milliseconds`)
}

function shapeOf(line: Parsed, fallback: string): FamilyShape {
  checkNames(line, OF_FAMILIES)
  const { expires, mergeOperator } = line
  if (mergeOperator !== undefined && typeof mergeOperator !== 'string') {
    throw new LineProblem('has a "mergeOperator" that is no string')
  }
  const shape: FamilyShape = { name: familyOf(line, fallback) }
  if (mergeOperator !== undefined) shape.mergeOperator = mergeOperator
  if (expires === undefined || expires === false) return shape
  if (expires === true) return { ...shape, expires: {} }
  if (typeof expires !== 'object' || expires === null) {
    throw new LineProblem('has an "expires" that is neither true nor an object')
  }
  const given = expires as Parsed
  checkNames(given, ['afterMs', 'graceMs'])
  return { ...shape, expires: { ...numberOf(given, 'afterMs'), ...numberOf(given, 'graceMs') } }
}

/** What a line says. Throws a `LineProblem`, whose message completes "line 5 of the file …". */
export function readLine(text: string, options: LineOptions): Row | FamilyShape {
  let line: Parsed
  try {
    line = JSON.parse(text)
  } catch {
    throw new LineProblem('is no JSON')
  }
  if (typeof line !== 'object' || line === null || Array.isArray(line)) {
    throw new LineProblem('is no JSON object')
  }
  const isRow = [...KEYS, ...VALUES].some((name) => Object.hasOwn(line, name))
  if (!isRow && Object.hasOwn(line, 'columnFamily')) return shapeOf(line, options.family)
  checkNames(line, OF_ROWS)
  const key = bytesOf(line, oneOf(line, KEYS, 'key'))
  const name = oneOf(line, VALUES, 'value')
  const isJson = name === 'value' && (options.jsonValues || typeof line[name] !== 'string')
  const value = isJson ? utf8(name, rawProperty(text, name)) : bytesOf(line, name)
  const row: Row = { family: familyOf(line, options.family), key, value }
  if (Object.hasOwn(line, 'expiresAt')) row.expiresAtMs = momentOf(line['expiresAt'])
  return row
}

/** Whether what a line said is a row. */
export function isRow(said: Row | FamilyShape): said is Row {
  return 'key' in said
}

/** Whether bytes are JSON that comes back byte by byte out of a line. */
function isPlainJson(text: string): boolean {
  if (!/^[[{\dtfn-]/.test(text) || /[\r\n\u2028\u2029]|[\t ]$/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** `"key":"ada"`, or the form that these bytes need. */
function field(name: 'key' | 'value', bytes: Buffer, form: Form): string {
  if (form === 'hex') return `"${name}Hex":"${bytes.toString('hex')}"`
  if (form === 'base64' || !isUtf8(bytes)) return `"${name}Base64":"${bytes.toString('base64')}"`
  const text = bytes.toString('utf8')
  if (form === 'json' && isPlainJson(text)) return `"${name}":${text}`
  return `"${name}":${JSON.stringify(text)}`
}

/** The line of a row, with its end. */
export function rowLine(
  row: { family: string; key: Buffer; value: Buffer; expiresAtMs?: number | null },
  forms: { key: Form; value: Form },
): string {
  const { family, key, value, expiresAtMs } = row
  const begin = family === 'default' ? '' : `"columnFamily":${JSON.stringify(family)},`
  const end = expiresAtMs === undefined ? '' : `,"expiresAt":${expiresAtMs}`
  return `{${begin}${field('key', key, forms.key)},${field('value', value, forms.value)}${end}}\n`
}

/** The line of a family, with its end. */
export function familyLine({ name, expires, mergeOperator }: FamilyShape): string {
  return `${JSON.stringify({ columnFamily: name, expires, mergeOperator })}\n`
}
