/** Exports: rows of a database as JSON lines, of one state. */
import { handleOf } from '../column-family'
import { Database } from '../database'
import { failure } from './errors'
import type { TransferProgress } from './import'
import { type Form, familyLine, rowLine } from './json-lines'
import { PLACE_FAMILY } from './place'
import { chosen, rowOf, shapeOf, storedFamily } from './rocksdb'

/** Characters that are written at a time, about. */
const TEXT_LENGTH = 256 << 10

/** How rows are exported. */
export interface ExportOptions {
  /** The families; undefined is all. */
  families?: readonly string[] | undefined
  /** The form of keys and of values in a family. */
  formsOf(family: string): { key: Form; value: Form }
  signal?: AbortSignal | undefined
  onProgress?: ((progress: TransferProgress) => void) | undefined
}

/** What an export did. */
export interface ExportReport {
  source: string
  rows: number
  /** Bytes of keys and values. */
  bytes: number
  families: { name: string; rows: number }[]
  elapsedMs: number
}

/** Where lines go. Resolves once more may come. */
export type WriteText = (text: string) => Promise<void>

/** Writes one family. */
async function writeFamily(
  db: Database,
  name: string,
  write: WriteText,
  options: ExportOptions,
  told: (rows: number, bytes: number) => void,
): Promise<void> {
  const { signal } = options
  const forms = options.formsOf(name)
  const { family, expires } = storedFamily(db, name)
  let text = ''
  for await (const { bytes, offsets, count } of family.pages({ fillCache: false, signal })) {
    for (let i = 0; i < count; i++) {
      const [from = 0, value = 0, to = 0] = offsets.subarray(2 * i, 2 * i + 3)
      const row = rowOf(name, bytes.subarray(from, value), bytes.subarray(value, to), expires)
      text += rowLine(row as Parameters<typeof rowLine>[0], forms)
      if (text.length < TEXT_LENGTH) continue
      await write(text)
      text = ''
    }
    told(count, bytes.length)
  }
  await write(text)
}

/**
 * Writes the rows of a database as JSON lines, as it is when this is called, also while another process writes it: first
 * a line for each family that is not a plain one, then their rows in the order of their keys. `importRows` of the lines
 * makes the same rows again.
 *
 * Fails with `ERR_INVALID_ARGUMENT` where there is no database, no family of a name, or an import that has not ended.
 */
export async function exportRows(
  path: string,
  write: WriteText,
  options: ExportOptions,
): Promise<ExportReport> {
  const begun = performance.now()
  const db: Database = await Database.open(path, { mode: 'read-only', env: false })
  try {
    const all = db.columnFamilies()
    if (all.includes(PLACE_FAMILY)) {
      const message = `${db.path} is the target of an import that has not ended: let it end first`
      throw failure('ERR_INVALID_ARGUMENT', message)
    }
    const names = chosen(db.path, all, options.families)
    const report: ExportReport = { source: db.path, rows: 0, bytes: 0, families: [], elapsedMs: 0 }
    const estimate = (name: string) => db.intProperty('rocksdb.estimate-num-keys', name) ?? 0
    const total = { rows: names.reduce((sum, name) => sum + estimate(name), 0) }
    const heads = names.map((name) => shapeOf(db, name))
    const special = heads.filter(
      (shape) => shape.name !== 'default' || Object.keys(shape).length > 1,
    )
    await write(special.map(familyLine).join(''))
    for (const name of names) {
      const family = { name, rows: 0 }
      report.families.push(family)
      const expires = handleOf(db.columnFamily(name, {})).envelope !== undefined
      await writeFamily(db, name, write, options, (rows, bytes) => {
        family.rows += rows
        report.rows += rows
        report.bytes += bytes - (expires ? 8 * rows : 0)
        options.onProgress?.({ phase: 'copy', rows: report.rows, bytes: report.bytes, total })
      })
    }
    report.elapsedMs = Math.round(performance.now() - begun)
    return report
  } finally {
    await db.close()
  }
}
