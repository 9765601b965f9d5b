/** Rules about writes that RocksDB slows down or stops. */
import { type Collected, type FamilyEvidence, isKnown, type LogKind } from '../evidence'
import {
  dateOf,
  type Found,
  linesOf,
  percent,
  quoted,
  type Rule,
  sizeText,
  type Verdict,
  whyUnknown,
} from '../rule'

/** A database that ran shorter has no share worth the name. */
const LEAST_RUN_MS = 600_000
const STALLED_SHARE = 0.2
const MANY_LINES = 100

/** An option of a family as a number; undefined where it is not known. */
function optionOf(evidence: Collected, family: string, name: string): number | undefined {
  if (!isKnown(evidence.options)) return undefined
  const text = evidence.options.families[family]?.[name]
  return text === undefined || !/^-?\d+$/.test(text) ? undefined : Number(text)
}

function compacts(evidence: Collected, family: string): boolean {
  if (!isKnown(evidence.options)) return true
  return evidence.options.families[family]?.['disable_auto_compactions'] !== 'true'
}

/** The share of its time that LOG says the writes stood still, with the line; undefined where it is too short. */
function stalledShare({
  log,
}: Collected): { share: number; line: number; text: string } | undefined {
  if (!isKnown(log) || (log.lastMs ?? 0) - (log.firstMs ?? 0) < LEAST_RUN_MS) return undefined
  const last = linesOf(log, 'stall').lines.at(-1)
  const share = Number(/([\d.]+) percent/.exec(last?.text ?? '')?.[1]) / 100
  if (last === undefined || Number.isNaN(share)) return undefined
  return { share, line: last.line, text: last.text }
}

type Advice = Pick<Found, 'cause' | 'remedy' | 'option'>

/** What LOG says of stalls of a kind. */
function fromLog(evidence: Collected, kind: LogKind, advice: Advice): Verdict {
  const { log } = evidence
  if (!isKnown(log)) return undefined
  const { count, lines } = linesOf(log, kind)
  if (count === 0) return undefined
  const share = stalledShare(evidence)
  const others = (['level0', 'memtables', 'pending'] as const).map((one) => linesOf(log, one).count)
  const isMain = count === Math.max(...others)
  const stood = share !== undefined && share.share >= STALLED_SHARE && isMain
  if (!stood && count < MANY_LINES) return undefined
  const [first, ...more] = quoted(log, lines)
  if (first === undefined) return undefined
  const own = share === undefined ? [] : [{ source: `${log.name}:${share.line}`, text: share.text }]
  return {
    severity: stood ? 'warning' : 'notice',
    what: stood
      ? `Writes stood still ${percent(share.share)} of the time that LOG tells of.`
      : `Writes were slowed down or stopped ${count} times since LOG begins.`,
    columnFamily: /\[([^\]]+)\] St/.exec(lines.at(-1)?.text ?? '')?.[1],
    since: dateOf(lines[0]),
    evidence: [first, ...more, ...(stood ? own : [])],
    ...advice,
  }
}

/** The family that is furthest above a limit. */
function worstOf(
  families: readonly FamilyEvidence[],
  over: (family: FamilyEvidence) => number,
): FamilyEvidence | undefined {
  let worst: FamilyEvidence | undefined
  for (const family of families) {
    if (over(family) >= 1 && (worst === undefined || over(family) > over(worst))) worst = family
  }
  return worst
}

/** A rule about one of the three limits that slow writes down. */
function stallRule(
  name: string,
  kind: LogKind,
  advice: Advice,
  limits: {
    property: string
    measure(family: FamilyEvidence): number
    show(amount: number): string
    slow: string | number
    stop: string
    memory?: true
  },
): Rule {
  return {
    rule: name,
    options: advice.option === undefined ? [] : [advice.option.name],
    judge(evidence) {
      const { open, log, opened } = evidence
      const inMemory = limits.memory === true && opened !== 'live'
      const now = isKnown(open) && !inMemory ? judgeNow(evidence, open.families) : undefined
      const found = now ?? fromLog(evidence, kind, advice)
      if (found !== undefined) return found
      if (!isKnown(log) && (!isKnown(open) || inMemory)) return whyUnknown(log, open)
      return undefined
    },
  }

  function judgeNow(evidence: Collected, families: readonly FamilyEvidence[]): Found | undefined {
    const limit = (family: FamilyEvidence, option: string | number) =>
      typeof option === 'number'
        ? option
        : optionOf(evidence, family.name, option) || Number.POSITIVE_INFINITY
    const slowAt = (family: FamilyEvidence) => limit(family, limits.slow)
    const over = (family: FamilyEvidence) =>
      compacts(evidence, family.name)
        ? limits.measure(family) / Math.min(slowAt(family), limit(family, limits.stop))
        : 0
    const worst = worstOf(families, over)
    if (worst === undefined) return undefined
    const amount = limits.measure(worst)
    const stopped = amount >= limit(worst, limits.stop)
    const lines = isKnown(evidence.log) ? linesOf(evidence.log, kind).lines : []
    const allStopped = isKnown(evidence.open) && evidence.open.figures['write_stopped'] === 1
    const bound = stopped ? limits.stop : limits.slow
    const name = typeof bound === 'number' ? 'the limit' : bound
    return {
      severity: stopped && allStopped ? 'critical' : 'warning',
      what: `Writes are ${stopped ? 'stopped' : 'slowed down'}: ${limits.show(amount)}.`,
      columnFamily: worst.name,
      since: dateOf(lines[0]),
      evidence: [
        {
          source: limits.property,
          text: `${amount} of ${JSON.stringify(worst.name)}; ${name} is ${limit(worst, bound)}`,
        },
        ...(isKnown(evidence.log) ? quoted(evidence.log, lines) : []),
      ],
      ...advice,
    }
  }
}

const level0 = stallRule(
  'writes-stopped-by-level0',
  'level0',
  {
    cause: 'Memtables are flushed faster than compactions merge their files out of level 0.',
    remedy:
      'Allow more jobs at once (maxBackgroundJobs), make fewer and larger flushes (writeBufferMb), take the rate limit off (rateLimitMbPerSec), and write to fewer families at once.',
    option: { name: 'maxBackgroundJobs', suggestion: '8' },
  },
  {
    property: 'rocksdb.num-files-at-level0',
    measure: ({ levelFiles }) => levelFiles[0] ?? 0,
    show: (amount) => `level 0 has ${amount} files`,
    slow: 'level0_slowdown_writes_trigger',
    stop: 'level0_stop_writes_trigger',
  },
)

const memtables = stallRule(
  'writes-stopped-by-memtables',
  'memtables',
  {
    cause: 'Memtables are filled faster than the disk takes them.',
    remedy:
      'Allow more memtables to wait (maxWriteBufferNumber), look at the disk (rocksdb-live doctor --probe), and allow more jobs (maxBackgroundJobs).',
    option: { name: 'maxWriteBufferNumber', suggestion: '4' },
  },
  {
    property: 'rocksdb.num-immutable-mem-table',
    measure: ({ figures }) => (figures['memtables'] ?? 1) - 1,
    show: (amount) => `${amount} full memtables wait for the disk`,
    slow: Number.POSITIVE_INFINITY,
    stop: 'max_write_buffer_number',
    memory: true,
  },
)

const pending = stallRule(
  'writes-stopped-by-pending-compaction',
  'pending',
  {
    cause: 'Compactions are so far behind that RocksDB slows writes down for them.',
    remedy:
      'Raise the rate limit or take it off (rateLimitMbPerSec), and allow more jobs (maxBackgroundJobs). Where the disk cannot do more, write less.',
    option: { name: 'rateLimitMbPerSec' },
  },
  {
    property: 'rocksdb.estimate-pending-compaction-bytes',
    measure: ({ figures }) => figures['pending_compaction_bytes'] ?? 0,
    show: (amount) => `${sizeText(amount)} wait to be compacted`,
    slow: 'soft_pending_compaction_bytes_limit',
    stop: 'hard_pending_compaction_bytes_limit',
  },
)

export const STALL_RULES: readonly Rule[] = [level0, memtables, pending]
