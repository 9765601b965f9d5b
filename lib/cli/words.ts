/** The words of a command line: the command's own, and those of tuning, which `tuning/` reads. */
import { parseArgs } from 'node:util'
import { rowOf, TUNING_NAMES } from '../tuning'
import { tuningFlags } from '../tuning/helpers'
import { ALIASES, flagName } from '../tuning/names'
import { parseText } from '../tuning/text'
import type { Row } from '../tuning/types'
import { versions } from '../versions'

/** A command line that cannot be understood; its message is for the person who typed it. */
export class UsageError extends Error {}

/** Words apart: `--db-…` flags with their values, and all others. */
export interface SplitWords {
  tuning: string[]
  own: string[]
}

const TUNING_FLAG = /^--db[-.]/

/** Flags whose value may be left out, in both spellings, with the rows that know their values. */
function switches(): Map<string, Row> {
  const names = [...TUNING_NAMES.map((name) => [flagName(name), name] as const), ...ALIASES]
  const rows = names.map(([flag, name]) => [flag, rowOf(name)] as const)
  const optional = rows.filter(
    ([, row]) => row.type === 'boolean' || (row.type === 'choice' && row.switch !== undefined),
  )
  return new Map(
    optional.flatMap(([flag, row]) => [
      [`--db-${flag}`, row],
      [`--db.${flag}`, row],
    ]),
  )
}

/** Separates the flags of tuning from the command's own words. */
export function splitWords(words: readonly string[]): SplitWords {
  const optional = switches()
  const split: SplitWords = { tuning: [], own: [] }
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string
    if (!TUNING_FLAG.test(word)) {
      split.own.push(word)
      continue
    }
    split.tuning.push(word)
    const next = words[at + 1]
    if (word.includes('=') || next === undefined || next.startsWith('--')) continue
    const row = optional.get(word)
    if (row !== undefined && parseText(row, next) === undefined) continue
    split.tuning.push(next)
    at++
  }
  return split
}

/** What the command's own words say. */
export interface OwnWords {
  positionals: string[]
  format: 'table' | 'json' | 'toml' | 'env'
  config: string | undefined
  envPrefix: string | undefined
  strict: boolean
  help: boolean
  version: boolean
}

const FORMATS = ['json', 'toml', 'env'] as const

/** Reads the command's own words. */
export function readOwnWords(words: readonly string[]): OwnWords {
  const { values, positionals } = parse(words)
  const formats = FORMATS.filter((format) => values[format] === true)
  if (formats.length > 1) {
    throw new UsageError(`--${formats[0]} and --${formats[1]} exclude each other`)
  }
  return {
    positionals,
    format: formats[0] ?? 'table',
    config: values.config,
    envPrefix: values['env-prefix'],
    strict: values.strict === true,
    help: values.help === true,
    version: values.version === true,
  }
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        toml: { type: 'boolean' },
        env: { type: 'boolean' },
        config: { type: 'string' },
        'env-prefix': { type: 'string' },
        strict: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** `--version`: this package's and those of what is compiled in. */
export function versionText(): string {
  const { rocksdb, lz4, zstd } = versions
  return `RocksDB ${rocksdb}, lz4 ${lz4}, zstd ${zstd}`
}

/** `--help`, with every flag. */
export function helpText(): string {
  const flags = tuningFlags().flatMap(({ name, argument, description }) => [
    `  --${name} ${argument}`,
    `      ${description}`,
  ])
  return `${USAGE}\n\nTuning flags, each as --db-name value or --db.name=value:\n\n${flags.join('\n')}`
}

const USAGE = `rocksdb-live <command> [path] [flags]

  tuning [path]   shows every tuning option, its value and where that comes from; with the path of a
                  database, for its column families and with what RocksDB holds (opened read-only,
                  beside a process that writes to it)

  --json          for machines
  --toml          as a configuration file
  --env           as environment variables
  --config FILE   a TOML file with [storage.db_tuning] or [db]
  --env-prefix P  the prefix of environment variables (default: PQPRIV_DB_)
  --strict        refuse a number outside its safe range instead of clamping it
  --help          this text
  --version       the versions of what is compiled in`
