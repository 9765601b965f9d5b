/** Rules about reads that do more than they must. */
import type { DataFile } from '../../types/files'
import { type Collected, isKnown } from '../evidence'
import { OTHERS_MEMORY, percent, type Rule, sizeText, whyUnknown } from '../rule'

const LEAST_ENTRIES = 10_000
const DELETED_SHARE = 0.3
const LEAST_SEEKS = 100
const SKIPS_A_SEEK = 100
const RANGE_DELETIONS = 1000
const LEAST_MISSES = 1000
const MOST_FAMILIES = 3

/** Tables by family. */
export function tablesByFamily(files: readonly DataFile[]): Map<string, DataFile[]> {
  const families = new Map<string, DataFile[]>()
  for (const file of files) {
    if (file.kind !== 'table') continue
    const tables = families.get(file.columnFamily)
    if (tables === undefined) families.set(file.columnFamily, [file])
    else tables.push(file)
  }
  return families
}

interface Deletions {
  family: string
  entries: number
  deletions: number
  share: number
}

function mostDeleted(files: readonly DataFile[]): Deletions | undefined {
  let most: Deletions | undefined
  for (const [family, tables] of tablesByFamily(files)) {
    const entries = tables.reduce((sum, table) => sum + (table.entries ?? 0), 0)
    const deletions = tables.reduce((sum, table) => sum + (table.deletions ?? 0), 0)
    const share = entries < LEAST_ENTRIES ? 0 : deletions / entries
    if (most === undefined || share > most.share) most = { family, entries, deletions, share }
  }
  return most
}

function skipsOf({ open, opened }: Collected) {
  if (opened !== 'live' || !isKnown(open) || !isKnown(open.statistics)) return undefined
  const { tickers } = open.statistics
  const [skips, seeks] = [tickers['rocksdb.number.iter.skip'], tickers['rocksdb.number.db.seek']]
  if (skips === undefined || seeks === undefined || seeks < LEAST_SEEKS) return undefined
  return { skips, seeks, each: skips / seeks }
}

const deletes: Rule = {
  rule: 'deletes-slow-scans',
  options: ['flushAfterScanSkips', 'periodicCompactionSeconds'],
  judge(evidence) {
    const { files } = evidence
    const skips = skipsOf(evidence)
    if (!isKnown(files) && skips === undefined) return whyUnknown(files)
    const most = isKnown(files) ? mostDeleted(files) : undefined
    const inTables = most !== undefined && most.share > DELETED_SHARE
    const skipping = skips !== undefined && skips.each > SKIPS_A_SEEK
    if (!inTables && !skipping) return undefined
    const ofTables = {
      source: 'rocksdb.aggregated-table-properties',
      text: `num_deletions ${most?.deletions} of num_entries ${most?.entries}`,
    }
    const ofSeeks = {
      source: 'rocksdb.number.iter.skip',
      text: `${skips?.skips} rows skipped in ${skips?.seeks} seeks (rocksdb.number.db.seek)`,
    }
    return {
      severity: inTables && skipping ? 'warning' : 'notice',
      what: inTables
        ? `${percent(most.share)} of the entries in the tables are deletions, which scans step over.`
        : `Scans step over ${Math.round(skips?.each ?? 0)} deleted or older rows for each seek.`,
      cause:
        'Rows that were deleted or overwritten stay until a compaction drops them; scans read past each.',
      remedy:
        'Give scans tight bounds, delete ranges with deleteRange, and compact the family once (db.compactRange). flushAfterScanSkips flushes memtables that scans step through, and periodicCompactionSeconds bounds how long deletions stay.',
      columnFamily: inTables ? most.family : undefined,
      option: { name: 'periodicCompactionSeconds', suggestion: '86400' },
      evidence: inTables ? [ofTables, ...(skipping ? [ofSeeks] : [])] : [ofSeeks],
    }
  },
}

const rangeDeletes: Rule = {
  rule: 'many-range-deletes',
  options: ['periodicCompactionSeconds'],
  judge({ files }) {
    if (!isKnown(files)) return whyUnknown(files)
    let worst: DataFile | undefined
    for (const file of files) {
      if ((file.rangeDeletions ?? 0) > (worst?.rangeDeletions ?? RANGE_DELETIONS)) worst = file
    }
    if (worst === undefined) return undefined
    return {
      severity: 'warning',
      what: `One table has ${worst.rangeDeletions} deletions of ranges, and every read of it looks through them.`,
      cause: 'Each deleteRange leaves an entry until a compaction drops it with the rows.',
      remedy:
        'Compact the range that was deleted (db.compactRange), and delete fewer, larger ranges.',
      columnFamily: worst.columnFamily,
      since: worst.createdAt,
      option: { name: 'periodicCompactionSeconds', suggestion: '86400' },
      evidence: [
        {
          source: worst.name,
          text: `num_range_deletions ${worst.rangeDeletions}, ${sizeText(worst.bytes)}, level ${worst.level}`,
        },
      ],
    }
  },
}

const noFilter: Rule = {
  rule: 'no-filter',
  options: ['filterPolicy'],
  judge({ open, options, opened }) {
    if (!isKnown(options)) return whyUnknown(options)
    const without = Object.entries(options.families).flatMap(([name, own]) =>
      own['table.filter_policy'] === 'nullptr' ? [name] : [],
    )
    const [first] = without
    if (first === undefined) return undefined
    if (!isKnown(open)) return whyUnknown(open)
    if (opened !== 'live') return { unknown: OTHERS_MEMORY }
    if (!isKnown(open.statistics)) return whyUnknown(open.statistics)
    const { tickers } = open.statistics
    const of = (name: string) => tickers[`rocksdb.${name}`] ?? 0
    const reads = of('number.keys.read') + of('number.multiget.keys.read')
    const hits = of('memtable.hit') + of('l0.hit') + of('l1.hit') + of('l2andup.hit')
    if (reads - hits < LEAST_MISSES || of('bloom.filter.useful') > 0) return undefined
    const some = without.slice(0, MOST_FAMILIES).map((name) => JSON.stringify(name))
    return {
      severity: 'warning',
      what: `${reads - hits} reads of keys that are not there went through tables without a filter.`,
      cause: `Tables of ${without.length === 1 ? 'a family' : `${without.length} families`} have no filter, so that a read that finds nothing searches blocks.`,
      remedy: 'Set filterPolicy, reopen, and compact the family: filters are made with the tables.',
      columnFamily: first,
      option: { name: 'filterPolicy', suggestion: 'ribbon' },
      evidence: [
        { source: options.name, text: `filter_policy=nullptr of ${some.join(', ')}` },
        { source: 'rocksdb.number.keys.read', text: `${reads} reads, ${hits} of them found` },
        { source: 'rocksdb.bloom.filter.useful', text: '0' },
      ],
    }
  },
}

export const READ_RULES: readonly Rule[] = [deletes, rangeDeletes, noFilter]
