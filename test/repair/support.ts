/** Databases for repairs: created in many kinds, damaged, and compared. */

import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Database, type OpenOptions } from 'rocksdb-live'
import { listOf } from '../support/expectations'
import { eventually } from '../support/tools'

/** A family's rows as text. */
export type Rows = Record<string, string[]>

export const keyOf = (n: number): string => `k${String(n).padStart(5, '0')}`

const FAMILIES = {
  users: {},
  empty: {},
  merged: { mergeOperator: 'stringappend' },
} as const

/** The options of a kind of database, for its directory. */
export type Kind = (path: string) => OpenOptions

const with_ = (options: OpenOptions): Kind => {
  return () => ({ env: false, columnFamilies: FAMILIES, ...options })
}

/** Small blocks and large values, so that tables and blob files have several blocks. */
const BLOCKS = { table: { block_size: 1024 } }

/** Kinds of database by name. */
export const KINDS: Record<string, Kind> = {
  'of several families': with_({ rocksdb: BLOCKS }),
  'with blob files': with_({ tuning: { blobFiles: true }, rocksdb: BLOCKS }),
  'with a WAL in another folder': (path) => ({
    ...with_({ rocksdb: { db: { wal_dir: `${path}-wal` } } })(path),
  }),
  'with a compressed WAL': with_({ tuning: { walCompression: 'zstd' } }),
  'without WAL': with_({ tuning: { walEnabled: false } }),
  'compressed with zstd': with_({ tuning: { compression: 'zstd' }, rocksdb: BLOCKS }),
  'compressed with lz4': with_({ tuning: { compression: 'lz4' }, rocksdb: BLOCKS }),
  'not compressed': with_({ tuning: { compression: 'none' }, rocksdb: BLOCKS }),
  'of the universal style': with_({ tuning: { compactionStyle: 'universal' } }),
  'of the fifo style': with_({
    rocksdb: {
      db: { max_open_files: -1 },
      columnFamily: {
        compaction_style: 'kCompactionStyleFIFO',
        ttl: 0,
        level_compaction_dynamic_level_bytes: false,
      },
    },
  }),
  'with one level': with_({
    rocksdb: {
      columnFamily: {
        compaction_style: 'kCompactionStyleUniversal',
        num_levels: 1,
        level_compaction_dynamic_level_bytes: false,
      },
    },
  }),
}

/**
 * Rows in tables of two levels and in the WAL, range deletions and operands. The database stays
 * open.
 */
export async function filled(path: string, kind: Kind): Promise<Database> {
  const db = await Database.open(path, kind(path))
  const users = db.columnFamily('users')
  const merged = db.columnFamily('merged')
  for (let n = 0; n < 300; n++) {
    const batch = db.batch()
    batch.put(db.default, keyOf(n), `first ${n}`)
    batch.put(users, keyOf(n), n % 5 === 0 ? `${n}`.padEnd(9000, '.') : `user ${n}`)
    batch.merge(merged, keyOf(n % 10), String(n))
    if (n >= 100) batch.put(db.default, keyOf(n - 100), `second ${n - 100}`)
    batch.writeSync()
    if (n === 100 || n === 200) await db.flush()
    if (n === 150) await db.compactRange('users')
    if (n === 210) await db.default.deleteRange(keyOf(10), keyOf(20))
    if (n === 220) await db.default.delete(keyOf(30))
  }
  return db as unknown as Database
}

/**
 * A database as a killed process leaves it, and its rows: the files of an open one, copied to
 * `kept` and back. Without the WAL, unflushed rows are not there.
 */
export async function crashed(path: string, kind: Kind, kept: string): Promise<Rows> {
  const db = await filled(path, kind)
  if (kind(path).tuning?.walEnabled === false) await db.flush()
  await copyOpen(db, path, kept)
  const rows = await rowsOf(db)
  await db.close()
  copyDatabase(kept, path)
  return rows
}

/**
 * Copies an open database while no compaction runs and no replaced table is left: a repair without
 * a MANIFEST cannot recognise those.
 */
async function copyOpen(db: Database, from: string, to: string): Promise<void> {
  await eventually('a copy', async () => {
    const before = listed(from)
    if (filesIn(from, /\.sst$/).length !== tablesOf(db)) return undefined
    try {
      copyDatabase(from, to)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return undefined
    }
    return listed(from) === before ? true : undefined
  })
}

/** The number of a database's tables. */
function tablesOf(db: Database): number {
  const counts = db
    .columnFamilies()
    .flatMap((family) =>
      Array.from({ length: 7 }, (_, level) =>
        Number(db.property(`rocksdb.num-files-at-level${level}`, db.columnFamily(family)) ?? 0),
      ),
    )
  return counts.reduce((sum, count) => sum + count, 0)
}

/** The names and sizes of a database's files. */
function listed(path: string): string {
  const files = filesIn(path, /./).sort()
  return JSON.stringify(
    files.map((file) => [file, statSync(file, { throwIfNoEntry: false })?.size]),
  )
}

/** Copies a database with the WAL folder beside it. */
export function copyDatabase(from: string, to: string): void {
  for (const suffix of ['', '-wal']) {
    rmSync(to + suffix, { recursive: true, force: true })
    if (statSync(from + suffix, { throwIfNoEntry: false }) === undefined) continue
    cpSync(from + suffix, to + suffix, { recursive: true })
  }
}

/** All rows of an open database. */
export async function rowsOf(db: Database): Promise<Rows> {
  const rows: Rows = {}
  for (const name of db.columnFamilies().sort()) {
    const entries = await listOf(db.columnFamily(name).entries())
    rows[name] = entries.map(([key, value]) => `${key}=${value}`)
    // A get must find what a scan shows.
    for (const [key, value] of entries) {
      expect(db.columnFamily(name).getSync(key)).toEqual(value)
    }
  }
  return rows
}

/** Opens a database with strict recovery, and returns its rows. */
export async function rowsAt(path: string, kind: Kind): Promise<Rows> {
  const { columnFamilies, ...options } = kind(path)
  const open = { ...options, recovery: 'strict', createMissingColumnFamilies: false } as const
  const db = await Database.open(path, open)
  try {
    return await rowsOf(db as unknown as Database)
  } finally {
    await db.close()
  }
}

/** Paths of the files in a folder that match a pattern, sorted. */
export function filesIn(path: string, pattern: RegExp): string[] {
  return readdirSync(path)
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(path, name))
}

/** Inverts the bits of a byte; `at` is a fraction of the file's length. */
export function flip(file: string, at: number): void {
  const bytes = readFileSync(file)
  const index = Math.floor(bytes.length * at)
  bytes[index] = (bytes[index] as number) ^ 0xff
  writeFileSync(file, bytes)
}

/** Rows of `found` that `expected` lacks, family by family. */
export function extraRows(found: Rows, expected: Rows): string[] {
  return Object.entries(found).flatMap(([name, rows]) => {
    const known = new Set(expected[name])
    return rows.filter((row) => !known.has(row)).map((row) => `${name}: ${row.slice(0, 40)}`)
  })
}

/** The number of rows, family by family. */
export function countsOf(rows: Rows): Record<string, number> {
  return Object.fromEntries(Object.entries(rows).map(([name, list]) => [name, list.length]))
}
