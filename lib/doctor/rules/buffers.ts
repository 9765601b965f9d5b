/** Rules about the memory of memtables. */
import { isKnown } from '../evidence'
import {
  linesOf,
  MIB,
  OTHERS_MEMORY,
  quoted,
  type Rule,
  sizeText,
  timesText,
  whyUnknown,
} from '../rule'

const FULL_SHARE = 1
const ARENAS = 2
const DEFAULT_ARENA = MIB
/** A budget of which a part this size or more is left after the arenas is enough. */
const ACTIVE_SHARE = 7 / 8
const MANY_FLUSHES = 20
const HISTORY_BYTES = 64 * MIB

const bufferLimit: Rule = {
  rule: 'writes-stopped-by-buffer-limit',
  options: ['allowStall', 'dbWriteBufferMb'],
  judge({ open, opened }) {
    if (!isKnown(open)) return whyUnknown(open)
    if (opened !== 'live') return { unknown: OTHERS_MEMORY }
    const limit = Number(open.tuning['dbWriteBufferMb']) * MIB
    if (open.tuning['allowStall'] !== true || !(limit > 0)) return undefined
    const usage = open.properties['rocksdb.size-all-mem-tables'] ?? 0
    const stops = open.figures['write_buffer_manager_stops'] ?? 0
    if (usage < FULL_SHARE * limit && stops < MANY_FLUSHES) return undefined
    const now = usage >= FULL_SHARE * limit
    return {
      severity: now ? 'critical' : 'warning',
      what: now
        ? 'Writes wait for room in the write buffers of all families, and no counter of stalls moves.'
        : `Writes waited ${timesText(stops)} for room in the write buffers of all families.`,
      cause:
        'allowStall makes every write wait once all memtables together reach dbWriteBufferMb. Memory that a snapshot or an open iterator holds counts as well, and no flush gives it back.',
      remedy:
        'Set allowStall to false, or raise dbWriteBufferMb, and close iterators that are done.',
      option: now
        ? { name: 'dbWriteBufferMb', suggestion: String(Math.ceil((2 * usage) / MIB)) }
        : { name: 'allowStall', suggestion: 'false' },
      evidence: [
        {
          source: 'rocksdb.size-all-mem-tables',
          text: `${sizeText(usage)}; dbWriteBufferMb is ${limit / MIB}, allowStall is true`,
        },
        {
          source: 'rocksdb.db-write-stall-stats',
          text: `write-buffer-manager-limit-stops ${stops}`,
        },
      ],
    }
  },
}

const budget: Rule = {
  rule: 'write-buffer-budget-too-small',
  options: ['dbWriteBufferMb'],
  judge({ open, options, log }) {
    if (!isKnown(log)) return whyUnknown(log)
    const { count, lines } = linesOf(log, 'bufferFlush')
    if (count < MANY_FLUSHES) return undefined
    const small = lines.filter(({ text }) => sizeOfFlush(text) < MIB).length
    if (small < lines.length / 2) return undefined
    const families = isKnown(open)
      ? open.families.length
      : isKnown(options)
        ? Object.keys(options.families).length
        : undefined
    const limitMb = isKnown(open) ? Number(open.tuning['dbWriteBufferMb']) : 0
    const arena = isKnown(options)
      ? Math.max(
          0,
          ...Object.values(options.families).map((one) => Number(one['arena_block_size'])),
        )
      : 0
    const needed = (families ?? 1) * ARENAS * (arena || DEFAULT_ARENA)
    const [first, ...more] = quoted(log, lines)
    if (first === undefined) return undefined
    const tooSmall = limitMb === 0 || needed > limitMb * MIB * ACTIVE_SHARE
    return {
      severity: tooSmall ? 'warning' : 'notice',
      what: `The common budget of write buffers forced ${count} flushes, most of less than 1 MiB.`,
      cause: `Each of ${families ?? 'the'} families takes memory in arenas before it holds a row, ${sizeText(needed)} together, and the budget is spent on them.`,
      remedy: 'Raise dbWriteBufferMb, or have fewer families.',
      option: { name: 'dbWriteBufferMb', suggestion: String(Math.ceil((2 * needed) / MIB)) },
      evidence: [first, ...more],
    }
  },
}

function sizeOfFlush(text: string): number {
  const bytes = /"total_data_size": ?(\d+)/.exec(text)?.[1]
  return bytes === undefined ? Number.POSITIVE_INFINITY : Number(bytes)
}

const history: Rule = {
  rule: 'memtables-kept',
  options: ['transactionWindowMb'],
  judge({ open, opened }) {
    if (!isKnown(open)) return whyUnknown(open)
    if (opened !== 'live') return { unknown: OTHERS_MEMORY }
    const all = open.properties['rocksdb.size-all-mem-tables'] ?? 0
    const current = open.properties['rocksdb.cur-size-all-mem-tables'] ?? 0
    if (all - current <= HISTORY_BYTES) return undefined
    const { open_cursors: cursors = 0, snapshots = 0 } = open.figures
    return {
      severity: 'warning',
      what: `${sizeText(all - current)} of memtables that are flushed already are still in memory.`,
      cause:
        'Open iterators hold the memtables that they began with, and RocksDB keeps flushed ones for transactions (max_write_buffer_size_to_maintain).',
      remedy:
        'Close iterators and scans that are done. Where max_write_buffer_size_to_maintain is set by hand, take it away: transactions here keep what they need by themselves (transactionWindowMb).',
      option: { name: 'transactionWindowMb' },
      evidence: [
        { source: 'rocksdb.size-all-mem-tables', text: String(all) },
        { source: 'rocksdb.cur-size-all-mem-tables', text: String(current) },
        { source: 'db', text: `${cursors} open iterators, ${snapshots} snapshots` },
      ],
    }
  },
}

export const BUFFER_RULES: readonly Rule[] = [bufferLimit, budget, history]
