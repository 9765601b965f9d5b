/** The doctor's findings, as the page has them. */
import { Database } from '../database'
import type { DoctorReport, Finding } from '../types/doctor'
import type { Findings, FindingView } from './protocol'

/** Findings, worst first. */
export async function findingsOf(db: Database, signal: AbortSignal): Promise<Findings> {
  return viewOf(await db.doctor({ signal }))
}

/** Findings about a directory, whatever is the matter with it. */
export async function doctorOf(path: string): Promise<Findings> {
  return viewOf(await Database.doctor(path))
}

function viewOf({ findings, rules }: DoctorReport): Findings {
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
