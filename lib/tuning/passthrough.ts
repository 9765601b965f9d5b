/**
 * RocksDB options that callers pass by RocksDB's own names: converts them to texts, and refuses a
 * few.
 */
import { ownProperties, quote, readOptions, wellFormed } from '../base/arguments'
import { TuningError } from '../base/errors'
import type { MapName } from './types'
import { received } from './values'

/** One option that was passed through. */
export interface Passed {
  text: string
  /** Its exact place: `rocksdb.db.max_open_files`. */
  source: string
}

/** Everything passed through, by map and RocksDB's name; objects without a prototype. */
export type Passthrough = Record<MapName, Record<string, Passed>>

/** What the passthrough must not contradict. */
export interface PassthroughRules {
  /** Whether this build can train zstd dictionaries. */
  zstdDictionaryTraining: boolean
}

/** Options that are decided elsewhere; the text completes "cannot be passed through: …". */
const REFUSED: Record<MapName, Readonly<Record<string, string>>> = {
  db: {
    create_if_missing: 'use the createIfMissing option of Database.open',
    error_if_exists: 'use the errorIfExists option of Database.open',
    create_missing_column_families: 'use the createMissingColumnFamilies option of Database.open',
    env: 'one directory must be one database, and only the default environment can tell',
    rate_limiter: 'use the tuning option rateLimitMbPerSec',
    rate_limiter_bytes_per_sec: 'use the tuning option rateLimitMbPerSec',
    statistics: 'use the tuning option statistics',
    listeners: 'use the events of the database',
    wal_filter: 'it would leave out rows that were acknowledged',
  },
  columnFamily: {
    table_factory: 'pass the options of block-based tables in "table"',
    block_based_table_factory: 'pass the options of block-based tables in "table"',
    plain_table_factory: 'only block-based tables are supported',
  },
  table: {
    block_cache: 'all families share one cache, whose size is the tuning option blockCacheMb',
  },
}

const BYTEWISE = 'leveldb.BytewiseComparator'

/** Reads `rocksdb: { … }`; `where` is its place, and `maps` are the maps allowed there. */
export function readPassthrough(
  where: string,
  value: unknown,
  maps: readonly MapName[],
  rules: PassthroughRules,
): Passthrough {
  const given = readOptions(where, value, maps)
  const read = (map: MapName) => readMap(`${where}.${map}`, given[map], map, rules)
  return { db: read('db'), columnFamily: read('columnFamily'), table: read('table') }
}

/** The options for a family: the database's, with the family's own over them. */
export function mergePassthrough(database: Passthrough, family: Passthrough): Passthrough {
  return {
    db: database.db,
    columnFamily: withoutPrototype(database.columnFamily, family.columnFamily),
    table: withoutPrototype(database.table, family.table),
  }
}

function readMap(
  where: string,
  value: unknown,
  map: MapName,
  rules: PassthroughRules,
): Record<string, Passed> {
  const passed: Record<string, Passed> = Object.create(null)
  for (const [name, entry] of Object.entries(ownProperties(where, value))) {
    if (entry === undefined) continue
    const source = `${where}.${name}`
    const text = textOf(name, entry, source)
    const problem = problemOf(map, name, text, rules)
    if (problem !== undefined) {
      const message = `RocksDB option ${quote(name)} (from ${where}) cannot be passed through: `
      throw new TuningError(message + problem, { option: name, value: entry, source })
    }
    passed[name] = { text, source }
  }
  return passed
}

function withoutPrototype<T>(...layers: Record<string, T>[]): Record<string, T> {
  return Object.assign(Object.create(null), ...layers)
}

function textOf(name: string, value: unknown, source: string): string {
  switch (typeof value) {
    case 'string':
      return wellFormed(source, value)
    case 'boolean':
      return String(value)
    case 'number':
      // A whole number above 2^53 may differ from the one that was written.
      if (Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return String(value)
  }
  const message =
    `RocksDB option ${quote(name)} (from ${source}) must be a string, a boolean or a finite ` +
    `number up to 2^53 - 1. Received ${received(value)}`
  throw new TuningError(message, { option: name, value, source })
}

function problemOf(
  map: MapName,
  name: string,
  text: string,
  rules: PassthroughRules,
): string | undefined {
  const option = name.split('.', 1)[0] ?? name
  if (Object.hasOwn(REFUSED[map], option)) return REFUSED[map][option]
  if (map !== 'columnFamily') return undefined
  if (option === 'comparator' && text !== BYTEWISE) {
    return `ranges, prefixes and integer keys rely on the order of ${BYTEWISE}`
  }
  if (option === 'enable_blob_direct_write' && !/^\s*(false|0)\s*$/.test(text)) {
    return 'after a crash, RocksDB cannot read the values that are in its blob files and in no table yet'
  }
  if (!rules.zstdDictionaryTraining && trainsDictionary(name, text)) {
    return (
      'this build of zstd cannot train dictionaries and would quietly train none; ' +
      'max_dict_bytes works without training'
    )
  }
  return undefined
}

const COMPRESSION_OPTIONS = /^(?:bottommost_)?compression_opts(?:\.(.+))?$/

/**
 * Whether zstd would have to train. What RocksDB reads back must pass: it has
 * `use_zstd_dict_trainer=true` next to `zstd_max_train_bytes=0`, which trains nothing.
 */
function trainsDictionary(name: string, text: string): boolean {
  const match = COMPRESSION_OPTIONS.exec(name)
  if (match === null) return false
  const fields = match[1] === undefined ? compressionFields(text) : new Map([[match[1], text]])
  const bytes = fields.get('zstd_max_train_bytes')?.trim()
  if (bytes !== undefined) return !/^[+-]?0+$/.test(bytes)
  return /^(?:true|1)$/.test(fields.get('use_zstd_dict_trainer')?.trim() ?? '')
}

/** The order of the fields in the form without names: `-14:32767:0:0:1024`. */
const POSITIONS = ['window_bits', 'level', 'strategy', 'max_dict_bytes', 'zstd_max_train_bytes']

/** The fields of `{name=value;name=value}`, or of the older form `value:value`. */
function compressionFields(text: string): Map<string, string> {
  if (!text.includes('=')) {
    const values = text.replace(/[{}]/g, '').split(':')
    return new Map(values.map((value, index) => [POSITIONS[index] ?? String(index), value]))
  }
  const pairs = text.replace(/[{}]/g, '').split(';')
  return new Map(
    pairs.map((pair) => {
      const [field = '', value = ''] = pair.split('=')
      return [field.trim(), value]
    }),
  )
}
