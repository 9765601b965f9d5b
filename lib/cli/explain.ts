/** What is at a path that is no database, and what to do about a database that does not open. */
import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { nearest, quote } from '../base/arguments'
import { RocksDBError } from '../base/errors'
import { printable } from '../formats/printable'
import { UsageError } from './command'
import { countText } from './render'

/** How many names of files an explanation has. */
const NAMED = 3

const named = (path: string) => printable(quote(path))

/** Whether a directory has the files of a database. */
export function looksLikeDatabase(path: string): boolean {
  return namesIn(path).some((name) => /^(CURRENT|MANIFEST-\d+)$/.test(name))
}

/** Whether a directory has backups (lib/backup/keys.ts). */
export function looksLikeBackups(path: string): boolean {
  return existsSync(join(path, 'manifest.json')) && existsSync(join(path, 'snapshots'))
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** Databases in the directories of a directory. */
function databasesIn(path: string): string[] {
  return namesIn(path)
    .slice(0, 1000)
    .map((name) => join(path, name))
    .filter(looksLikeDatabase)
}

/** Says what is at the path; undefined where it has the files of a database. */
export function whatIsAt(path: string): string | undefined {
  let found: ReturnType<typeof statSync>
  try {
    found = statSync(path, { throwIfNoEntry: false })
    if (found?.isDirectory()) readdirSync(path)
  } catch (error) {
    return `${named(path)} cannot be read: ${(error as Error).message}`
  }
  if (found === undefined) return nothingAt(path)
  if (!found.isDirectory()) {
    const inside = looksLikeDatabase(dirname(path))
    const hint = inside ? `: it is one of the database ${named(dirname(path))}` : ''
    return `${named(path)} is a file, and a database is a directory${hint}`
  }
  if (looksLikeDatabase(path)) return undefined
  const names = namesIn(path)
  if (names.length === 0) return `${named(path)} is an empty directory: there is no database in it`
  if (looksLikeBackups(path)) {
    return `${named(path)} has backups: look at them with rocksdb-live backups ${path}, or restore one`
  }
  const [inside] = databasesIn(path)
  if (inside !== undefined) return `${named(path)} is no database, and ${named(inside)} is one`
  const some = names.slice(0, NAMED).map(named).join(', ')
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : ''
  return `${named(path)} is no database: it has ${some}${more}, and no CURRENT`
}

function nothingAt(path: string): string {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) {
    return `${named(path)} is a link, and there is nothing where it leads`
  }
  const parent = dirname(path)
  if (!existsSync(parent)) {
    return `there is no ${named(path)}, nor ${named(parent)}: the working directory is ${named(process.cwd())}`
  }
  const near = nearest(basename(path), namesIn(parent))
  const [one, ...others] = databasesIn(parent)
  if (near !== undefined)
    return `there is no ${named(path)}: did you mean ${named(join(parent, near))}?`
  if (one === undefined) return `there is no ${named(path)}`
  const count =
    others.length === 0 ? '' : `, and ${countText(others.length, 'other')} are beside it`
  return `there is no ${named(path)}; ${named(one)} is a database${count}`
}

/** The error of an open, with what is there and what to do. */
export function explained(error: unknown, path: string): unknown {
  if (!(error instanceof RocksDBError)) return error
  const advice = adviceFor(error, path)
  return advice === undefined ? error : new Error(advice, { cause: error })
}

/** Node's codes of wrong arguments, which are those of the command line here. */
const ARGUMENTS = ['ERR_INVALID_ARG_VALUE', 'ERR_INVALID_ARG_TYPE', 'ERR_OUT_OF_RANGE']
const OPTION = /^The (?:value of )?"options\.(\w+)"(?: property)?/

/** The error of what was done with a database that is open. */
export function explainedRead(error: unknown, path: string): unknown {
  if (error instanceof RocksDBError) {
    return error.code === 'ERR_CORRUPTION' ? explained(error, path) : error
  }
  const { code = '', message } = error as { code?: string; message: string }
  return ARGUMENTS.includes(code) ? new UsageError(message.replace(OPTION, '--$1')) : error
}

function adviceFor({ code, message }: RocksDBError, path: string): string | undefined {
  switch (code) {
    case 'ERR_INVALID_ARGUMENT':
    case 'ERR_IO':
      return whatIsAt(path)
    case 'ERR_LOCKED':
      return `${message}. This command writes, and one process at a time may. Commands that read work beside it`
    case 'ERR_CORRUPTION':
      return `${message}\nrocksdb-live doctor ${path} says what is left; a backup restores it (rocksdb-live restore), and Database.repair keeps what can be read`
    default:
      return undefined
  }
}
