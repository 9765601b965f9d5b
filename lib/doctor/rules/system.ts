/** Rules about the system below: open files, disks, file systems. */
import { isKnown } from '../evidence'
import {
  dateOf,
  linesOf,
  OTHERS_MEMORY,
  percent,
  quoted,
  type Rule,
  timesText,
  whyUnknown,
} from '../rule'

const FILES_SHARE = 0.75
const SLOW_SYNC_MS = 100
const LEAST_SYNCS = 20

const openFiles: Rule = {
  rule: 'too-many-open-files',
  options: ['maxOpenFiles'],
  judge({ process, log, open, opened, options }) {
    const lines = linesOf(log, 'openFiles')
    const ticker =
      opened === 'live' && isKnown(open) && isKnown(open.statistics)
        ? (open.statistics.tickers['rocksdb.no.file.errors'] ?? 0)
        : 0
    const counted = isKnown(process) && isKnown(process.openFiles) && isKnown(process.openFileLimit)
    const [files, limit] = counted
      ? [process.openFiles as number, process.openFileLimit as number]
      : [0, 0]
    const near = counted && files > FILES_SHARE * limit
    if (!near && lines.count === 0) {
      return counted || isKnown(log) ? undefined : whyUnknown(process, log)
    }
    const most = isKnown(options) ? options.db['max_open_files'] : undefined
    const [first, ...more] = [
      ...(near
        ? [{ source: '/proc/<pid>/fd', text: `${files} open files; the limit is ${limit}` }]
        : []),
      ...(isKnown(log) ? quoted(log, lines.lines) : []),
      ...(ticker > 0 ? [{ source: 'rocksdb.no.file.errors', text: String(ticker) }] : []),
      ...(most === undefined ? [] : [{ source: 'max_open_files', text: most }]),
    ]
    if (first === undefined) return undefined
    return {
      severity: lines.count > 0 && near ? 'critical' : 'warning',
      what:
        lines.count > 0
          ? `Opening a file has failed ${timesText(lines.count)}: too many were open.`
          : `The process has ${percent(files / limit)} of the files open that it may.`,
      cause: 'RocksDB keeps a file open for each table, up to maxOpenFiles; sockets count as well.',
      remedy:
        'Raise the limit of the process (ulimit -n, LimitNOFILE of systemd), or lower maxOpenFiles.',
      since: dateOf(lines.lines[0]),
      option: {
        name: 'maxOpenFiles',
        ...(limit > 0 ? { suggestion: String(Math.floor(limit / 2)) } : {}),
      },
      evidence: [first, ...more],
    }
  },
}

const slowSync: Rule = {
  rule: 'slow-sync',
  options: ['walBytesPerSyncMb'],
  judge({ open, opened, probe }) {
    const times = isKnown(probe) ? [...probe].sort((a, b) => a - b) : []
    const median = times[Math.floor(times.length / 2)] ?? 0
    const syncs =
      opened === 'live' && isKnown(open) && isKnown(open.statistics)
        ? open.statistics.histograms['rocksdb.wal.file.sync.micros']
        : undefined
    const p99 = (syncs?.count ?? 0) >= LEAST_SYNCS ? (syncs?.p99 ?? 0) / 1000 : 0
    if (p99 <= SLOW_SYNC_MS && median <= SLOW_SYNC_MS) {
      if (times.length > 0 || p99 > 0) return undefined
      if (opened === 'live' && isKnown(open) && isKnown(open.statistics)) {
        return { unknown: 'the WAL was synced too seldom to tell; ask with probe' }
      }
      return isKnown(probe) ? { unknown: OTHERS_MEMORY } : whyUnknown(probe)
    }
    const ofProbe = {
      source: 'probe',
      text: `fdatasync of 4 KiB: median ${median.toFixed(1)} ms, most ${(times.at(-1) ?? 0).toFixed(1)} ms`,
    }
    const ofSyncs = {
      source: 'rocksdb.wal.file.sync.micros',
      text: `p99 ${p99.toFixed(1)} ms of ${syncs?.count} syncs`,
    }
    return {
      severity: 'warning',
      what: `The disk takes ${Math.round(Math.max(p99, median))} ms to make a small write durable.`,
      cause:
        'The disk is slow to sync, or others keep it busy; every write with sync: true waits for it.',
      remedy:
        'Use a disk of another class or one of its own, write more rows with each sync, and let the system write the WAL out as it grows (walBytesPerSyncMb).',
      option: { name: 'walBytesPerSyncMb', suggestion: '1' },
      evidence: p99 > SLOW_SYNC_MS ? [ofSyncs, ...(times.length > 0 ? [ofProbe] : [])] : [ofProbe],
    }
  },
}

const NETWORK = new Set(['nfs', 'cifs', 'smb', 'smb2', '9p', 'fuse', 'ceph', 'afs'])

const fileSystem: Rule = {
  rule: 'unfit-file-system',
  options: ['walRecoveryMode'],
  judge({ fileSystem: on }) {
    if (!isKnown(on)) return on
    const layered = on.type === 'overlay'
    if (!layered && !NETWORK.has(on.type)) return undefined
    return {
      severity: layered ? 'notice' : 'warning',
      what: layered
        ? 'The database lies in the layer of a container, and ends with it.'
        : `The database lies on ${on.type}, a file system whose locks, links and syncs may not hold what RocksDB counts on.`,
      cause: layered
        ? 'overlay is the root of containers; a volume is a directory of the host.'
        : 'RocksDB needs locks that hold, renames that are atomic, and syncs that reach the disk.',
      remedy: layered
        ? 'Mount a volume, and put the database there.'
        : "Move it to a local disk. Never use walRecoveryMode 'absolute' there.",
      option: layered ? undefined : { name: 'walRecoveryMode', suggestion: 'point-in-time' },
      evidence: [{ source: 'statfs', text: `type ${on.type}` }],
    }
  },
}

/** RocksDB from 8.6 until 9.8 believes that a read-ahead was done that the disk has cut. */
function cuts(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return (major === 8 && minor >= 6) || (major === 9 && minor < 9)
}

const readAhead: Rule = {
  rule: 'readahead-cut',
  options: ['readaheadMb'],
  judge({ options, largestReadBytes }) {
    if (!isKnown(options) || !isKnown(largestReadBytes))
      return whyUnknown(options, largestReadBytes)
    const bytes = Number(options.db['compaction_readahead_size'] ?? 0)
    if (!cuts(options.version) || bytes <= largestReadBytes) return undefined
    return {
      severity: 'warning',
      what: 'Compactions read block by block, since the disk cuts what they read ahead.',
      cause: `RocksDB ${options.version} asks for more than the disk reads at once, and takes it for read (facebook/rocksdb#12038).`,
      remedy:
        'Open it with this package, which gives RocksDB no more than the disk reads, or lower readaheadMb.',
      option: { name: 'readaheadMb', suggestion: '1' },
      evidence: [
        { source: `${options.name}: compaction_readahead_size`, text: String(bytes) },
        { source: 'max_sectors_kb', text: String(largestReadBytes / 1024) },
      ],
    }
  },
}

export const SYSTEM_RULES: readonly Rule[] = [openFiles, slowSync, fileSystem, readAhead]
