/** The counterpart of programs/churn.cjs: what a reader must see. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { Database, OpenOptions } from 'rocksdb-live'
import { Program } from '../lifecycle/children'

export const ROWS = 300

/** Starts a writer in a process of its own; it is at work when this resolves. */
export async function startChurn(
  directory: string,
  progress: string,
  options: OpenOptions = {},
): Promise<Program> {
  const writer = new Program('churn', [directory, progress, options, ROWS])
  await writer.waitFor('busy')
  return writer
}

/** The number of the last batch that is certainly in the database. */
export function progressOf(file: string): number {
  const bytes = Buffer.alloc(8)
  const descriptor = openSync(file, 'r')
  readSync(descriptor, bytes, 0, 8, 0)
  closeSync(descriptor)
  return bytes.readDoubleLE()
}

/** All rows after the batch `n`. */
export function stateAfter(n: number): Map<string, string> {
  const rows = new Map<string, string>([['n', String(n)]])
  const half = Math.floor(ROWS / 2)
  for (let row = 0; row < ROWS; row++) {
    const put = n - ((((n - row) % ROWS) + ROWS) % ROWS)
    const deleted = n - ((((n + half - row) % ROWS) + ROWS) % ROWS)
    if (put > 0 && put > deleted) rows.set(`row${row}`, `${put}:`.padEnd(300, String(put)))
  }
  return rows
}

/** Reads everything in every way; returns the one batch whose state it is. */
export async function expectOneState(db: Database): Promise<number> {
  const n = Number(await db.columnFamily('a').get('n'))
  const expected = [...stateAfter(n)].sort(([a], [b]) => (a < b ? -1 : 1))
  for (const name of ['a', 'b']) {
    const family = db.columnFamily(name)
    const scanned: [string, string][] = []
    for await (const [key, value] of family.entries()) scanned.push([String(key), String(value)])
    expect([name, scanned]).toEqual([name, expected])
    const many = await family.getMany(expected.map(([key]) => key))
    expect([name, many.map(String)]).toEqual([name, expected.map(([, value]) => value)])
    expect(String(family.getSync('n'))).toBe(String(n))
    expect(await family.count()).toBe(expected.length)
  }
  return n
}
