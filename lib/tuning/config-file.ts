/** The layer of a TOML file: `[storage.db_tuning]` or `[db]`. */
import { readFileSync } from 'node:fs'
import { quote } from '../base/arguments'
import { TuningError } from '../base/errors'
import { emptyLayer, familyOf, type TuningLayer, textValue, unknownName } from './layers'
import { byTomlKey, didYouMean, nearestTomlKey } from './names'

type Parse = (text: string) => unknown

// Its types are for ES modules, which this package is not.
const { parse } = require('smol-toml') as { parse: Parse }

type Table = Readonly<Record<string, unknown>>

const FAMILIES = 'column_families'

/** Reads a named file, which must exist. */
export function readConfigFile(path: string): TuningLayer {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw wrongFile(path, `cannot be read: ${(cause as Error).message}`, cause)
  }
  return configLayer(text, path)
}

/** Parses the text of a file; `path` is for the sources. */
export function configLayer(text: string, path: string): TuningLayer {
  let file: unknown
  try {
    file = parse(text)
  } catch (cause) {
    throw wrongFile(path, `is not TOML: ${(cause as Error).message}`, cause)
  }
  const found = findTable(file as Table)
  const layer = emptyLayer('file')
  if (found === undefined) {
    layer.ignored.push(
      `The configuration file ${quote(path)} has neither [storage.db_tuning] nor [db]: it sets nothing`,
    )
    return layer
  }
  const [place, table] = found
  if (!isTable(table)) throw wrongFile(path, `has a ${place} that is no table`)
  for (const [key, value] of Object.entries(table)) {
    const source = sourceOf(path, `${place}.${key}`)
    if (key === 'preset') layer.preset = { value, source }
    else if (key === FAMILIES) readFamilies(layer, value, path, `${place}.${FAMILIES}`)
    else layer.values.push(readEntry(key, value, source))
  }
  return layer
}

const sourceOf = (path: string, place: string) => `${path}: ${place}`

/** `[db]` is the short form; if the long one exists, it belongs to somebody else. */
function findTable(file: Table): [string, unknown] | undefined {
  const { storage, db } = file
  if (isTable(storage) && storage['db_tuning'] !== undefined) {
    return ['storage.db_tuning', storage['db_tuning']]
  }
  return db === undefined ? undefined : ['db', db]
}

function readFamilies(layer: TuningLayer, value: unknown, path: string, place: string): void {
  if (!isTable(value)) throw wrongFile(path, `has a ${place} that is no table`)
  for (const [family, table] of Object.entries(value)) {
    const where = `${place}.${family}`
    if (!isTable(table)) throw wrongFile(path, `has a ${where} that is no table`)
    const entry = familyOf(layer, family, (name) => name === family)
    for (const [key, own] of Object.entries(table)) {
      entry.values.push(readEntry(key, own, sourceOf(path, `${where}.${key}`)))
    }
  }
}

function readEntry(key: string, value: unknown, source: string) {
  const name = byTomlKey(key)
  if (name === undefined) {
    throw unknownName('key', key, value, source, didYouMean(nearestTomlKey(key)))
  }
  if (typeof value === 'string') return { name, value: textValue(name, value, source), source }
  return { name, value, source }
}

/** smol-toml's tables are plain objects; dates and arrays are not. */
function isTable(value: unknown): value is Table {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function wrongFile(path: string, problem: string, cause?: unknown): TuningError {
  return new TuningError(`The configuration file ${quote(path)} ${problem}`, {
    option: 'configFile',
    value: path,
    source: path,
    cause,
  })
}
