/** The doctor's findings, as the page has them. */
import type { Database } from '../database'
import type { FindingView, Findings } from './protocol'

/** What is used of `DoctorReport`. */
interface Report {
  findings: readonly Finding[]
  rules: readonly { outcome: 'found' | 'clear' | 'unknown' }[]
}

interface Finding {
  rule: string
  severity: 'critical' | 'warning' | 'notice'
  what: string
  columnFamily?: string | undefined
  since?: Date | undefined
  evidence: readonly { source: string; text: string }[]
  cause: string
  remedy: string
  option?: { name: string; live: boolean; suggestion?: string | undefined } | undefined
  guide: string
}

/** Findings, worst first. */
export async function findingsOf(db: Database, signal: AbortSignal): Promise<Findings> {
  return viewOf(await db.doctor({ signal }))
}

export function viewOf({ findings, rules }: Report): Findings {
  const unknown = rules.filter(({ outcome }) => outcome === 'unknown').length
  return { findings: findings.map(findingView), unknown, rules: rules.length }
}

function findingView({ since, evidence, option, columnFamily, ...rest }: Finding): FindingView {
  return {
    ...rest,
    columnFamily,
    since: since?.toISOString(),
    evidence: evidence.map(({ source, text }) => ({ source, text })),
    option: option && { ...option, suggestion: option.suggestion },
  }
}
