/** Sources for tests of imports, and imports that are cut. */
import { randomBytes } from 'node:crypto'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { counter, Database } from 'rocksdb-live'
import { track } from '../support/database'
import { eventually } from '../support/tools'
import { load, start } from './support'

export interface Level {
  batch(operations: object[]): Promise<void>
  put(key: string | Buffer, value: string | Buffer): Promise<void>
  sublevel(name: string, options?: object): Level
  close(): Promise<void>
  open(): Promise<void>
}
export interface Lmdb {
  put(key: unknown, value: unknown): Promise<boolean>
  openDB(name: string, options?: object): Lmdb
  close(): Promise<void>
  flushed: Promise<void>
}
export type LevelPackage = { ClassicLevel: new (path: string, options?: object) => Level }
export type LmdbPackage = { open(options: object): Lmdb }

export const rows = (count: number) =>
  Array.from({ length: count }, (_, at) => [`key ${at}`, `value ${at}`.repeat(at % 7)] as const)

export async function makeLevel(path: string, count = 3000): Promise<Level> {
  const { ClassicLevel } = load<LevelPackage>('classic-level')
  const db = new ClassicLevel(path, { keyEncoding: 'buffer', valueEncoding: 'buffer' })
  await db.batch(
    rows(count).map(([key, value]) => ({
      type: 'put',
      key: Buffer.from(key),
      value: Buffer.from(value),
    })),
  )
  return db
}

export async function makeRocks(path: string, count = 100): Promise<void> {
  const db = await Database.open(path, {
    columnFamilies: {
      sessions: { key: 'utf8', value: 'utf8', expires: { afterMs: 3_600_000, graceMs: 1234 } },
      joined: { mergeOperator: 'stringappend' },
      visits: { key: 'utf8', value: counter() },
      empty: {},
    },
  })
  const batch = db.batch()
  for (const [key, value] of rows(count)) batch.put(db.default, key, value)
  batch.put(db.default, '', 'the empty key').put(db.default, randomBytes(20), randomBytes(300))
  await batch.write()
  const [sessions, joined] = [db.columnFamily('sessions'), db.columnFamily('joined')]
  await sessions.put('for good', 'a', { expiresAt: null })
  await sessions.put('in 2100', 'b', { expiresAt: Date.UTC(2100, 0) })
  await sessions.put('gone', 'c', { expiresAt: 1 })
  await sessions.put('later', 'd')
  for (const part of ['1', '2']) await joined.merge('k', part)
  await db.columnFamily('visits').increment('ada', 5n)
  await db.close()
}

export const lineOf = ([key, value]: readonly [string, string]) =>
  `${JSON.stringify({ key, value })}\n`

export function makeLines(path: string, count: number): void {
  writeFileSync(path, rows(count).map(lineOf).join(''))
}

/** What a family holds, as text. */
export async function textsOf(path: string, family = 'default'): Promise<[string, string][]> {
  const db = track(await Database.open(path, { mode: 'read-only' }))
  const found = []
  for await (const row of db.columnFamily(family, { key: 'utf8', value: 'utf8' }).entries())
    found.push(row)
  return found
}

export const sorted = (all: readonly (readonly [string, string])[]) =>
  [...all].sort(([a], [b]) => (a < b ? -1 : 1))

/** Rows that take long enough to be cut. */
export const MANY = 60_000

/** Sends a signal once the target has written some. */
export async function cutShort(words: string[], target: string, signal: NodeJS.Signals) {
  const { child, ended } = start(words)
  await eventually('it writes', () => hasWritten(target) || child.exitCode !== null || undefined)
  child.kill(signal)
  return ended
}

function hasWritten(path: string): boolean {
  try {
    const logs = readdirSync(path).filter((name) => name.endsWith('.log'))
    return logs.some((name) => statSync(join(path, name)).size > 20_000)
  } catch {
    return false
  }
}

/** Kills an import once it has written rows, and before it has written all. */
export async function cutImport(words: string[], target: string): Promise<void> {
  for (;;) {
    await cutShort(words, target, 'SIGKILL')
    if ((await Database.listColumnFamilies(target)).includes('rocksdb-live.import')) return
    await Database.destroy(target)
  }
}
