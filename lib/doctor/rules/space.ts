/** Rules about space on the disk. */
import { type Collected, isKnown } from '../evidence'
import {
  linesOf,
  MIB,
  OTHERS_MEMORY,
  percent,
  quoted,
  type Rule,
  sizeText,
  timesText,
  whyUnknown,
} from '../rule'
import { tablesByFamily } from './reads'

const OLD_SNAPSHOT_SECONDS = 600
const MANY_VERSIONS = 8
const MANY_TABLES = 100
const TINY = 4
const LEAST_WAL = 256 * MIB
const WAL_OVER = 1.5
const SPACE_OVER = 1.5
const SPACE_FAR_OVER = 3
const LEAST_SPACE = 16 * MIB
const FAR_SPACE = 1024 * MIB
const GARBAGE_SHARE = 0.3
const DEFAULT_BUFFER = 64 * MIB

const snapshot: Rule = {
  rule: 'old-snapshot',
  options: ['refreshScans'],
  judge({ open, opened, atMs }) {
    if (!isKnown(open)) return whyUnknown(open)
    if (opened !== 'live') return { unknown: OTHERS_MEMORY }
    const {
      oldest_snapshot_age_seconds: age = 0,
      snapshots = 0,
      open_cursors: cursors = 0,
    } = open.figures
    const versions = open.properties['rocksdb.num-live-versions'] ?? 0
    const extra = versions - open.families.length
    const held = extra >= MANY_VERSIONS && snapshots + cursors > 0
    const isOld = snapshots > 0 && age > OLD_SNAPSHOT_SECONDS
    if (!held && !isOld) return undefined
    const obsolete = open.properties['rocksdb.obsolete-sst-files-size'] ?? 0
    return {
      severity: 'warning',
      what: isOld
        ? `A snapshot is ${Math.round(age / 60)} minutes old, and keeps what was deleted or overwritten since.`
        : `Open iterators keep ${extra} older states of the database, with files that are no longer needed.`,
      cause:
        'Whatever a snapshot or an open iterator can see stays on the disk, and scans step over it.',
      remedy:
        'Release snapshots and close iterators when they are done; refreshScans lets long scans move on to newer states.',
      since: isOld ? new Date(atMs - 1000 * age) : undefined,
      option: { name: 'refreshScans', suggestion: 'true' },
      evidence: [
        {
          source: 'rocksdb.oldest-snapshot-time',
          text: `${snapshots} snapshots, the oldest of ${Math.round(age)} s`,
        },
        {
          source: 'rocksdb.num-live-versions',
          text: `${versions} of ${open.families.length} families`,
        },
        { source: 'rocksdb.obsolete-sst-files-size', text: String(obsolete) },
      ],
    }
  },
}

const tiny: Rule = {
  rule: 'tiny-files',
  options: ['targetFileSizeMb', 'maxTotalWalMb'],
  judge({ files, options }) {
    if (!isKnown(files)) return whyUnknown(files)
    let worst: { family: string; count: number; bytes: number; target: number } | undefined
    for (const [family, tables] of tablesByFamily(files)) {
      const count = tables.length
      if (count < MANY_TABLES || count <= (worst?.count ?? 0)) continue
      const own = isKnown(options) ? options.families[family] : undefined
      const target = Number(own?.['target_file_size_base'] ?? DEFAULT_BUFFER)
      const bytes = tables.reduce((sum, table) => sum + table.bytes, 0)
      if (count * target > TINY * bytes) worst = { family, count, bytes, target }
    }
    if (worst === undefined) return undefined
    const { family, count, bytes, target } = worst
    return {
      severity: count > 20 * MANY_TABLES ? 'warning' : 'notice',
      what: `The family has ${count} tables of ${sizeText(bytes / count)} on average, far less than their size should be.`,
      cause:
        'Memtables are flushed long before they are full: by flush(), by a small WAL bound, or by a small budget of write buffers.',
      remedy:
        'Flush less often, raise maxTotalWalMb or dbWriteBufferMb, and compact the family once (db.compactRange).',
      columnFamily: family,
      option: { name: 'maxTotalWalMb' },
      evidence: [
        { source: 'db.files', text: `${count} tables, ${sizeText(bytes)}` },
        { source: 'target_file_size_base', text: String(target) },
      ],
    }
  },
}

/** What RocksDB lets the WAL grow to, and the largest write buffer. */
function walBound({
  options,
  open,
  opened,
}: Collected): { bound: number; buffer: number } | undefined {
  if (!isKnown(options)) return undefined
  const families = Object.values(options.families)
  const sizes = families.map((one) => Number(one['write_buffer_size'] ?? DEFAULT_BUFFER))
  const all = families.reduce(
    (sum, one, at) => sum + (sizes[at] ?? 0) * Number(one['max_write_buffer_number'] ?? 2),
    0,
  )
  const own = Number(options.db['max_total_wal_size'] ?? 0)
  const buffer = sizes.reduce((most, size) => Math.max(most, size), 0)
  const tuned = opened === 'live' && isKnown(open) ? Number(open.tuning['maxTotalWalMb']) * MIB : 0
  return { bound: own || tuned || 4 * all, buffer }
}

const wal: Rule = {
  rule: 'wal-grows',
  options: ['maxTotalWalMb'],
  judge(evidence) {
    const { directory, open } = evidence
    if (!isKnown(directory)) return whyUnknown(directory)
    const bytes = directory.wal.reduce((sum, file) => sum + file.bytes, 0)
    const limit = walBound(evidence)
    if (limit === undefined) return whyUnknown(evidence.options)
    if (bytes < LEAST_WAL || bytes <= WAL_OVER * limit.bound + limit.buffer) return undefined
    const [oldest] = directory.wal
    const kept = isKnown(open) ? open.properties['rocksdb.min-log-number-to-keep'] : undefined
    return {
      severity: 'warning',
      what: `The WAL has ${sizeText(bytes)}, more than its bound of ${sizeText(limit.bound)}; opening reads all of it.`,
      cause:
        'A family that is hardly written keeps the oldest file of the WAL until it is flushed, or flushes do not get through.',
      remedy: 'Flush all families (db.flush()), and set the bound with maxTotalWalMb.',
      since: oldest === undefined ? undefined : new Date(oldest.modifiedMs),
      option: { name: 'maxTotalWalMb', suggestion: '512' },
      evidence: [
        {
          source: 'WAL',
          text: `${directory.wal.length} files, ${sizeText(bytes)}, the oldest ${oldest?.name}`,
        },
        { source: 'max_total_wal_size', text: String(limit.bound) },
        ...(kept === undefined
          ? []
          : [{ source: 'rocksdb.min-log-number-to-keep', text: String(kept) }]),
      ],
    }
  },
}

/** What the next flushes and the largest compaction need. */
function needed({ options, open }: Collected): { flushes: number; compaction: number } {
  const sizes = isKnown(options)
    ? Object.values(options.families).map((one) =>
        Number(one['write_buffer_size'] ?? DEFAULT_BUFFER),
      )
    : []
  const flushes = 2 * sizes.reduce((most, size) => Math.max(most, size), 0)
  const levels = isKnown(open) ? open.families.flatMap(({ levelBytes }) => levelBytes) : []
  const compaction = flushes + levels.reduce((most, bytes) => Math.max(most, bytes), 0)
  return { flushes: flushes || 2 * DEFAULT_BUFFER, compaction }
}

const full: Rule = {
  rule: 'disk-full',
  options: [],
  judge(evidence) {
    const { fileSystem, log, open } = evidence
    const failed = isKnown(open) && open.health !== 'ok'
    const full = linesOf(log, 'noSpace')
    const noSpace = full.count > 0 ? full : linesOf(log, 'ioError')
    const disk = isKnown(fileSystem) ? fileSystem : undefined
    if (disk === undefined && !failed && noSpace.count === 0) return whyUnknown(fileSystem)
    const { flushes, compaction } = needed(evidence)
    const free = disk?.freeBytes ?? Number.POSITIVE_INFINITY
    if (!failed && free >= flushes && free >= compaction && noSpace.count === 0) return undefined
    const severe = failed || free < flushes
    const now = severe || free < compaction
    const lines = isKnown(log) ? quoted(log, noSpace.lines) : []
    const health = failed
      ? [{ source: 'db.health', text: `${open.health}: ${open.healthCause ?? ''}` }]
      : []
    const space =
      disk === undefined
        ? []
        : [
            {
              source: 'statfs',
              text: `${sizeText(free)} free of ${sizeText(disk.totalBytes)}; flushes need ${sizeText(flushes)}, the largest compaction ${sizeText(compaction)}`,
            },
          ]
    const [first, ...more] = [...health, ...space, ...lines]
    if (first === undefined) return undefined
    return {
      severity: severe ? 'critical' : now ? 'warning' : 'notice',
      what: failed
        ? `The database does not take writes: it is ${open.health}.`
        : now
          ? `The disk has ${sizeText(free)} left, which the next ${severe ? 'flushes' : 'large compaction'} may not fit into.`
          : `${full.count > 0 ? 'The disk was full' : 'Writing files failed'} ${timesText(noSpace.count)} since LOG begins.`,
      cause: 'A flush or a compaction writes its new files before the old ones are deleted.',
      remedy:
        'Make room: writes go on by themselves, at once with db.resume(). Plan for twice the largest level.',
      since:
        severe && noSpace.lines[0]?.atMs !== undefined
          ? new Date(noSpace.lines[0].atMs)
          : undefined,
      evidence: [first, ...more],
    }
  },
}

const amplified: Rule = {
  rule: 'files-larger-than-data',
  options: ['compactionDynamic', 'periodicCompactionSeconds'],
  judge({ open, options }) {
    if (!isKnown(open)) return whyUnknown(open)
    let worst: { name: string; bytes: number; live: number; ratio: number } | undefined
    for (const { name, figures, levelBytes } of open.families) {
      // RocksDB counts one of the files of level 0 that overlap as alive; what compactions get to is no matter.
      const own = isKnown(options) ? options.families[name] : undefined
      const stays = own?.['disable_auto_compactions'] === 'true'
      const bytes = levelBytes.slice(stays ? 0 : 1).reduce((sum, level) => sum + level, 0)
      const live = figures['live_data_bytes'] ?? 0
      const ratio = live === 0 ? 0 : bytes / live
      if (bytes >= LEAST_SPACE && ratio > (worst?.ratio ?? SPACE_OVER))
        worst = { name, bytes, live, ratio }
    }
    const blobs = open.families.filter(
      ({ figures }) =>
        (figures['blob_bytes'] ?? 0) >= LEAST_SPACE &&
        (figures['blob_garbage_bytes'] ?? 0) > GARBAGE_SHARE * (figures['blob_bytes'] ?? 0),
    )
    const [blob] = blobs
    if (worst === undefined && blob === undefined) return undefined
    const advice = {
      cause: 'Older versions of rows and deleted rows stay in files until compactions get to them.',
      remedy:
        'Compact the family (db.compactRange), let levels follow the data (compactionDynamic), and bound the age of files (periodicCompactionSeconds). Garbage in blob files goes with the tables that point at it.',
      option: { name: 'periodicCompactionSeconds', suggestion: '604800' },
    } as const
    if (worst === undefined) {
      const { blob_bytes: bytes = 0, blob_garbage_bytes: garbage = 0 } = blob?.figures ?? {}
      return {
        severity: 'notice',
        what: `${percent(garbage / bytes)} of the blob files are values that no row has any more.`,
        columnFamily: blob?.name,
        evidence: [
          {
            source: 'rocksdb.live-blob-file-garbage-size',
            text: `${sizeText(garbage)} of ${sizeText(bytes)}`,
          },
        ],
        ...advice,
      }
    }
    return {
      severity: worst.ratio > SPACE_FAR_OVER && worst.bytes > FAR_SPACE ? 'warning' : 'notice',
      what: `The files take ${worst.ratio.toFixed(1)} times what is in them.`,
      columnFamily: worst.name,
      evidence: [
        { source: 'rocksdb.live-sst-files-size', text: String(worst.bytes) },
        { source: 'rocksdb.estimate-live-data-size', text: String(worst.live) },
      ],
      ...advice,
    }
  },
}

const LEAST_PEAK = 10
const PEAK_SHARE = 0.5

const peaks: Rule = {
  rule: 'compactions-by-age',
  options: ['ttlSeconds', 'periodicCompactionSeconds', 'rateLimitMbPerSec'],
  judge({ log }) {
    if (!isKnown(log)) return log
    const { count, lines } = linesOf(log, 'ageCompaction')
    const others = linesOf(log, 'otherCompaction').count
    if (count < LEAST_PEAK || count < PEAK_SHARE * (count + others)) return undefined
    const [first, ...more] = quoted(log, lines)
    if (first === undefined) return undefined
    return {
      severity: 'notice',
      what: `${count} of ${count + others} compactions ran because files had reached an age.`,
      cause:
        'Files that were written together reach ttlSeconds or periodicCompactionSeconds together, and are rewritten at once.',
      remedy:
        'Limit the rate (rateLimitMbPerSec), and raise ttlSeconds or periodicCompactionSeconds.',
      columnFamily: /"cf_name": ?"([^"]*)"/.exec(lines.at(-1)?.text ?? '')?.[1],
      since: lines[0]?.atMs === undefined ? undefined : new Date(lines[0].atMs),
      option: { name: 'ttlSeconds' },
      evidence: [first, ...more],
    }
  },
}

export const SPACE_RULES: readonly Rule[] = [snapshot, tiny, wal, full, amplified, peaks]
