/** Reads the flags of a command line, and prints their help. */
import { parseArgs } from 'node:util'
import { quote } from '../base/arguments'
import { ENV_PREFIX } from '../tuning'
import { UsageError } from './command'
import { wrap } from './render'

/** One flag. */
export interface Flag {
  type: 'string' | 'boolean'
  short?: string
  /** What stands for its value in the help. */
  argument?: string
  /** What it does. */
  help: string
}

/** The flags that many commands have. */
export const SHARED = {
  config: { type: 'string', argument: '<file>', help: 'Read [storage.db_tuning] of a TOML file.' },
  'env-prefix': {
    type: 'string',
    argument: '<prefix>',
    help: `What environment variables begin with (default: ${ENV_PREFIX}).`,
  },
  json: { type: 'boolean', help: 'Print JSON, for machines.' },
  help: { type: 'boolean', short: 'h', help: 'Print this.' },
} as const

/** Reads the words; an unknown flag is a `UsageError`. */
export function parseFlags<const Flags extends Readonly<Record<string, Flag>>>(
  words: readonly string[],
  options: Flags,
): ReturnType<typeof parseArgs<{ args: string[]; options: Flags; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** The lines of help about flags. */
export function helpOf(flags: Readonly<Record<string, Flag>>): string {
  const lines = Object.entries(flags).map(([name, { short, argument, help }]) => {
    const words = [short === undefined ? `--${name}` : `--${name}, -${short}`, argument]
    return wrap(words.filter(Boolean).join(' '), help)
  })
  return lines.join('\n')
}

/** A whole number in a range; the fallback where the flag is not given. */
export function wholeNumber<Fallback>(
  flag: string,
  text: string | undefined,
  [min, max]: readonly [number, number],
  fallback: Fallback,
): number | Fallback {
  if (text === undefined) return fallback
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw new UsageError(`--${flag} must be a whole number from ${min} to ${max}, not ${quote(text)}`)
}

/** A number above 0, such as 0.5; undefined where the flag is not given. */
export function positiveNumber(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN
  if (value > 0 && Number.isFinite(value)) return value
  throw new UsageError(`--${flag} must be a number above 0, not ${quote(text)}`)
}

/** One word for each name. */
type Words<Names extends readonly string[], Word> = { [Index in keyof Names]: Word }

/** The words that are no flags, by their names: those that must be there, and those that may be. */
export function wordsOf<
  const Names extends readonly string[],
  const Optional extends readonly string[] = [],
>(
  command: string,
  given: readonly string[],
  names: Names,
  optional?: Optional,
): [...Words<Names, string>, ...Words<Optional, string | undefined>] {
  const most = names.length + (optional?.length ?? 0)
  if (given.length < names.length || given.length > most || given.includes('')) {
    const wanted = [
      ...names.map((name) => `<${name}>`),
      ...(optional ?? []).map((name) => `[${name}]`),
    ]
    const found = given.length === 0 ? 'nothing' : given.map(quote).join(' ')
    throw new UsageError(`${command} takes ${wanted.join(' ')}, not ${found}`)
  }
  return given as never
}

/** A path, and words behind it, so many at least and at most, which may be empty: keys and values. */
export function pathAndWords(
  command: string,
  given: readonly string[],
  wanted: string,
  [least, most]: readonly [number, number],
): [path: string, ...words: string[]] {
  const [path = '', ...words] = given
  if (path !== '' && words.length >= least && words.length <= most) return [path, ...words]
  const found = given.length === 0 ? 'nothing' : given.slice(0, 5).map(quote).join(' ')
  throw new UsageError(`${command} takes ${wanted}, not ${found}`)
}
