/** The flags of tuning for programs that parse their own command line. */
import { ALIASES, flagName } from './names'
import { rowOf, TUNING_NAMES, type TuningName } from './options'
import { PRESETS, type Row } from './types'

/** One flag with what a help text says of it. */
export interface TuningFlag {
  /** Without the dashes: `db-write-buffer-mb`. */
  name: string
  /** What stands behind it: `<MiB>`, `[on|off]`. */
  argument: string
  description: string
}

/** What a `Command` of commander has that is needed here. */
export interface CommanderProgram<Option extends { hideHelp(hide?: boolean): Option }> {
  createOption(flags: string, description?: string): Option
  addOption(option: Option): unknown
}

/**
 * Adds the flag of every tuning option to a commander program, so that it takes them and its help
 * shows them with their defaults. Their values are read by `Database.open` from `argv`.
 */
export function addTuningOptions<
  Option extends { hideHelp(hide?: boolean): Option },
  Program extends CommanderProgram<Option>,
>(program: Program & CommanderProgram<Option>): Program {
  for (const { name, argument, description } of tuningFlags()) {
    program.addOption(program.createOption(`--${name} ${argument}`, description))
    const dotted = `--${name.replace('-', '.')} ${argument}`
    program.addOption(program.createOption(dotted, description).hideHelp())
  }
  return program
}

/**
 * The `options` of Node's `util.parseArgs` for the flag of every tuning option; each takes a value.
 * Their values are read by `Database.open` from `argv`.
 */
export function tuningParseArgsOptions(): Record<string, { type: 'string' }> {
  const names = tuningFlags().flatMap(({ name }) => [name, name.replace('-', '.')])
  return Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
}

/** Every flag, the preset's first and a shorter one behind the long. */
export function tuningFlags(): TuningFlag[] {
  const preset = {
    name: 'db-preset',
    argument: '<name>',
    description: `Where tuning starts from: ${PRESETS.join(', ')} (default: ${PRESETS[0]}).`,
  }
  const flags = TUNING_NAMES.flatMap((name) => {
    const flag = { name: `db-${flagName(name)}`, argument: argumentOf(rowOf(name)) }
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

function argumentOf(row: Row): string {
  switch (row.type) {
    case 'boolean':
      return '[on|off]'
    case 'choice':
      return row.switch === undefined ? '<word>' : '[word]'
    case 'integer':
      return `<${row.unit}>`
  }
}

function describeFlag(name: TuningName): string {
  const row = rowOf(name)
  const words = row.type === 'choice' ? ` (${row.choices.join(', ')})` : ''
  const what = row.what.charAt(0).toUpperCase() + row.what.slice(1)
  return `${what}${words}. ${row.help} (default: ${presetsOf(row)})`
}

/** `128; production 256, development 64`, or `4` where all presets have it. */
export function presetsOf(row: Row): string {
  const { default: usual, production, development } = row.presets
  const others = { production, development }
  const said = Object.entries(others).filter(([, value]) => value !== usual)
  const text = said.map(([preset, value]) => `${preset} ${value}`).join(', ')
  return said.length === 0 ? String(usual) : `${usual}; ${text}`
}
