/** The names that an option has outside of code: `WRITE_BUFFER_MB`, `write-buffer-mb`, `write_buffer_mb`. */
import { nearest, quote } from '../base/arguments'
import { FAMILY_NAMES, OPTIONS, TUNING_NAMES, type TuningName } from './options'

/** What environment variables begin with. */
export const ENV_PREFIX = 'PQPRIV_DB_'

const withSeparator = (name: string, separator: string) =>
  name.replace(/[A-Z]/g, (letter) => separator + letter.toLowerCase())

/** `write_buffer_mb`: its key in TOML. */
export const tomlKey = (name: TuningName) => withSeparator(name, '_')

/** `write-buffer-mb`: its flag, behind `--db-`. */
export const flagName = (name: TuningName) => withSeparator(name, '-')

/** `WRITE_BUFFER_MB`: its variable, behind the prefix. */
export const variableName = (name: TuningName) => tomlKey(name).toUpperCase()

/** A family's name as it stands in variables and flags: `user-events` is `USER_EVENTS`. */
export const familyKey = (family: string) => family.toUpperCase().replace(/[^A-Z0-9]/g, '_')

const BY_TOML_KEY = new Map(TUNING_NAMES.map((name) => [tomlKey(name), name]))
const BY_VARIABLE = new Map(TUNING_NAMES.map((name) => [variableName(name), name]))

/** A shorter flag for what is often changed. */
export const ALIASES: ReadonlyMap<string, TuningName> = new Map([['wal', 'walEnabled']])

/** The option of a key in TOML. */
export const byTomlKey = (key: string) => BY_TOML_KEY.get(key)

/** The key in TOML that was probably meant. */
export const nearestTomlKey = (key: string) => nearest(key, ['preset', ...BY_TOML_KEY.keys()])

/** What a variable or a flag is about. */
export type Named =
  | { kind: 'preset' }
  | { kind: 'option'; name: TuningName }
  | { kind: 'family'; family: string; name: TuningName }
  /** `near` is what was probably meant, in the same notation. */
  | { kind: 'unknown'; near: string | undefined }

const FAMILY = 'CF_'

/**
 * Reads what stands behind the prefix of a variable: `PRESET`, an option, or `CF_`, a family and
 * one of its options. Where that can be cut in two ways, a family that is there decides, else the
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

/** Its family is taken to be one that is there, or else as short as it can be. */
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

/** `: did you mean …?`, or nothing. */
export const didYouMean = (near: string | undefined) =>
  near === undefined ? '' : `: did you mean ${quote(near)}?`

/** Whether a family may have its own value. */
export const isFamilyOption = (name: TuningName) => OPTIONS[name].scope === 'family'
