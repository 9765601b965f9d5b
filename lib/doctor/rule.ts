/** What a rule is, and what it says. */
import type { TuningName } from '../tuning'
import type { Evidence, Severity } from '../types/doctor'
import type { Collected, Known, LogEvidence, LogKind, LogLine } from './evidence'

/** What a rule has found; the rest of a `Finding` is made of the rule. */
export interface Found {
  severity: Severity
  what: string
  cause: string
  remedy: string
  evidence: readonly [Evidence, ...Evidence[]]
  columnFamily?: string | undefined
  since?: Date | undefined
  option?: { name: TuningName; suggestion?: string } | undefined
}

/** Found something; nothing (undefined); or it cannot be judged. */
export type Verdict = Found | { readonly unknown: string } | undefined

/** One rule. */
export interface Rule {
  /** Stable, and the heading of its section in docs/doctor.md. */
  rule: string
  /** Options that its remedies name; the guide names the same. */
  options: readonly TuningName[]
  /** Judges evidence, and looks at nothing else. */
  judge(evidence: Collected): Verdict
}

/** The first reason why something is not known. */
export function whyUnknown(...all: readonly Known<unknown>[]): { unknown: string } {
  for (const one of all) {
    if (typeof one === 'object' && one !== null && 'unknown' in one) return one as never
  }
  return { unknown: 'there is nothing to judge it by' }
}

/** Only the process that has it open knows its memory. */
export const OTHERS_MEMORY =
  'only the process that has the database open can tell: ask db.doctor() there'

/** Evidence of lines of LOG: the first and the newest of a kind. */
export function quoted(log: LogEvidence, lines: readonly LogLine[], most = 2): Evidence[] {
  const chosen = lines.length <= most ? lines : [...lines.slice(0, 1), ...lines.slice(1 - most)]
  return chosen.map(({ line, text }) => ({ source: `${log.name}:${line}`, text }))
}

/** The lines of a kind, and how many there were. */
export function linesOf(
  log: Known<LogEvidence>,
  kind: LogKind,
): { count: number; lines: readonly LogLine[] } {
  if ('unknown' in log) return { count: 0, lines: [] }
  return log.kinds[kind] ?? { count: 0, lines: [] }
}

/** When a line was written. */
export function dateOf(line: LogLine | undefined): Date | undefined {
  return line?.atMs === undefined ? undefined : new Date(line.atMs)
}

export const MIB = 1_048_576

/** Bytes for people. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  const units = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let [size, at] = [bytes / 1024, 0]
  while (size >= 1024 && at < units.length - 1) {
    size /= 1024
    at++
  }
  return `${size >= 100 ? Math.round(size) : Math.round(10 * size) / 10} ${units[at]}`
}

/** Below 0 where the first version is older, by major and minor number. */
export function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number)
  const [majorB = 0, minorB = 0] = b.split('.').map(Number)
  return majorA - majorB || minorA - minorB
}

/** How often, for people. */
export function timesText(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}

/** A share for people. */
export function percent(share: number): string {
  return `${Math.round(100 * share)} %`
}
