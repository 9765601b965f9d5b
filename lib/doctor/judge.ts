/** Judges what was collected, and makes the report. */
import { OPTIONS } from '../tuning'
import type { DoctorReport, Finding, RuleOutcome, Severity } from '../types/doctor'
import type { Collected } from './evidence'
import type { Found, Rule } from './rule'
import { RULES } from './rules'

const RANK: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, notice: 2 }

/** Tries every rule on the evidence. */
export function judge(evidence: Collected, rules: readonly Rule[] = RULES): DoctorReport {
  const findings: Finding[] = []
  const outcomes: RuleOutcome[] = []
  for (const { rule, judge } of rules) {
    const verdict = judge(evidence)
    if (verdict === undefined) outcomes.push({ rule, outcome: 'clear' })
    else if ('unknown' in verdict) outcomes.push({ rule, outcome: 'unknown', why: verdict.unknown })
    else {
      findings.push(findingOf(rule, verdict))
      outcomes.push({ rule, outcome: 'found' })
    }
  }
  findings.sort((a, b) => RANK[a.severity] - RANK[b.severity])
  const { path, atMs, opened } = evidence
  return { path, at: new Date(atMs), opened, findings, rules: outcomes }
}

function findingOf(rule: string, found: Found): Finding {
  const { severity, what, columnFamily, since, evidence, cause, remedy, option } = found
  return {
    rule,
    severity,
    what,
    ...(columnFamily === undefined ? {} : { columnFamily }),
    ...(since === undefined ? {} : { since }),
    evidence,
    cause,
    remedy,
    ...(option === undefined
      ? {}
      : { option: { ...option, live: OPTIONS[option.name].changeable !== false } }),
    guide: `docs/doctor.md#${rule}`,
  }
}
