/**
 * Values that exclude each other. A value from a preset or a profile gives way, with the reason in
 * the report; a value that was set explicitly is refused.
 */
import { quote } from '../base/arguments'
import { TuningError } from '../base/errors'
import { maxOpenFiles, UNLIMITED_FILES } from './base'
import type { Decision } from './decision'
import type { TuningName } from './options'
import type { Passed, Passthrough } from './passthrough'
import { refused, type Setting, type Settings, settle } from './values'

const said = (name: string, { value, source }: Setting) => `${name} is ${value} (from ${source})`

/** Facts about the opening that limit open files. */
export interface Opening {
  /** Soft RLIMIT_NOFILE; 0 means no limit. */
  openFileLimit: number
  /** Opened read-only or as a secondary, beside a writer. */
  reader?: boolean | undefined
}

/** Rules for the database as a whole. */
export function settleDatabase(
  settings: Settings,
  passed: Readonly<Record<string, Passed>>,
  opening: Opening,
): void {
  refuseTogether(settings, passed, 'enablePipelinedWrite', 'unordered_write')
  refuseTogether(settings, passed, 'directReads', 'allow_mmap_reads')
  refuseTogether(settings, passed, 'directIoForFlushAndCompaction', 'allow_mmap_writes')
  settleOpenFiles(settings, opening)
  settleBytesPerSync(settings)
  const { allowStall, dbWriteBufferMb } = settings
  if (allowStall?.value === true && dbWriteBufferMb?.value === 0) {
    settle(settings, 'allowStall', false, 'there is no bound at which to wait; set dbWriteBufferMb')
  }
}

/** Rules for the database's values, and for the values of each family over them. */
export function settleFamily(
  settings: Settings,
  passed: Passthrough,
  libraries: Readonly<Record<string, string>>,
): void {
  refuseMissingCodec(settings, 'compression', libraries)
  refuseMissingCodec(settings, 'bottommostCompression', libraries)
  settleStyle(settings, passed)
  settleMetadataInCache(settings)
  settlePartitions(settings, passed)
  refuseDictionaryWithoutZstd(settings, passed)
  refuseAverageAlone(settings, passed)
}

function settleOpenFiles(settings: Settings, { openFileLimit, reader }: Opening): void {
  const setting = settings.maxOpenFiles
  if (setting?.value !== 'auto') return
  const most = maxOpenFiles(openFileLimit)
  const limit =
    openFileLimit === 0 ? 'there is no limit' : `the process may have ${openFileLimit} descriptors`
  // native/engine/readers/reader.cc holds every file, or none if there are more than `most`.
  const bound = most === UNLIMITED_FILES ? '' : `: with more than ${most} files, ${most} are open`
  const shared = openFileLimit === 0 ? '' : ', which its open databases share'
  const reason = reader
    ? `a reader holds every file, so that none is missed that the writer deletes; ${limit}${bound}`
    : limit + shared
  const value = reader ? UNLIMITED_FILES : most
  settings.maxOpenFiles = { ...setting, value, given: 'auto', reason }
}

/**
 * The budget of open files that the databases of the process share; 0 if this one has its own
 * number, or no limit.
 */
export function openFilesBudget({ settings, passed }: Decision): number {
  const { value, given } = settings.maxOpenFiles ?? {}
  if (given !== 'auto' || value === UNLIMITED_FILES || 'max_open_files' in passed.db) return 0
  return Number(value)
}

/** RocksDB does this by itself; the report should show it. */
function settleBytesPerSync(settings: Settings): void {
  const { bytesPerSyncMb, rateLimitMbPerSec } = settings
  if (bytesPerSyncMb?.value !== 0 || rateLimitMbPerSec?.value === 0) return
  const reason = 'with rateLimitMbPerSec, RocksDB writes files out by the MiB'
  settings.bytesPerSyncMb = { ...bytesPerSyncMb, value: 1, given: 0, reason }
}

function settleStyle(settings: Settings, passed: Passthrough): void {
  const { compactionStyle: style } = settings
  if (style === undefined || style.value === 'level') return
  const because = said('compactionStyle', style)
  const levels = `${because}, which has no levels of dynamic size`
  settle(settings, 'compactionDynamic', false, levels)
  if (style.value !== 'fifo') return
  settle(settings, 'periodicCompactionSeconds', 0, `${because}, which never writes files anew`)
  const unlimited =
    (passed.db['max_open_files']?.text ?? String(settings.maxOpenFiles?.value)) ===
    String(UNLIMITED_FILES)
  if (settings.ttlSeconds?.layer === 'preset') {
    settle(settings, 'ttlSeconds', 0, `${because}, which would delete files of that age`)
  } else if (!unlimited) {
    const reason = `${because}, for which RocksDB needs maxOpenFiles ${UNLIMITED_FILES} to go by age`
    settle(settings, 'ttlSeconds', 0, reason)
  }
}

function settleMetadataInCache(settings: Settings): void {
  const { cacheIndexAndFilterBlocks: cached } = settings
  if (cached?.value !== false) return
  const reason = `${said('cacheIndexAndFilterBlocks', cached)}: what is not cached cannot be pinned`
  settle(settings, 'pinL0FilterAndIndex', false, reason)
}

/** RocksDB ignores partitioned filters with another index. */
function settlePartitions(settings: Settings, { table }: Passthrough): void {
  const index = table['index_type']
  if (index === undefined || index.text === 'kTwoLevelIndexSearch') return
  const reason = `index_type is ${quote(index.text)} (from ${index.source})`
  settle(settings, 'partitionFilters', false, reason)
}

/** Codecs in separate libraries, which not every build has. */
const OPTIONAL_CODECS = ['snappy', 'zlib', 'bzip2']

function refuseMissingCodec(
  settings: Settings,
  name: 'compression' | 'bottommostCompression',
  libraries: Readonly<Record<string, string>>,
): void {
  const setting = settings[name]
  const codec = String(setting?.value)
  if (setting === undefined || !OPTIONAL_CODECS.includes(codec) || codec in libraries) return
  const problem = `cannot be '${codec}': this build was compiled without it, from older sources`
  throw refused(name, setting.value, setting.source, problem)
}

function refuseDictionaryWithoutZstd(settings: Settings, { columnFamily }: Passthrough): void {
  const { zstdDictionaryKb: dictionary, compression, bottommostCompression } = settings
  if (dictionary === undefined || dictionary.value === 0) return
  const passed = ['compression', 'bottommost_compression', 'compression_per_level']
  if (passed.some((option) => columnFamily[option]?.text.includes('kZSTD'))) return
  if (compression?.value === 'zstd' || bottommostCompression?.value === 'zstd') return
  const problem =
    `cannot be ${dictionary.value}: only zstd has dictionaries, and compression is ` +
    `'${compression?.value}' (from ${compression?.source})`
  throw refused('zstdDictionaryKb', dictionary.value, dictionary.source, problem)
}

/** RocksDB uses the average only together with the other bound, and would silently ignore it. */
function refuseAverageAlone(settings: Settings, { columnFamily }: Passthrough): void {
  const { flushAfterAverageScanSkips: average, flushAfterScanSkips: single } = settings
  if (average === undefined || average.value === 0 || single?.value !== 0) return
  if (columnFamily['memtable_op_scan_flush_trigger'] !== undefined) return
  const reason = 'flushAfterScanSkips is 0, without which RocksDB does not look at the average'
  settle(settings, 'flushAfterAverageScanSkips', 0, reason)
}

/** Refuses a passed-through RocksDB option that a row excludes. */
function refuseTogether(
  settings: Settings,
  passed: Readonly<Record<string, Passed>>,
  name: TuningName,
  option: string,
): void {
  const setting = settings[name]
  const other = passed[option]
  if (setting?.value !== true || other === undefined || !/^(true|1)$/.test(other.text)) return
  throw new TuningError(
    `RocksDB option ${quote(option)} (from ${other.source}) cannot be on together with ` +
      `${said(name, setting)}. Set ${name} to false`,
    { option: name, value: setting.value, source: setting.source },
  )
}
