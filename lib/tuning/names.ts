/** An option's names outside the code: `WRITE_BUFFER_MB`, `write-buffer-mb`, `write_buffer_mb`. */
import { nearest, quote } from '../base/arguments'
import { FAMILY_NAMES, OPTIONS, TUNING_NAMES, type TuningName } from './options'

/** The default prefix of environment variables. */
export const ENV_PREFIX = 'PQPRIV_DB_'

const withSeparator = (name: string, separator: string) =>
  name.replace(/[A-Z]/g, (letter) => separator + letter.toLowerCase())

/** `write_buffer_mb`: its key in TOML. */
export const tomlKey = (name: TuningName) => withSeparator(name, '_')

/** `write-buffer-mb`: its flag, after `--db-`. */
export const flagName = (name: TuningName) => withSeparator(name, '-')

/** `WRITE_BUFFER_MB`: its variable, after the prefix. */
export const variableName = (name: TuningName) => tomlKey(name).toUpperCase()

/** A family's name in variables and flags: `user-events` becomes `USER_EVENTS`. */
export const familyKey = (family: string) => family.toUpperCase().replace(/[^A-Z0-9]/g, '_')

const BY_TOML_KEY = new Map(TUNING_NAMES.map((name) => [tomlKey(name), name]))
const BY_VARIABLE = new Map(TUNING_NAMES.map((name) => [variableName(name), name]))

/** Short flags for options that are changed often. */
export const ALIASES: ReadonlyMap<string, TuningName> = new Map([['wal', 'walEnabled']])

/** The option with this key in TOML. */
export const byTomlKey = (key: string) => BY_TOML_KEY.get(key)

/** The key in TOML that was probably meant. */
export const nearestTomlKey = (key: string) => nearest(key, ['preset', ...BY_TOML_KEY.keys()])

/** What a variable or a flag names. */
export type Named =
  | { kind: 'preset' }
  | { kind: 'option'; name: TuningName }
  | { kind: 'family'; family: string; name: TuningName }
  /** `near` is what was probably meant, in the same notation. */
  | { kind: 'unknown'; near: string | undefined }

const FAMILY = 'CF_'

/**
 * Parses the name of a variable after the prefix: `PRESET`, an option, or `CF_` with a family and
 * one of its options. If there are two ways to split it, an existing family decides, otherwise the
 * longer option.
 */
export function readVariableName(rest: string, families: readonly string[]): Named {
  if (rest === 'PRESET') return { kind: 'preset' }
  const name = BY_VARIABLE.get(rest)
  if (name !== undefined) return { kind: 'option', name }
  if (!rest.startsWith(FAMILY)) {
    return { kind: 'unknown', near: nearest(rest, ['PRESET', ...BY_VARIABLE.keys()]) }
  }
  const behind = rest.slice(FAMILY.length)
  const cuts = TUNING_NAMES.filter((option) => behind.endsWith(`_${variableName(option)}`))
    .sort((a, b) => b.length - a.length)
    .map((option) => ({
      kind: 'family' as const,
      family: behind.slice(0, -variableName(option).length - 1),
      name: option,
    }))
    .filter(({ family }) => family !== '')
  const known = new Set(families.map(familyKey))
  const cut = cuts.find(({ family }) => known.has(family)) ?? cuts[0]
  return cut ?? { kind: 'unknown', near: nearestOfFamily(behind, known) }
}

/** Assumes an existing family, or else the shortest possible name. */
function nearestOfFamily(behind: string, known: ReadonlySet<string>): string | undefined {
  const words = behind.split('_')
  const heads = words.map((_, end) => words.slice(0, end + 1).join('_')).slice(0, -1)
  const options = FAMILY_NAMES.map(variableName)
  for (const head of [...heads.filter((head) => known.has(head)), ...heads]) {
    const near = nearest(behind.slice(head.length + 1), options)
    if (near !== undefined) return `${FAMILY}${head}_${near}`
  }
  return undefined
}

/** `: did you mean …?`, or the empty string. */
export const didYouMean = (near: string | undefined) =>
  near === undefined ? '' : `: did you mean ${quote(near)}?`

/** Whether a family may have its own value. */
export const isFamilyOption = (name: TuningName) => OPTIONS[name].scope === 'family'
