/** Judges what was collected, and makes the report. */
import { rowOf, type TuningName } from '../tuning'
import type { DoctorReport, Finding, RuleOutcome, Severity } from '../types/doctor'
import { type Collected, isKnown } from './evidence'
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
      findings.push(findingOf(rule, verdict, evidence))
      outcomes.push({ rule, outcome: 'found' })
    }
  }
  findings.sort((a, b) => RANK[a.severity] - RANK[b.severity])
  const { path, atMs, opened } = evidence
  return { path, at: new Date(atMs), opened, findings, rules: outcomes }
}

function findingOf(rule: string, found: Found, evidence: Collected): Finding {
  const { severity, what, columnFamily, since, cause, remedy, option } = found
  return {
    rule,
    severity,
    what,
    ...(columnFamily === undefined ? {} : { columnFamily }),
    ...(since === undefined ? {} : { since }),
    evidence: found.evidence,
    cause,
    remedy,
    ...(option === undefined ? {} : { option: optionOf(option, evidence) }),
    guide: `docs/doctor.md#${rule}`,
  }
}

type Option = NonNullable<Finding['option']>

/** A number that is suggested is one that the option takes. */
function optionOf({ name, suggestion }: NonNullable<Found['option']>, evidence: Collected): Option {
  const row = rowOf(name)
  const option = { name, live: isLive(name, evidence) }
  if (suggestion === undefined) return option
  if (row.type !== 'integer') return { ...option, suggestion }
  const allowed = Math.min(row.max, Math.max(row.min, Number(suggestion)))
  return { ...option, suggestion: String(allowed) }
}

/** Whether an open database takes another value. What is off (0) has no object that could be changed. */
function isLive(name: TuningName, { open }: Collected): boolean {
  const { changeable, offAt0 } = rowOf(name)
  if (changeable === false) return false
  return offAt0 !== true || !isKnown(open) || open.tuning[name] !== 0
}
