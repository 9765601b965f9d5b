/** The layer of command-line flags: `--db-write-buffer-mb 256`, `--db.write-buffer-mb=256`. */
import { emptyLayer, familyOf, type TuningLayer, textValue, unknownName } from './layers'
import { ALIASES, didYouMean, familyKey, type Named, readVariableName } from './names'
import { rowOf, type TuningName } from './options'
import { standsAlone } from './text'
import type { Row } from './types'
import { refused } from './values'

const OURS = /^--db[-.]([^=]+)(?:=(.*))?$/s

/** Reads the flags that begin with `--db-` or `--db.`, up to `--`. Ignores others. */
export function commandLineLayer(
  argv: readonly string[],
  families: readonly string[],
): TuningLayer {
  return splitCommandLine(argv, families).layer
}

/** Separates the flags of tuning from all other words. */
export function splitCommandLine(
  argv: readonly string[],
  families: readonly string[],
): { layer: TuningLayer; rest: string[] } {
  const layer = emptyLayer('commandLine')
  const end = argv.indexOf('--')
  const words = end === -1 ? argv : argv.slice(0, end)
  const rest: string[] = []
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    const match = OURS.exec(word)
    if (match === null) {
      rest.push(word)
      continue
    }
    const [, name = '', inline] = match
    const flag = word.split('=', 1)[0] ?? ''
    const source = `command-line flag ${flag}`
    const named = readFlag(name, families)
    const behind = inline === undefined ? valueBehind(named, words[index + 1]) : undefined
    if (behind !== undefined) index++
    add(layer, named, { flag, text: inline ?? behind ?? implied(named, flag, source), source })
  }
  return { layer, rest: [...rest, ...argv.slice(words.length)] }
}

interface Flag {
  flag: string
  text: string
  source: string
}

function add(layer: TuningLayer, named: Named, { flag, text, source }: Flag): void {
  switch (named.kind) {
    case 'preset':
      layer.preset = { value: text, source }
      break
    case 'option':
      layer.values.push({ name: named.name, value: textValue(named.name, text, source), source })
      break
    case 'family': {
      const { family, name } = named
      const entry = familyOf(layer, family, (other) => familyKey(other) === family)
      entry.values.push({ name, value: textValue(name, text, source), source })
      break
    }
    case 'unknown': {
      const near = named.near?.toLowerCase().replaceAll('_', '-')
      const hint = didYouMean(near === undefined ? undefined : `--db-${near}`)
      throw unknownName('flag', flag, text, source, hint)
    }
  }
}

function readFlag(name: string, families: readonly string[]): Named {
  const alias = ALIASES.get(name)
  if (alias !== undefined) return { kind: 'option', name: alias }
  return readVariableName(name.toUpperCase().replace(/[-.]/g, '_'), families)
}

/**
 * The next word, if it is this flag's value. A flag for on or off may stand alone, before another
 * flag or at the end. A word that is no valid value is refused rather than left to the application:
 * `--db-wal fasle` does not mean on. Use `=` or another order to separate other words.
 */
function valueBehind(named: Named, next: string | undefined): string | undefined {
  if (next === undefined || next.startsWith('-')) {
    const row = rowBehind(named)
    const isNumber = next !== undefined && !next.startsWith('--') && !(row && standsAlone(row))
    return isNumber ? next : undefined
  }
  return next
}

function implied(named: Named, flag: string, source: string): string {
  const row = rowBehind(named)
  if (named.kind === 'unknown') return ''
  if (row !== undefined && standsAlone(row)) return 'on'
  throw refused(nameBehind(named) ?? 'preset', undefined, source, `needs a value: ${flag} <value>`)
}

function nameBehind(named: Named): TuningName | undefined {
  return named.kind === 'option' || named.kind === 'family' ? named.name : undefined
}

function rowBehind(named: Named): Row | undefined {
  const name = nameBehind(named)
  return name === undefined ? undefined : rowOf(name)
}
