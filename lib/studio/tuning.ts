/** The tuning view: every option, and changes of those that can change while open. */
import type { Database } from '../database'
import {
  isTuningName,
  rowOf,
  THEMES,
  type Tuning,
  type TuningEntry,
  type TuningName,
  type TuningReport,
} from '../tuning'
import { Refused } from './exchange'
import { fieldsOf, textIn } from './given'
import type { Applied, OptionView, TuningView } from './protocol'

type Entry = TuningEntry<unknown>

export function tuningOf(db: Database, body: unknown): TuningView {
  const family = textIn(fieldsOf(body), 'family', '')
  const { preset, presetSource, options, columnFamilies, forced } = db.tuning()
  const own = ownOf(columnFamilies, family)
  const views = THEMES.flatMap(({ title, names }) =>
    names.map((name) => {
      const ofFamily = own[name]
      return optionView(name, title, ofFamily ?? options[name], ofFamily && family)
    }),
  )
  const families = Object.keys(columnFamilies).filter(
    (name) => Object.keys(columnFamilies[name] ?? {}).length > 0,
  )
  return { preset, presetSource, options: views, forced, families }
}

function ownOf(
  columnFamilies: TuningReport['columnFamilies'],
  family: string,
): Partial<Record<TuningName, Entry>> {
  return (columnFamilies[family] ?? {}) as Partial<Record<TuningName, Entry>>
}

function optionView(
  name: TuningName,
  theme: string,
  entry: Entry,
  family: string | undefined,
): OptionView {
  const row = rowOf(name)
  const isAuto = row.type === 'integer' && row.auto !== undefined
  const choices = row.type === 'choice' ? [...row.choices] : undefined
  return {
    name,
    family,
    theme,
    value: String(entry.value),
    type: isAuto ? 'text' : row.type,
    choices: row.type === 'boolean' ? ['true', 'false'] : choices,
    unit: row.type === 'integer' ? row.unit : undefined,
    layer: entry.layer,
    source: entry.source,
    rocksdb: { option: entry.rocksdb.option, holds: entry.rocksdb.inForce },
    note: noteOf(entry),
    what: row.what,
    help: row.help,
    live: row.changeable !== false,
  }
}

function noteOf({ reason, given, overriddenBy }: Entry): string | undefined {
  if (overriddenBy !== undefined) return `overridden by ${overriddenBy}`
  return reason === undefined ? undefined : `instead of ${String(given)}: ${reason}`
}

/** Changes options of the database, or of one family. */
export async function apply(db: Database, body: unknown): Promise<Applied> {
  const given = fieldsOf(body)
  const family = textIn(given, 'family', '')
  const texts = Object.entries(fieldsOf(given['options'], 'options'))
  if (texts.length === 0) throw new Refused(400, 'ERR_INVALID_ARGUMENT', 'there are no options')
  const options: Record<string, unknown> = {}
  for (const [name, text] of texts) options[name] = parsedValue(name, text)
  const { applied } =
    family === ''
      ? await db.setOptions(options as Tuning)
      : await db.setOptions(family, options as Tuning)
  return {
    changed: applied.map(({ option, from, to }) => ({ option, from: `${from}`, to: `${to}` })),
  }
}

function parsedValue(name: string, text: unknown): unknown {
  if (!isTuningName(name)) {
    throw new Refused(400, 'ERR_INVALID_TUNING', `there is no option ${JSON.stringify(name)}`)
  }
  if (typeof text !== 'string') throw new Refused(400, 'ERR_INVALID_TUNING', `${name} is a text`)
  const row = rowOf(name)
  if (row.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  if (row.type === 'integer' && /^-?\d+$/.test(text)) return Number(text)
  return text
}
