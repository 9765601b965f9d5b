/** The flags that say how keys and values are written, and which formats follow from them. */
import type { Database } from '../database'
import type { BytesFamily } from '../families'
import { type Format, FormatError, type Side } from '../formats/format'
import { AUTO, FORMAT_NAMES, formatOf } from '../formats/names'
import { type FormatNames, readFormats, rememberFormats } from '../formats/remembered'
import { UsageError } from './command'
import { FAMILY_FLAG, familyOf } from './database'

/** Flags of all commands that show or take keys and values. */
export const FORMAT_FLAGS = {
  ...FAMILY_FLAG,
  key: {
    type: 'string',
    short: 'k',
    argument: '<format>',
    help: 'How keys are written: utf8, uint64, tuple:utf8,date … (default: what is remembered, or auto).',
  },
  value: {
    type: 'string',
    short: 'v',
    argument: '<format>',
    help: 'How values are written: json, utf8, msgpack … (default: as above; a number for counters).',
  },
  hex: { type: 'boolean', short: 'x', help: 'Keys and values in hexadecimal.' },
  remember: {
    type: 'boolean',
    help: 'Remember the formats of this family, in rocksdb-live.json among the files of the database.',
  },
} as const

/** What the help of these commands says of formats. */
export const FORMAT_HELP = `Formats: ${FORMAT_NAMES.join(', ')};
tuple:<a>,<b> with parts like eu,5 or ["eu","5"]; desc:<a> for reverse order. auto is text where the bytes are
text, otherwise hexadecimal. What is not of its format is shown as 0x and hexadecimal digits.`

/** Values of those flags. */
export interface FormatsAsked {
  family?: string | undefined
  key?: string | undefined
  value?: string | undefined
  hex?: boolean | undefined
  remember?: boolean | undefined
}

/** The formats of a family, and the family as bytes behind the formats of what is given. */
export interface Shown {
  readonly key: Format
  readonly value: Format
  /** Takes keys, bounds and values as the formats have them, and gives bytes. */
  readonly family: BytesFamily
  /** Takes keys and values as they are stored. */
  readonly stored: BytesFamily
}

/** The text as the format has it; what is wrong with it is misuse. */
export function parsed(parse: (text: string) => unknown, text: string): never {
  try {
    return parse(text) as never
  } catch (error) {
    throw error instanceof FormatError ? new UsageError(error.message) : error
  }
}

function found(name: string, side: Side): Format {
  return parsed(() => formatOf(name, side), name)
}

/** Checks the names of formats before anything is opened. */
export function checkFormats({ key, value, hex, remember }: FormatsAsked): void {
  if (key !== undefined) found(key, 'key')
  if (value !== undefined) found(value, 'value')
  if (remember && key === undefined && value === undefined && !hex) {
    throw new UsageError('--remember needs --key, --value or --hex: it remembers those')
  }
}

/**
 * Which formats a family has: those of the flags, those that are remembered, or what its values are, which takes
 * long where there are thousands of families, and which `keysOnly` leaves out.
 */
export function formatsOf(db: Database, asked: FormatsAsked, keysOnly = false): Shown {
  const family = familyOf(db, asked.family)
  const hex = asked.hex ? 'hex' : undefined
  const given: FormatNames = {
    ...((asked.key ?? hex) === undefined ? {} : { key: asked.key ?? hex }),
    ...((asked.value ?? hex) === undefined ? {} : { value: asked.value ?? hex }),
  } as FormatNames
  if (asked.remember) rememberFormats(db.path, family.name, given)
  const names = { ...remembered(db.path).get(family.name), ...given }
  const key = found(names.key ?? AUTO, 'key')
  const value = found(keysOnly ? AUTO : (names.value ?? formatOfValues(db, family.name)), 'value')
  const shown = db.columnFamily(family.name, { key: key.raw, value: value.raw })
  return { key, value, family: shown as unknown as BytesFamily, stored: family }
}

/** Returns a function that gives the format of a family's keys, without looking at the family. */
export function keyFormatsOf(db: Database, { key, hex }: FormatsAsked): (name: string) => Format {
  const given = key ?? (hex ? 'hex' : undefined)
  const all = remembered(db.path)
  return (name) => found(given ?? all.get(name)?.key ?? AUTO, 'key')
}

function remembered(path: string): Map<string, FormatNames> {
  try {
    return readFormats(path)
  } catch (error) {
    throw error instanceof FormatError ? new Error(error.message) : error
  }
}

/** The merge operators whose values are numbers. */
const NUMBERS: readonly (readonly [operator: RegExp, format: string])[] = [
  [/^(\{id=)?rocksdb-live\.counter\b/, 'counter'],
  [/^(\{id=)?(uint64add|UInt64AddOperator)\b/, 'uint64le'],
]

function formatOfValues(db: Database, family: string): string {
  const operator = mergeOperatorOf(db, family)
  return NUMBERS.find(([pattern]) => pattern.test(operator))?.[1] ?? AUTO
}

/** The merge operator of a family, as RocksDB names it; '' for none. */
export function mergeOperatorOf(db: Database, family: string): string {
  const operator = db.options().columnFamilies[family]?.columnFamily['merge_operator']
  return operator === undefined || operator === 'nullptr' ? '' : operator
}
