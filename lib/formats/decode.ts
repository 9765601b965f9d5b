/** What bytes are in a format, and what to show where they are not. */
import type { Format } from './format'
import { AUTO, textOf } from './names'
import { printable } from './printable'

/** Bytes in a format. */
export type Decoded =
  | { readonly value: unknown; readonly problem?: undefined }
  | { readonly value?: undefined; readonly problem: string }

/** The value of bytes, or why they have none. Never throws. */
export function decode(format: Format, bytes: Buffer): Decoded {
  if (format.name === AUTO) {
    const value = textOf(bytes)
    return value === undefined ? { problem: 'they are no text' } : { value }
  }
  try {
    return { value: format.codec.decode(bytes) }
  } catch (error) {
    return { problem: (error as Error).message }
  }
}

/** What to show of bytes. */
export interface Shown {
  /** One line for a terminal: the value, or `0x` and the bytes in hexadecimal. */
  readonly text: string
  /** Why they are not in the format; undefined where they are, and of the format `auto`. */
  readonly problem: string | undefined
}

/** Bytes as a line for people. */
export function show(format: Format, bytes: Buffer): Shown {
  const { value, problem } = decode(format, bytes)
  if (problem === undefined) return { text: quotedIfOdd(safeText(format, value)), problem }
  const hex = `0x${bytes.toString('hex')}`
  return { text: hex, problem: format.name === AUTO ? undefined : problem }
}

function safeText(format: Format, value: unknown): string {
  return format.name === AUTO ? (value as string) : format.text(value)
}

/** Text whose ends nobody would see is quoted, as is what looks like bytes or like a quoted one. */
function quotedIfOdd(text: string): string {
  const odd = text === '' || /^[\s"]|\s$|^0x/.test(text)
  return printable(odd ? JSON.stringify(text) : text)
}

/** A member of a JSON object: `key`, or `keyHex` for bytes that are not in the format. */
export function jsonMember(name: string, format: Format, bytes: Buffer): Record<string, unknown> {
  const { value, problem } = decode(format, bytes)
  if (problem !== undefined) return { [`${name}Hex`]: bytes.toString('hex') }
  return { [name]: format.name === AUTO ? value : format.json(value) }
}
