/** Values of the tuning table's rows, for tests that take each row as it comes. */
import { type OptionValue, PRESETS, rowOf, type TuningName } from '../../lib/tuning'

/** A value of the row that no preset has. Of a boolean, what the default preset has not. */
export function unusualValue(name: TuningName): OptionValue {
  const row = rowOf(name)
  const usual = PRESETS.map((preset) => row.presets[preset])
  if (row.type === 'boolean') return !row.presets.default
  if (row.type === 'choice') return row.choices.find((choice) => !usual.includes(choice)) ?? ''
  let value = row.min + 1
  while (usual.includes(value)) value++
  return value
}
