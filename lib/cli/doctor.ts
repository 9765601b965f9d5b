/** `rocksdb-live doctor`: what is wrong with a database, and what to do. */
import { Database } from '../database'
import { printable } from '../formats/printable'
import { splitCommandLine } from '../tuning'
import type { DoctorReport, Finding, Severity } from '../types/doctor'
import { type Command, DONE, type Surroundings } from './command'
import { whatIsAt } from './explain'
import { helpOf, parseFlags, SHARED, wholeNumber, wordsOf } from './flags'
import { interruptible } from './interrupt'
import { Lines } from './lines'
import { jsonText } from './render'
import { columnsOf, type Style, styleOf } from './style'
import { wrapped } from './wrapped'

/** The exit status where a finding is a warning or worse. */
export const ILL = 4

const FLAGS = {
  json: SHARED.json,
  probe: {
    type: 'boolean',
    help: 'Measure the disk: 20 small writes beside the database, which are removed.',
  },
  'probe-directory': {
    type: 'string',
    argument: '<path>',
    help: 'Measure the disk in this directory instead.',
  },
  'deadline-seconds': {
    type: 'string',
    argument: '<n>',
    help: 'Give up after so many seconds (default: 60).',
  },
  all: { type: 'boolean', help: 'List the rules that found nothing as well.' },
  help: SHARED.help,
} as const

const MOST_SECONDS = 86_400

export const doctorCommand: Command = {
  summary: 'Say what is wrong with a database, by what evidence, and what to do.',
  help,
  async run(words, surroundings) {
    const { values, positionals } = parseFlags(splitCommandLine(words, []).rest, FLAGS)
    if (values.help) {
      surroundings.stdout.write(help())
      return DONE
    }
    const [path] = wordsOf('doctor', positionals, ['path'])
    const seconds = wholeNumber(
      'deadline-seconds',
      values['deadline-seconds'],
      [1, MOST_SECONDS],
      60,
    )
    const probe = values['probe-directory'] ?? values.probe ?? false
    return interruptible(surroundings, async (signal) => {
      const options = { probe, signal, deadlineMs: 1000 * seconds }
      const report = await Database.doctor(path, options)
      const unopened = report.opened === 'files' && report.findings.length === 0
      if (unopened) throw new Error(whatIsAt(path) ?? reasonOf(report))
      using lines = new Lines(surroundings.stdout)
      const text = values.json
        ? jsonText(report)
        : textOf(report, values.all === true, surroundings)
      await lines.write(text)
      return isIll(report) ? ILL : DONE
    })
  },
}

/** Why it could not be opened. */
function reasonOf({ rules }: DoctorReport): string {
  return rules.find(({ why }) => why?.startsWith('the database could not'))?.why ?? 'unknown'
}

function isIll({ findings }: DoctorReport): boolean {
  return findings.some(({ severity }) => severity !== 'notice')
}

const OPENED: Readonly<Record<DoctorReport['opened'], string>> = {
  live: 'from the process that has it open',
  secondary: 'beside the process that has it open',
  'read-only': 'read-only; nobody has it open',
  files: 'by its files alone: it could not be opened',
}

function textOf(report: DoctorReport, all: boolean, { stdout, env }: Surroundings): string {
  const [style, columns] = [styleOf(stdout, env), columnsOf(stdout)]
  const { path, opened, findings, rules } = report
  const lines = [`${style.bold(printable(path))}  ${style.dim(OPENED[opened])}`, '']
  for (const finding of findings) lines.push(...findingText(finding, style, columns), '')
  const of = (outcome: string) => rules.filter((rule) => rule.outcome === outcome)
  const [clear, unknown] = [of('clear'), of('unknown')]
  const count = findings.length === 0 ? 'Nothing found' : countsOf(findings)
  lines.push(`${count}; ${clear.length} rules are clear, ${unknown.length} could not be judged:`)
  lines.push(...unknownText(unknown, style, columns))
  if (all) for (const { rule } of clear) lines.push(`  ${style.green('clear')}  ${rule}`)
  return `${lines.join('\n')}\n`
}

const SEVERITIES: readonly Severity[] = ['critical', 'warning', 'notice']

function countsOf(findings: readonly Finding[]): string {
  const counts = SEVERITIES.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length
    return count === 0 ? [] : [`${count} ${severity}`]
  })
  return counts.join(', ')
}

const COLOURS = { critical: 'red', warning: 'yellow', notice: 'cyan' } as const
const LABEL_COLUMNS = 12

function findingText(finding: Finding, style: Style, columns: number): string[] {
  const { rule, severity, what, columnFamily, since, evidence, cause, remedy, option } = finding
  const colour = style[COLOURS[severity]]
  const labelled = (label: string, text: string) =>
    wrapped(printable(text), columns - LABEL_COLUMNS).map((line, at) =>
      at === 0 ? style.dim(label.padEnd(LABEL_COLUMNS)) + line : ' '.repeat(LABEL_COLUMNS) + line,
    )
  const lives = option?.live ? 'can be changed while it is open' : 'needs a reopen'
  const value = option?.suggestion === undefined ? '' : `, for example ${option.suggestion}`
  return [
    `${colour(severity.toUpperCase())}  ${style.bold(rule)}`,
    ...wrapped(printable(what), columns - 2).map((line) => `  ${line}`),
    ...(columnFamily === undefined ? [] : labelled('  family', columnFamily)),
    ...(since === undefined ? [] : labelled('  since', since.toISOString())),
    ...evidence.flatMap(({ source, text }) => labelled('  evidence', `${source}: ${text}`)),
    ...labelled('  cause', cause),
    ...labelled('  remedy', remedy),
    ...(option === undefined ? [] : labelled('  option', `${option.name}${value} (${lives})`)),
    ...labelled('  guide', finding.guide),
  ]
}

/** Rules by why they could not be judged. */
function unknownText(unknown: DoctorReport['rules'], style: Style, columns: number): string[] {
  const reasons = new Map<string, string[]>()
  for (const { rule, why = '' } of unknown) {
    reasons.set(why, [...(reasons.get(why) ?? []), rule])
  }
  return [...reasons].flatMap(([why, rules]) => [
    ...wrapped(printable(why), columns - 2).map((line) => `  ${style.dim(line)}`),
    ...wrapped(rules.join(', '), columns - 4).map((line) => `    ${line}`),
  ])
}

function help(): string {
  return `Usage: rocksdb-live doctor <path> [flags]

Looks for what is wrong with a database: read-only, or as a secondary beside the process that has it
open. A database that does not open is judged by its files, its LOG, and what the system tells. It
writes nothing into the database. What only the process that has it open knows, db.doctor() finds there.

Flags:
${helpOf(FLAGS)}

The exit status is 0 where nothing was found, or notices alone; ${ILL} where a finding is a warning or
critical; 1 where it failed; and 2 where the command line is wrong.
`
}
