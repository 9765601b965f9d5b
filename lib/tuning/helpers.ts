/** The flags of tuning for programs that parse their own command line. */
import { invalidType, readOptions } from '../base/arguments'
import { ALIASES, familyKey, flagName } from './names'
import { FAMILY_NAMES, rowOf, TUNING_NAMES, type TuningName } from './options'
import { allowedAsText, parseText, standsAlone } from './text'
import { PRESETS, type Row } from './types'

/** @internal One flag with its help text. */
export interface TuningFlag {
  /** Without the dashes: `db-write-buffer-mb`. */
  name: string
  /** What stands behind it: `<MiB>`, `[on|off]`. */
  argument: string
  description: string
  /** Of the option that it sets; the preset has none. */
  row?: Row
}

/** Which flags a program takes besides those of the whole database. */
export interface TuningFlagOptions {
  /** Families that may have flags of their own, `--db-cf-<family>-<option>`; none by default. */
  columnFamilies?: readonly string[] | undefined
}

/** What an `Option` of commander has that is needed here. */
export interface CommanderOption<Option> {
  /** Leaves the option out of the help. */
  hideHelp(hide?: boolean): Option
  /** Checks and reads the option's text. */
  argParser(parse: (text: string) => string): Option
}

/** What a `Command` of commander has that is needed here. */
export interface CommanderProgram<Option extends CommanderOption<Option>> {
  /** Returns a new option. */
  createOption(flags: string, description?: string): Option
  /** Adds an option to the program. */
  addOption(option: Option): unknown
}

/**
 * Adds the flag of every tuning option to a commander program, so that it takes them and its help
 * shows them with their defaults; those of families are not shown. Returns the program. The flags'
 * values are read by `Database.open` from `argv`.
 *
 * @example
 * ```ts
 * addTuningOptions(program, { columnFamilies: ['events'] }).parse()
 * await Database.open('data/shop', { argv: process.argv.slice(2) })
 * ```
 */
export function addTuningOptions<
  Option extends CommanderOption<Option>,
  Program extends CommanderProgram<Option>,
>(program: Program & CommanderProgram<Option>, options?: TuningFlagOptions): Program {
  const add = ({ name, argument, description, row }: TuningFlag, hidden: boolean) => {
    const make = (name: string) => {
      const option = program.createOption(`--${name} ${argument}`, description)
      return row && standsAlone(row) ? option.argParser(checked(row)) : option
    }
    program.addOption(hidden ? make(name).hideHelp() : make(name))
    program.addOption(make(name.replace('-', '.')).hideHelp())
  }
  const ofFamilies = familyFlags(options)
  for (const flag of tuningFlags()) add(flag, false)
  for (const flag of ofFamilies) add(flag, true)
  return program
}

/**
 * Commander takes any next word as the value of a flag that may stand alone, where `Database.open`
 * would leave one that is no value to others, and nobody would say that it is wrong.
 */
function checked(row: Row): (text: string) => string {
  return (text) => {
    if (parseText(row, text) !== undefined) return text
    // How commander recognises its own InvalidArgumentError.
    const code = 'commander.invalidArgument'
    throw Object.assign(new Error(`It must be ${allowedAsText(row)}.`), { code })
  }
}

/**
 * Returns the `options` of Node's `util.parseArgs` for the flag of every tuning option; each takes a
 * value. Their values are read by `Database.open` from `argv`.
 *
 * @example
 * ```ts
 * const { values } = parseArgs({ options: { ...tuningParseArgsOptions(), port: { type: 'string' } } })
 * ```
 */
export function tuningParseArgsOptions(
  options?: TuningFlagOptions,
): Record<string, { type: 'string' }> {
  const flags = [...tuningFlags(), ...familyFlags(options)]
  const names = flags.flatMap(({ name }) => [name, name.replace('-', '.')])
  return Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
}

/** @internal All flags: the preset's first, and each short form after its long one. */
export function tuningFlags(): TuningFlag[] {
  const preset = {
    name: 'db-preset',
    argument: '<name>',
    description: `Where tuning starts from: ${PRESETS.join(', ')} (default: ${PRESETS[0]}).`,
  }
  const flags = TUNING_NAMES.flatMap((name) => {
    const row = rowOf(name)
    const flag = { name: `db-${flagName(name)}`, argument: argumentOf(row), row }
    const shorter = [...ALIASES].filter(([, option]) => option === name)
    const aliases = shorter.map(([alias]) => ({
      ...flag,
      name: `db-${alias}`,
      description: `The same as --${flag.name}.`,
    }))
    return [{ ...flag, description: describeFlag(name) }, ...aliases]
  })
  return [preset, ...flags]
}

/** The flags of the families that were named. */
function familyFlags(options: TuningFlagOptions | undefined): TuningFlag[] {
  const { columnFamilies = [] } = readOptions('options', options, ['columnFamilies'])
  if (!Array.isArray(columnFamilies)) {
    throw invalidType('options.columnFamilies', 'an Array of strings', columnFamilies)
  }
  return columnFamilies.flatMap((family: unknown, index) => {
    if (typeof family !== 'string') {
      throw invalidType(`options.columnFamilies[${index}]`, 'a string', family)
    }
    const word = familyKey(family).toLowerCase().replaceAll('_', '-')
    return FAMILY_NAMES.map((name) => ({
      name: `db-cf-${word}-${flagName(name)}`,
      argument: argumentOf(rowOf(name)),
      row: rowOf(name),
      description: `The same as --db-${flagName(name)}, for the column family ${family}.`,
    }))
  })
}

function argumentOf(row: Row): string {
  switch (row.type) {
    case 'boolean':
      return '[on|off]'
    case 'choice':
      return standsAlone(row) ? '[word]' : '<word>'
    case 'integer':
      return `<${row.unit}>`
  }
}

function describeFlag(name: TuningName): string {
  const row = rowOf(name)
  const words = row.type === 'choice' ? ` (${row.choices.join(', ')})` : ''
  const what = row.what.charAt(0).toUpperCase() + row.what.slice(1)
  const since = row.since === undefined ? '' : ` Needs RocksDB ${row.since.rocksdb}.`
  return `${what}${words}. ${row.help}${since} (default: ${presetsOf(row)})`
}

/** @internal `128; production 256, development 64`, or `4` if all presets have it. */
export function presetsOf(row: Row): string {
  const { default: usual, production, development } = row.presets
  const others = { production, development }
  const said = Object.entries(others).filter(([, value]) => value !== usual)
  const text = said.map(([preset, value]) => `${preset} ${value}`).join(', ')
  return said.length === 0 ? String(usual) : `${usual}; ${text}`
}
