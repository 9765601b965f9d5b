/** The doctor's findings, as the page has them. */
import { Database } from '../database'
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
  const { doctor } = db as { doctor?: (options: { signal: AbortSignal }) => Promise<Report> }
  return viewOf((await doctor?.call(db, { signal })) ?? { findings: [], rules: [] })
}

/** Findings about a directory, whatever is the matter with it. */
export async function doctorOf(path: string): Promise<Findings> {
  const { doctor } = Database as { doctor?: (path: string) => Promise<Report> }
  return viewOf((await doctor?.call(Database, path)) ?? { findings: [], rules: [] })
}

function viewOf({ findings, rules }: Report): Findings {
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
