/** How commands open a database: to look at it beside whoever writes it, or to write. */
import { resolve } from 'node:path'
import { nearest, quote } from '../base/arguments'
import { handleOf } from '../column-family'
import { Database } from '../database'
import type { BytesFamily } from '../families'
import { openToRead } from '../inspect/open-to-read'
import { partsOf } from '../open-database'
import { ENV_PREFIX, splitCommandLine } from '../tuning'
import type { Surroundings } from './command'
import { explained, explainedRead, whatIsAt } from './explain'
import { type Flag, parseFlags, SHARED } from './flags'

/** Flags of all commands that open a database. */
export const OPEN_FLAGS = {
  config: SHARED.config,
  'env-prefix': SHARED['env-prefix'],
  help: SHARED.help,
} as const

/** The flag that names a family. */
export const FAMILY_FLAG = {
  family: {
    type: 'string',
    short: 'f',
    argument: '<name>',
    help: 'The column family (default: default).',
  },
} as const

/** What the help of these commands says of tuning. */
export const TUNING_HELP =
  'It takes the flags of tuning as well (rocksdb-live help tuning), for its own cache and limits.'

/** Values of those flags, and the whole command line. */
export interface OpenAsked {
  config?: string | undefined
  'env-prefix'?: string | undefined
  argv: readonly string[]
}

/** `parseFlags`, without the flags of tuning, which the open reads. */
export function parseOpening<const Flags extends Readonly<Record<string, Flag>>>(
  argv: readonly string[],
  flags: Flags,
): {
  values: ReturnType<typeof parseFlags<Flags>>['values'] & { argv: readonly string[] }
  positionals: string[]
} {
  const { values, positionals } = parseFlags(splitCommandLine(argv, []).rest, flags)
  return { values: { ...values, argv }, positionals }
}

/** Where the tuning comes from. */
export function sourcesOf(asked: OpenAsked, { env }: Surroundings) {
  const { config: configFile, 'env-prefix': envPrefix = ENV_PREFIX, argv } = asked
  return { configFile, env, envPrefix, argv }
}

/**
 * Calls back with the database opened to look at: one exact state of it, beside whoever writes it. Nothing is
 * written, no lock is taken, and no database is made.
 */
export async function reading<T>(
  path: string,
  asked: OpenAsked,
  surroundings: Surroundings,
  use: (db: Database, holder: string | undefined) => Promise<T>,
): Promise<T> {
  const opened = openToRead(path, { ...sourcesOf(asked, surroundings), follow: false })
  await using reader = await opened.catch((error) => {
    throw explained(error, path)
  })
  return await use(reader.db, reader.holder).catch((error) => {
    throw explainedRead(error, path)
  })
}

/**
 * Calls back with the database opened to write, under its lock; made where `create` is true. Where it is false, the
 * command has a flag for it.
 */
export async function writing<T>(
  path: string,
  asked: OpenAsked & { create?: boolean },
  surroundings: Surroundings,
  use: (db: Database) => Promise<T>,
): Promise<T> {
  const create = asked.create ?? false
  const nothing = create ? undefined : whatIsAt(path)
  if (nothing !== undefined) {
    throw new Error(asked.create === undefined ? nothing : `${nothing}. --create makes one`)
  }
  const sources = sourcesOf(asked, surroundings)
  const opened = Database.open(path, { ...sources, createIfMissing: create })
  await using db = await opened.catch((error) => {
    throw explained(error, path)
  })
  return await use(db).catch((error) => {
    throw explainedRead(error, path)
  })
}

/** The family of a name; the error names those that there are. */
export function familyOf(db: Database, name: string | undefined): BytesFamily {
  if (name === undefined) return db.default
  const names = db.columnFamilies()
  if (names.includes(name)) return db.columnFamily(name) as BytesFamily
  const near = nearest(name, names)
  const hint = near === undefined ? '' : `: did you mean ${quote(near)}?`
  const some = names.length > 10 ? `${names.length} families` : names.map(quote).join(', ')
  throw new Error(`there is no family ${quote(name)}${hint || ';'} ${resolve(db.path)} has ${some}`)
}

/** Whether the rows of a family expire. */
export function expires(family: BytesFamily): boolean {
  return handleOf(family).envelope !== undefined
}

/** What is inside of a database that is open. */
export const insideOf = partsOf
