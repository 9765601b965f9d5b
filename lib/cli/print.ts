/** A tuning report as text: a table for people, a file or variables to paste. */
import { isTuningName, TUNING_NAMES, type TuningEntry, type TuningReport } from '../tuning'
import { familyKey, tomlKey, variableName } from '../tuning/names'

type Entry = TuningEntry<unknown>
type Entries = Readonly<Record<string, Entry | undefined>>

/** Rows of words in columns that line up; the last column is as long as it is. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((word, at) => {
      widths[at] = Math.max(widths[at] ?? 0, word.length)
    })
  }
  const line = (row: readonly string[]) =>
    row.map((word, at) => (at === row.length - 1 ? word : word.padEnd(widths[at] ?? 0))).join('  ')
  return rows.map((row) => line(row).trimEnd()).join('\n')
}

function tableRow(name: string, entry: Entry): string[] {
  const { value, source, given, reason, overriddenBy, rocksdb } = entry
  const asked = given === undefined || given === value ? '' : `, asked for ${given}`
  const why = reason === undefined ? '' : `: ${reason}`
  const over = overriddenBy === undefined ? '' : `; RocksDB is given ${overriddenBy}`
  return [name, String(value), rocksdb.inForce ?? '', `${source}${asked}${why}${over}`]
}

function named(entries: Entries): [string, Entry][] {
  const present = TUNING_NAMES.filter((name) => entries[name] !== undefined)
  return present.map((name) => [name, entries[name] as Entry])
}

/** The report as a table. */
export function asTable(report: TuningReport): string {
  const head = ['option', 'value', 'RocksDB holds', 'from']
  const rows = named(report.options).map(([name, entry]) => tableRow(name, entry))
  const families = Object.entries(report.columnFamilies).flatMap(([family, entries]) =>
    named(entries as Entries).map(([name, entry]) => tableRow(`${family}: ${name}`, entry)),
  )
  const forced = report.forced.map(({ option, text, reason }) => `${option} = ${text}: ${reason}`)
  const parts = [
    `preset ${report.preset} (${report.presetSource})`,
    columns([head, ...rows, ...families]),
  ]
  if (forced.length > 0) parts.push(['that follows from others:', ...forced].join('\n'))
  return parts.join('\n\n')
}

/** Whether an entry has to be said to get this tuning again: neither a preset's nor decided. */
const isSaid = ({ layer }: Entry) => layer !== 'preset'

/** What was asked for: what it became follows from it again. */
const saidValue = ({ value, given }: Entry) => given ?? value

const tomlText = (value: unknown) =>
  typeof value === 'string' ? JSON.stringify(value) : String(value)

function tomlLines(entries: Entries): string[] {
  return named(entries).map(([name, entry]) => {
    if (!isTuningName(name)) return ''
    const line = `${tomlKey(name)} = ${tomlText(saidValue(entry))}`
    return isSaid(entry) ? `${line}  # ${entry.source}` : `# ${line}`
  })
}

/** The report as a TOML file; what comes from the preset is commented out. */
export function asToml(report: TuningReport): string {
  const lines = [
    '[storage.db_tuning]',
    `preset = ${JSON.stringify(report.preset)}`,
    ...tomlLines(report.options),
  ]
  for (const [family, entries] of Object.entries(report.columnFamilies)) {
    if (Object.keys(entries).length === 0) continue
    lines.push('', `[storage.db_tuning.column_families.${JSON.stringify(family)}]`)
    lines.push(...tomlLines(entries as Entries))
  }
  return lines.join('\n')
}

function envLines(entries: Entries, prefix: string): string[] {
  return named(entries).map(([name, entry]) => {
    if (!isTuningName(name)) return ''
    const line = `${prefix}${variableName(name)}=${saidValue(entry)}`
    return isSaid(entry) ? line : `# ${line}`
  })
}

/** The report as environment variables; what comes from the preset is commented out. */
export function asEnvironment(report: TuningReport, prefix: string): string {
  const lines = [`${prefix}PRESET=${report.preset}`, ...envLines(report.options, prefix)]
  for (const [family, entries] of Object.entries(report.columnFamilies)) {
    lines.push(...envLines(entries as Entries, `${prefix}CF_${familyKey(family)}_`))
  }
  return lines.join('\n')
}
