/** A report as a file or as variables to paste: read again, they produce the same values. */

import type { TuningEntry, TuningReport } from './entries'
import { BY_BUDGET } from './memory'
import { familyKey, tomlKey, variableName } from './names'
import { isTuningName, type TuningName } from './options'
import type { OptionValue } from './types'

type Entries = Partial<Record<TuningName, TuningEntry<unknown>>>

/** As TOML, each value followed by its source; values of the preset are commented out. */
export function asToml(report: TuningReport): string {
  const table = (place: string, entries: Entries) => [
    `[${place}]`,
    ...pasted(entries, report).map(
      ({ name, value, source, mark }) =>
        `${mark}${tomlKey(name)} = ${tomlValue(value)} # ${source}`,
    ),
  ]
  const [head = '', ...options] = table('storage.db_tuning', report.options)
  const preset = `preset = ${tomlValue(report.preset)} # ${report.presetSource}`
  const families = Object.entries(report.columnFamilies).flatMap(([family, entries]) => {
    if (Object.keys(entries).length === 0) return []
    return ['', ...table(`storage.db_tuning.column_families.${tomlName(family)}`, entries)]
  })
  return `${[head, preset, ...options, ...families].join('\n')}\n`
}

/** As environment variables, one per line; values of the preset are commented out. */
export function asEnvironment(report: TuningReport, prefix: string): string {
  const lines = (place: string, entries: Entries) =>
    pasted(entries, report).map(
      ({ name, value, mark }) => `${mark}${place}${variableName(name)}=${value}`,
    )
  const families = Object.entries(report.columnFamilies).flatMap(([family, entries]) =>
    lines(`${prefix}CF_${familyKey(family)}_`, entries),
  )
  const all = [`${prefix}PRESET=${report.preset}`, ...lines(prefix, report.options), ...families]
  return `${all.join('\n')}\n`
}

interface Pasted {
  name: TuningName
  value: OptionValue
  source: string
  /** Comments out what the preset sets anyway. */
  mark: '' | '# '
}

/** The values to write; those that a budget decides are left out. */
function pasted(entries: Entries, report: TuningReport): Pasted[] {
  const budget = report.options.memoryBudgetMb.value !== 0
  return Object.entries(entries).flatMap(([name, { value, given, layer, source }]) => {
    if (!isTuningName(name) || (budget && BY_BUDGET.includes(name))) return []
    const said = (given === 'auto' ? given : value) as OptionValue
    return [{ name, value: said, source: oneLine(source), mark: layer === 'preset' ? '# ' : '' }]
  })
}

const tomlValue = (value: OptionValue) =>
  typeof value === 'string' ? JSON.stringify(value) : String(value)

/** A bare key, or a quoted one. */
const tomlName = (name: string) => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name))

/** A path may contain anything, and a comment ends at the end of its line. */
const oneLine = (text: string) => text.replace(/\p{Cc}/gu, '?')
