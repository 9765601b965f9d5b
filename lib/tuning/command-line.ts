/** The layer of command-line flags: `--db-write-buffer-mb 256`, `--db.write-buffer-mb=256`. */
import { emptyLayer, familyOf, type TuningLayer, textValue, unknownName } from './layers'
import { ALIASES, didYouMean, familyKey, type Named, readVariableName } from './names'
import { rowOf, type TuningName } from './options'
import { allowedAsText, parseText, standsAlone } from './text'
import type { Row } from './types'
import { received, refused } from './values'

const OURS = /^--db[-.]([^=]+)(?:=(.*))?$/s

/** Reads the flags that begin with `--db-` or `--db.`, up to `--`. Others are left alone. */
export function commandLineLayer(
  argv: readonly string[],
  families: readonly string[],
): TuningLayer {
  return splitCommandLine(argv, families).layer
}

/** The flags of tuning, and all words that are not theirs. */
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
    const behind =
      inline === undefined ? valueBehind(named, flag, source, words[index + 1]) : undefined
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
 * The next word, if it is this flag's value. One that can be on or off may stand alone at the end, or with a
 * flag behind it: a word there that says neither is a mistake, and must not mean on.
 */
function valueBehind(
  named: Named,
  flag: string,
  source: string,
  next: string | undefined,
): string | undefined {
  if (next === undefined || next.startsWith('--')) return undefined
  const row = rowBehind(named)
  if (row === undefined || !standsAlone(row)) return next
  if (next.startsWith('-')) return undefined
  if (parseText(row, next) !== undefined) return next
  throw refused(
    nameBehind(named) as TuningName,
    next,
    source,
    `must be ${allowedAsText(row)}. Received ${received(next)}; where that is another argument, write ${flag}=on`,
  )
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
