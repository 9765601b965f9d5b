/** Reads the fields of a request. */
import { Refused } from './exchange'

type Fields = Readonly<Record<string, unknown>>

function wrong(name: string, what: string): Refused {
  return new Refused(400, 'ERR_INVALID_ARGUMENT', `"${name}" must be ${what}`)
}

/** The fields of a body. */
export function fieldsOf(body: unknown, name = 'the body'): Fields {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Fields
  throw wrong(name, 'an object')
}

/** A text; `''` where it is missing and may be. */
export function textIn(fields: Fields, name: string, fallback?: string): string {
  const value = fields[name] ?? fallback
  if (typeof value === 'string') return value
  throw wrong(name, 'a text')
}

/** Bytes from hexadecimal text. */
export function hexIn(fields: Fields, name: string): Buffer {
  const text = textIn(fields, name)
  if (/^([0-9a-f]{2})*$/i.test(text)) return Buffer.from(text, 'hex')
  throw wrong(name, 'hexadecimal')
}

/** A whole number, not negative; 0 where it is missing. */
export function numberIn(fields: Fields, name: string): number {
  const value = fields[name] ?? 0
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw wrong(name, 'a whole number that is not negative')
}

/** A list. */
export function listIn(fields: Fields, name: string, most: number): readonly unknown[] {
  const value = fields[name]
  if (!Array.isArray(value) || value.length > most) {
    throw wrong(name, `a list of ${most} at most`)
  }
  return value
}
