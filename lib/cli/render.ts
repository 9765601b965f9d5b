/** Text for terminals. */
import { THEMES, type TuningEntry, type TuningName, type TuningReport } from '../tuning'

const WIDTH = 100
const INDENT = 34

/** A flag and its description, on as many lines as needed. */
export function wrap(flag: string, text: string): string {
  const lines: string[] = []
  let line = `  ${flag}`.padEnd(INDENT)
  if (line.length > INDENT) {
    lines.push(line)
    line = ' '.repeat(INDENT)
  }
  for (const word of text.split(' ')) {
    if (line.length > INDENT && line.length + word.length + 1 > WIDTH) {
      lines.push(line)
      line = ' '.repeat(INDENT)
    }
    line += line.length === INDENT ? word : ` ${word}`
  }
  return [...lines, line].join('\n')
}

type Entry = TuningEntry<unknown>

/** Every option by theme, then the families' own values, then what follows from options. */
export function renderReport(report: TuningReport): string {
  const { preset, presetSource, options, columnFamilies, forced } = report
  const isOpen = Object.values(options).some(({ rocksdb }) => rocksdb.inForce !== undefined)
  const rows = (entries: [string, Entry][]) =>
    entries.map(([name, entry]) => cells(name, entry, isOpen))
  const sections: [string, string[][]][] = THEMES.map(({ title, names }) => [
    title,
    rows(names.map((name) => [name, options[name]])),
  ])
  for (const [family, own] of Object.entries(columnFamilies)) {
    const entries = Object.entries(own as Partial<Record<TuningName, Entry>>)
    if (entries.length > 0) sections.push([`Column family ${family}`, rows(entries)])
  }
  const head = ['option', 'value', ...(isOpen ? ['RocksDB holds'] : []), 'layer', 'source']
  const table = align([head, ...sections.flatMap(([, lines]) => lines)])
  const lines = [`preset: ${preset} (${presetSource})`, '', table.shift() ?? '']
  for (const [title, { length }] of sections) lines.push('', title, ...table.splice(0, length))
  for (const { option, text, reason } of forced) lines.push('', `${option} = ${text}: ${reason}`)
  return `${lines.join('\n')}\n`
}

function cells(name: string, entry: Entry, isOpen: boolean): string[] {
  const { value, given, reason, layer, source, rocksdb, overriddenBy } = entry
  const notes = [
    source,
    ...(reason === undefined ? [] : [`(instead of ${given}: ${reason})`]),
    ...(overriddenBy === undefined ? [] : [`(overridden by ${overriddenBy})`]),
  ]
  const held = isOpen ? [rocksdb.inForce ?? '-'] : []
  return [name, String(value), ...held, layer, notes.join(' ')]
}

/** Aligns columns, except the last. */
export function align(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB']

/** A number of bytes for people: `12.3 MB`. */
export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 'bytes']
  for (const next of UNITS) {
    if (value < 999.95) break
    value /= 1000
    unit = next
  }
  return `${unit === 'bytes' ? value : value.toFixed(1)} ${unit}`
}

/** `1 file`, `2 files`. */
export function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/** JSON for machines: sequence numbers are texts, since they may be larger than a number can hold. */
export function jsonText(value: unknown): string {
  const plain = (_: string, each: unknown) => (typeof each === 'bigint' ? String(each) : each)
  return `${JSON.stringify(value, plain, 2)}\n`
}
