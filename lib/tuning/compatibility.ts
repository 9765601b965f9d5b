/**
 * Which RocksDB can read the files: what `compatibleWith` excludes. Its own value selects the
 * format of tables; this file lists RocksDB options that would break its promise if they are passed
 * through by name.
 */
import { quote } from '../base/arguments'
import { TuningError } from '../base/errors'
import type { Passed, Passthrough } from './passthrough'
import { CODECS, FORMAT_VERSIONS } from './rows/texts'
import type { MapName } from './types'
import { refused, type Settings } from './values'

/** Options that only RocksDB 11 reads, what an older one does instead, and their harmless text. */
const NEWER: readonly { map: MapName; option: string; off: RegExp; does: string }[] = [
  {
    map: 'db',
    option: 'track_and_verify_wals',
    off: /^(false|0)$/,
    does: 'RocksDB 9.7 takes its records in the WAL for the end of it, and loses what is behind',
  },
  {
    map: 'table',
    option: 'separate_key_value_in_data_block',
    off: /^(false|0)$/,
    does: 'RocksDB 9.7 cannot read such blocks',
  },
  {
    map: 'table',
    option: 'uniform_cv_threshold',
    off: /^-/,
    does: 'RocksDB 9.7 cannot read indexes with its mark',
  },
]

/** The major version of the compiled RocksDB; the newest if unknown. */
const majorOf = (version: string | undefined): number => Number(version?.split('.')[0] ?? 11)

/** The rules for the database. Throws `TuningError`. */
export function settleCompatibility(
  settings: Settings,
  passed: Passthrough,
  versions: Readonly<Record<string, string>>,
): void {
  const setting = settings.compatibleWith
  if (setting === undefined) return
  const engine = majorOf(versions['rocksdb'])
  if (Number(setting.value) > engine) {
    const problem =
      `cannot be '${setting.value}': this build has RocksDB ${versions['rocksdb']}, which cannot ` +
      'write such files'
    throw refused('compatibleWith', setting.value, setting.source, problem)
  }
  refuseNewer(settings, passed)
  refuseCompressedWal(settings, passed)
}

/**
 * RocksDB 7.0 silently loses rows of a compressed WAL; the last fix for reading one is in 7.10.2.
 */
function refuseCompressedWal(
  { compatibleWith, walCompression }: Settings,
  { db }: Passthrough,
): void {
  if (compatibleWith?.value !== '7') return
  const because =
    `compatibleWith is '7' (from ${compatibleWith.source}), and RocksDB before 7.10.2 loses rows of a ` +
    'compressed WAL'
  const found = db['wal_compression']
  if (found !== undefined && found.text !== CODECS.none) {
    throw new TuningError(
      `RocksDB option "wal_compression" (from ${found.source}) cannot be ${quote(found.text)}: ${because}`,
      { option: 'wal_compression', value: found.text, source: found.source },
    )
  }
  if (walCompression === undefined || walCompression.value === 'none' || found !== undefined) return
  const { value, source } = walCompression
  throw refused('walCompression', value, source, `cannot be '${value}': ${because}`)
}

/**
 * Refuses options passed through for the database or a family that a promised reader could not
 * read.
 */
export function refuseNewer(settings: Settings, passed: Passthrough): void {
  const setting = settings.compatibleWith
  if (setting === undefined || setting.value === '11') return
  for (const { map, option, off, does } of NEWER) {
    const found = passed[map][option]
    if (found !== undefined && !off.test(found.text.trim())) throw newer(option, found, does)
  }
  const format = passed.table['format_version']
  const newest = FORMAT_VERSIONS[setting.value as keyof typeof FORMAT_VERSIONS]
  // RocksDB parses the number at the start of a text.
  if (format !== undefined && Number.parseInt(format.text, 10) > Number(newest)) {
    const does = `compatibleWith is '${setting.value}' (from ${setting.source}), which reads up to ${newest}`
    throw newer('format_version', format, does)
  }
}

const newer = (option: string, { text, source }: Passed, does: string): TuningError =>
  new TuningError(
    `RocksDB option ${quote(option)} (from ${source}) cannot be ${quote(text)}: ${does}. Set the ` +
      "tuning option compatibleWith to '11' where no older RocksDB will open the database",
    { option, value: text, source },
  )
