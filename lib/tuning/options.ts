/**
 * The one table of tuning options, by theme in rows/. Types, checks, defaults, reports and
 * documentation are derived from it: adding an option is adding a row. The comment over a row is
 * what editors show.
 */

import { CHANGE_ROWS } from './rows/changes'
import { COMPACTION_ROWS } from './rows/compaction'
import { FILE_ROWS } from './rows/files'
import { MEMORY_ROWS } from './rows/memory'
import { READING_ROWS } from './rows/reading'
import { TABLE_ROWS } from './rows/table'
import { TRANSACTION_ROWS } from './rows/transactions'
import { WAL_ROWS } from './rows/wal'
import { WRITE_ROWS } from './rows/write'
import type { Row, ValueOf } from './types'

/** The rows of every option, by name. Written out, since a spread loses the rows' comments. */
export type OptionTable = typeof WRITE_ROWS &
  typeof TRANSACTION_ROWS &
  typeof CHANGE_ROWS &
  typeof WAL_ROWS &
  typeof COMPACTION_ROWS &
  typeof MEMORY_ROWS &
  typeof READING_ROWS &
  typeof TABLE_ROWS &
  typeof FILE_ROWS

/** @internal Every option, by name. */
export const OPTIONS: OptionTable = {
  ...WRITE_ROWS,
  ...TRANSACTION_ROWS,
  ...CHANGE_ROWS,
  ...WAL_ROWS,
  ...COMPACTION_ROWS,
  ...MEMORY_ROWS,
  ...READING_ROWS,
  ...TABLE_ROWS,
  ...FILE_ROWS,
}

/** The name of an option. */
export type TuningName = keyof OptionTable

/** The names of the options that can be set for one column family. */
export type FamilyTuningName = {
  [Name in TuningName]: OptionTable[Name]['scope'] extends 'family' ? Name : never
}[TuningName]

/** The type of an option's values. */
export type TuningValue<Name extends TuningName> = ValueOf<OptionTable[Name]>

/**
 * Values for any of the options; those not given come from the layers below. docs/perf/storage.md has
 * all of them, with their ranges, their defaults and what to look at before changing them.
 */
export type Tuning = {
  -readonly [Name in keyof OptionTable]?: TuningValue<Name> | undefined
}

/** Values for one column family. Those not given are the database's. */
export type FamilyTuning = Pick<Tuning, FamilyTuningName>

/** @internal The names of all options, in the table's order. */
export const TUNING_NAMES = Object.keys(OPTIONS) as TuningName[]

/** @internal The names of the options that can be set for one column family, in the table's order. */
export const FAMILY_NAMES = TUNING_NAMES.filter(
  (name): name is FamilyTuningName => OPTIONS[name].scope === 'family',
)

const names = (rows: object) => Object.keys(rows) as TuningName[]

/** @internal The options by theme, for people. */
export const THEMES: readonly { title: string; names: readonly TuningName[] }[] = [
  { title: 'Writing', names: names(WRITE_ROWS) },
  { title: 'The write-ahead log', names: names(WAL_ROWS) },
  { title: 'Compaction', names: names(COMPACTION_ROWS) },
  { title: 'Memory', names: names(MEMORY_ROWS) },
  { title: 'Reading', names: names(READING_ROWS) },
  { title: 'Transactions', names: names(TRANSACTION_ROWS) },
  { title: 'Changes', names: names(CHANGE_ROWS) },
  { title: 'Tables', names: names(TABLE_ROWS) },
  { title: 'Files, logs and statistics', names: names(FILE_ROWS) },
]

/** @internal Whether it is the name of an option. */
export function isTuningName(name: string): name is TuningName {
  return Object.hasOwn(OPTIONS, name)
}

/** @internal The row of an option, for code that treats all rows alike. */
export function rowOf(name: TuningName): Row {
  return OPTIONS[name] as Row
}
