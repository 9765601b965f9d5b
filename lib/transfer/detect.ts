/** What a path holds, by its files, before anything opens it. */
import { openSync, readdirSync, readSync, closeSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { failure, textOf } from './errors'
import type { SourceKind } from './rows'

/** Standard input. */
export const STDIN = '-'

/** LMDB's magic number, and where it stands in each of the two first pages. */
export const LMDB_MAGIC = 0xbeefc0de
export const MAGIC_AT = 24

/** Names of the kinds, for messages. */
export const NAMES: Readonly<Record<SourceKind, string>> = {
  level: 'a LevelDB',
  rocksdb: 'a RocksDB database',
  lmdb: 'an LMDB environment',
  jsonl: 'a file of JSON lines',
}

/** The stats of a source. Fails where it is not there. */
export function statOf(path: string): Stats {
  try {
    return statSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw failure('ERR_INVALID_ARGUMENT', `there is no source at ${path}`, error)
    }
    throw failure('ERR_IO', `the source ${path} cannot be read: ${textOf(error)}`, error)
  }
}

/** The first bytes of a file. */
export function headOf(path: string, bytes: number): Buffer {
  const descriptor = openSync(path, 'r')
  try {
    const head = Buffer.alloc(bytes)
    return head.subarray(0, readSync(descriptor, head, 0, bytes, 0))
  } finally {
    closeSync(descriptor)
  }
}

/** Whether a file begins as one of LMDB. */
function isLmdb(path: string): boolean {
  const head = headOf(path, MAGIC_AT + 4)
  return head.length === MAGIC_AT + 4 && head.readUInt32LE(MAGIC_AT) === LMDB_MAGIC
}

/** The kind of what a path holds; undefined for a directory of something else. */
export function kindOf(path: string): SourceKind | undefined {
  if (path === STDIN) return 'jsonl'
  const stats = statOf(path)
  // To look into a pipe would be to wait for its writer, and to take what it has.
  if (!stats.isDirectory() && !stats.isFile()) {
    throw failure('ERR_NOT_SUPPORTED', `${path} is no file: pipe it, and name the source -`)
  }
  if (stats.isFile()) return isLmdb(path) ? 'lmdb' : 'jsonl'
  const names = readdirSync(path)
  if (names.includes('data.mdb')) return 'lmdb'
  if (names.some((name) => name === 'IDENTITY' || /^OPTIONS-\d+$/.test(name))) return 'rocksdb'
  if (names.includes('CURRENT') || names.some((name) => /^\d+\.ldb$/.test(name))) return 'level'
  return undefined
}

/** Fails where a path does not hold what it was said to. */
export function checkKind(path: string, kind: SourceKind): void {
  const found = kindOf(path)
  if (found === kind) return
  if (found !== undefined) {
    const hint = kind === 'jsonl' && path === STDIN ? '' : `: --from ${found} reads it`
    throw failure(
      'ERR_INVALID_ARGUMENT',
      `${path} is not ${NAMES[kind]}, but ${NAMES[found]}${hint}`,
    )
  }
  const empty = readdirSync(path).length === 0
  const what = empty ? 'is an empty directory' : 'holds no file of one'
  throw failure('ERR_INVALID_ARGUMENT', `${path} is not ${NAMES[kind]}: it ${what}`)
}

/** The file of an LMDB environment. */
export function lmdbFileOf(path: string): string {
  return statOf(path).isDirectory() ? join(path, 'data.mdb') : path
}
