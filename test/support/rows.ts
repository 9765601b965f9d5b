/** Values for rows of the tuning table, for tests that go through all rows. */
import { type OptionValue, PRESETS, rowOf, type TuningName } from '../../lib/tuning'

/** A value of the row that no preset has; for a boolean, the opposite of the default preset's. */
export function unusualValue(name: TuningName): OptionValue {
  const row = rowOf(name)
  const usual = PRESETS.map((preset) => row.presets[preset])
  if (row.type === 'boolean') return !row.presets.default
  if (row.type === 'choice') return row.choices.find((choice) => !usual.includes(choice)) ?? ''
  let value = row.min + 1
  while (usual.includes(value)) value++
  return value
}
