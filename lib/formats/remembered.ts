/** Formats by family, remembered beside a database's files. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ownProperties } from '../base/arguments'
import { FormatError } from './format'

/** The name of the file. Those that begin like this are the package's own in a database's directory. */
export const FORMATS_FILE = 'rocksdb-live.json'

const VERSION = 1

/** The names of a family's formats. */
export interface FormatNames {
  key?: string
  value?: string
}

/**
 * The formats that are remembered of the database in a directory, by family; empty where none are. Throws a
 * FormatError where the file is damaged, or of a newer version.
 */
export function readFormats(directory: string): Map<string, FormatNames> {
  const path = join(directory, FORMATS_FILE)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return new Map()
  }
  try {
    return familiesIn(path, JSON.parse(text))
  } catch (error) {
    if (error instanceof FormatError) throw error
    throw new FormatError(
      `${path} is damaged: ${(error as Error).message}. Remove it; it has no data`,
    )
  }
}

function familiesIn(path: string, parsed: unknown): Map<string, FormatNames> {
  const { version, columnFamilies } = ownProperties('file', parsed)
  if (version !== VERSION) {
    throw new FormatError(
      `${path} is of version ${String(version)}, and this one reads ${VERSION}: update rocksdb-live, or remove the file`,
    )
  }
  const families = new Map<string, FormatNames>()
  for (const [name, given] of Object.entries(ownProperties('columnFamilies', columnFamilies))) {
    const { key, value } = ownProperties(name, given)
    families.set(name, {
      ...(typeof key === 'string' ? { key } : {}),
      ...(typeof value === 'string' ? { value } : {}),
    })
  }
  return families
}

/** Remembers the formats of a family, beside what is remembered already. The file is replaced at once. */
export function rememberFormats(directory: string, family: string, names: FormatNames): void {
  const all = readFormats(directory)
  all.set(family, { ...all.get(family), ...names })
  const columnFamilies = Object.fromEntries(all)
  const path = join(directory, FORMATS_FILE)
  const part = `${path}.${process.pid}`
  try {
    writeFileSync(part, `${JSON.stringify({ version: VERSION, columnFamilies }, undefined, 2)}\n`)
    renameSync(part, path)
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}
