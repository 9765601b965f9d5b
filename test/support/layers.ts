/** One value set in any of the five layers, for tests of tuning. */
import {
  commandLineLayer,
  environmentLayer,
  type Layer,
  type OptionValue,
  type ResolvedTuning,
  resolveTuning,
  rowOf,
  type Tuning,
  type TuningName,
  type TuningRequest,
} from '../../lib/tuning'
import { configLayer } from '../../lib/tuning/config-file'

export const FACTS = {
  openFileLimit: 1024,
  libraries: { rocksdb: '11.8.1', snappy: '1.1.10', zlib: '1.3.2', bzip2: '1.0.8' },
  zstdDictionaryTraining: false,
  memoryLimitBytes: 16 * 2 ** 30,
}

/** Lowest first. */
export const LAYERS = ['preset', 'code', 'file', 'environment', 'commandLine'] as const

/** A family named in the layers, in the notations of variables and flags. */
export const FAMILY = 'user-events'

/** What a layer sets; `family` for one family, otherwise for the database. */
export interface Said {
  layer: Layer
  name: TuningName
  value: OptionValue
  family?: boolean
}

const words = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** The names of an option, by the test's own rule. */
export const tomlName = words
export const variable = (name: string) => words(name).toUpperCase()
export const flag = (name: string) => words(name).replaceAll('_', '-')

const toml = (value: OptionValue) => (typeof value === 'string' ? JSON.stringify(value) : value)

/** The expected source of a value. */
export function sourceOf({ layer, name, family = false }: Said): string {
  switch (layer) {
    case 'code':
      return family ? `columnFamilies.${FAMILY}.tuning.${name}` : `tuning.${name}`
    case 'file': {
      const place = family ? `storage.db_tuning.column_families.${FAMILY}` : 'storage.db_tuning'
      return `node.toml: ${place}.${tomlName(name)}`
    }
    case 'environment':
      return `environment variable PQPRIV_DB_${family ? 'CF_USER_EVENTS_' : ''}${variable(name)}`
    case 'commandLine':
      return `command-line flag --db-${family ? 'cf-user-events-' : ''}${flag(name)}`
    default:
      return "preset 'default'"
  }
}

/** Resolves the layers, with each value in the notation of its layer. */
export function resolveSaid(
  said: readonly Said[],
  { asked = {}, companions = {} }: { asked?: Partial<TuningRequest>; companions?: Tuning } = {},
): ResolvedTuning {
  const tuning: Record<string, unknown> = { ...companions }
  const own: Record<string, unknown> = {}
  const lines: string[] = ['[storage.db_tuning]']
  const familyLines: string[] = [`[storage.db_tuning.column_families.${FAMILY}]`]
  const env: Record<string, string> = {}
  const argv: string[] = []
  for (const one of said) {
    const { layer, name, value, family = false } = one
    if (layer === 'code') (family ? own : tuning)[name] = value
    if (layer === 'file') (family ? familyLines : lines).push(`${tomlName(name)} = ${toml(value)}`)
    if (layer === 'environment') env[sourceOf(one).split(' ').at(-1) ?? ''] = String(value)
    if (layer === 'commandLine') argv.push(sourceOf(one).split(' ').at(-1) ?? '', String(value))
  }
  const families = [FAMILY]
  return resolveTuning({
    tuning,
    columnFamilies: { [FAMILY]: { tuning: own } },
    layers: [
      configLayer([...lines, ...familyLines].join('\n'), 'node.toml'),
      environmentLayer(env, 'PQPRIV_DB_', families),
      commandLineLayer(argv, families),
    ],
    ...FACTS,
    ...asked,
  })
}

/** Options that some rows need to be allowed. */
export const COMPANIONS: { [Name in TuningName]?: Tuning } = {
  allowStall: { dbWriteBufferMb: 64 },
  flushAfterAverageScanSkips: { flushAfterScanSkips: 1000 },
}

/**
 * Four values of a row, none of them the default preset's, and all different if there are enough.
 */
export function samples(name: TuningName): OptionValue[] {
  const row = rowOf(name)
  const usual = row.presets.default
  const values = (): OptionValue[] => {
    if (row.type === 'boolean') return [!usual]
    if (row.type === 'choice') return row.choices.filter((choice) => choice !== usual)
    // Within the range, and enough for a budget.
    const low = name === 'memoryBudgetMb' ? 1000 : row.min
    return [low + 1, low + 2, low + 3, low + 4, low + 5].filter((value) => value !== usual)
  }
  const some = values()
  return [0, 1, 2, 3].map((index) => some[index % some.length] as OptionValue)
}
