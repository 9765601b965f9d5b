/** What the rules find, and what they do not, over every case; printed as precision and recall. */
import { judge } from '../../lib/doctor/judge'
import { RULES } from '../../lib/doctor/rules'
import { OPTIONS, TUNING_NAMES, type TuningName } from '../../lib/tuning'
import type { DoctorReport, Finding } from '../../lib/types/doctor'
import { openFresh, useTempDirectory } from '../support/database'
import { REAL } from './real-cases'
import { HEALTHY } from './recorded'
import { RECORDED_INSIDE } from './recorded-inside'
import { RECORDED_OUTSIDE } from './recorded-outside'

const RECORDED = [...RECORDED_INSIDE, ...RECORDED_OUTSIDE]
const path = useTempDirectory()

interface Outcome {
  name: string
  /** The rule that must find something; undefined where none may. */
  expected: string | undefined
  found: string[]
}

const outcomes: Outcome[] = []
/** What is found in a fresh database is the machine's: a full disk, the root of a container. */
let ofMachine: ReadonlySet<string> = new Set()

function note(name: string, expected: string | undefined, report: DoctorReport): void {
  const found = report.findings.map(({ rule }) => rule)
  outcomes.push({ name, expected, found: found.filter((rule) => !ofMachine.has(rule)) })
  for (const finding of report.findings) {
    expect(finding.evidence.length).toBeGreaterThan(0)
    for (const { source, text } of finding.evidence)
      expect([typeof source, typeof text]).toEqual(['string', 'string'])
    checkOption(finding.option)
    expect(finding.guide).toBe(`docs/doctor.md#${finding.rule}`)
  }
  expect(report.rules.map(({ rule }) => rule)).toEqual(RULES.map(({ rule }) => rule))
  for (const { outcome, why } of report.rules) expect(why !== undefined).toBe(outcome === 'unknown')
}

/** Its name is in the table, and its suggestion is a value that the option takes. */
function checkOption(option: Finding['option']): void {
  if (option === undefined) return
  expect(TUNING_NAMES).toContain(option.name)
  if (option.suggestion === undefined) return
  const row = OPTIONS[option.name as TuningName]
  const { suggestion } = option
  if (row.type === 'boolean') expect(['true', 'false']).toContain(suggestion)
  else if (row.type === 'choice') expect(row.choices).toContain(suggestion)
  else {
    expect(suggestion).toMatch(/^\d+$/)
    expect(Number(suggestion)).toBeGreaterThanOrEqual(row.min)
    expect(Number(suggestion)).toBeLessThanOrEqual(row.max)
  }
}

it('has 31 rules of different names', () => {
  expect(new Set(RULES.map(({ rule }) => rule)).size).toBe(31)
})

it('finds nothing in a healthy database', async () => {
  note('healthy', undefined, judge(HEALTHY))
  expect(judge(HEALTHY).findings).toEqual([])
  const db = await openFresh()
  const report = await db.doctor()
  expect(report.findings.filter(({ severity }) => severity === 'warning')).toEqual([])
  ofMachine = new Set(report.findings.map(({ rule }) => rule))
})

describe.each(REAL.map((real, index) => ({ ...real, index })))(
  '$rule, real ($index)',
  ({ rule, make }) => {
    it('finds the fault', async () => {
      const report = await make(path('fault'), true)
      note(`${rule}, real`, rule, report)
      expect(report.findings.map((finding) => finding.rule)).toContain(rule)
    }, 60_000)

    it('finds nothing in what is almost one', async () => {
      const report = await make(path('nearly'), false)
      note(`${rule}, almost, real`, undefined, report)
      expect(report.findings.map((finding) => finding.rule)).not.toContain(rule)
    }, 60_000)
  },
)

describe.each(RECORDED.map((recorded, index) => ({ ...recorded, index })))(
  '$rule, recorded ($index)',
  ({ rule, fault, nearly }) => {
    it('finds the fault', () => {
      const report = judge({ ...HEALTHY, ...fault })
      note(`${rule}, recorded`, rule, report)
      expect(report.findings.map((finding) => finding.rule)).toContain(rule)
    })

    it('finds nothing in what is almost one', () => {
      const report = judge({ ...HEALTHY, ...nearly })
      note(`${rule}, almost, recorded`, undefined, report)
      expect(report.findings.map((finding) => finding.rule)).not.toContain(rule)
    })
  },
)

it('has a case for and one against every rule', () => {
  const tried = new Set(outcomes.map(({ expected }) => expected))
  expect(RULES.filter(({ rule }) => !tried.has(rule))).toEqual([])
})

it('is precise, and finds what there is', () => {
  const right = outcomes.filter(
    ({ expected, found }) => expected !== undefined && found.includes(expected),
  )
  const faults = outcomes.filter(({ expected }) => expected !== undefined)
  const findings = outcomes.flatMap(({ found }) => found)
  const precision = right.length / findings.length
  const recall = right.length / faults.length
  const wrong = outcomes.flatMap(({ name, expected, found }) =>
    found.filter((rule) => rule !== expected).map((rule) => `${name}: ${rule}`),
  )
  process.stdout.write(
    `doctor: ${outcomes.length} cases, ${faults.length} faults; precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}\n${wrong.map((line) => `  wrong: ${line}\n`).join('')}`,
  )
  expect(precision).toBeGreaterThanOrEqual(0.95)
  expect(recall).toBeGreaterThanOrEqual(0.9)
})
