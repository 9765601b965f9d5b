/** Readers hold their files: whatever the writer does, they can read what they have opened. */
import { readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Database, OpenMode, OpenOptions } from 'rocksdb-live'
import { runWell, useDirectory } from '../lifecycle/children'
import { openAt, openFiles, useTempDirectory } from '../support/database'
import { coded, expectRejection, listOf } from '../support/expectations'
import { startChurn } from './churn'

const dir = useTempDirectory()
const other = useDirectory()

const MODES: [string, () => OpenMode][] = [
  ['read-only', () => 'read-only'],
  ['secondary', () => ({ secondary: dir('secondary') })],
]
const SETTLED: OpenOptions = { rocksdb: { columnFamily: { disable_auto_compactions: true } } }

const tablesOf = (path: string) => readdirSync(path).filter((name) => name.endsWith('.sst'))
const keys = (count: number) => Array.from({ length: count }, (_, i) => `k${i}`)

/** An open database with `count` tables of one row each, and a row in the WAL. */
async function withTables(count: number, options: OpenOptions = SETTLED): Promise<Database> {
  const db = await openAt(dir('db'), options)
  for (const key of keys(count)) {
    await db.default.put(key, `of ${key}`.padEnd(2000, '.'))
    await db.flush()
  }
  await db.default.put('logged', 'x')
  return db
}

/** Deletes and compacts everything, and waits until the tables are gone. */
async function replaceAll(writer: Database, count: number): Promise<void> {
  const before = tablesOf(writer.path)
  await writer.default.deleteRange('k', 'l')
  await writer.default.put('k0', 'new')
  await writer.flush()
  await writer.compactRange(writer.default, undefined, { bottommost: true })
  const deadline = Date.now() + 60_000
  while (tablesOf(writer.path).some((name) => before.includes(name))) {
    if (Date.now() > deadline) throw new Error(`the writer keeps its ${count} tables`)
    await new Promise(setImmediate)
  }
}

describe.each(MODES)('%s', (_, mode) => {
  it('reads all of its rows when the writer has deleted every table', async () => {
    const writer = await withTables(40)
    const reader = await openAt(dir('db'), { mode: mode() })
    await replaceAll(writer, 40)
    expect((await reader.default.getMany(keys(40))).map(String)).toEqual(
      keys(40).map((key) => `of ${key}`.padEnd(2000, '.')),
    )
    for (const key of keys(40)) expect(reader.default.hasSync(key)).toBe(true)
    expect(await reader.default.count()).toBe(41)
    expect(String(reader.default.getSync('logged'))).toBe('x')
  })

  it('reads all of its blobs when the writer has deleted them', async () => {
    const blobs = { tuning: { blobFiles: true }, rocksdb: { columnFamily: { min_blob_size: 100 } } }
    const writer = await withTables(20, blobs)
    const reader = await openAt(dir('db'), { ...blobs, mode: mode() })
    await writer.default.deleteRange('k', 'l')
    await writer.flush()
    await writer.compactRange(writer.default, undefined, { bottommost: true })
    await writer.close()
    for (const name of readdirSync(dir('db'))) {
      if (name.endsWith('.blob')) rmSync(dir('db', name))
    }
    for (const key of keys(20)) {
      expect(String(await reader.default.get(key))).toBe(`of ${key}`.padEnd(2000, '.'))
    }
    expect((await listOf(reader.default.values())).length).toBe(21)
  })

  it('says what holds for maxOpenFiles, and why', async () => {
    await withTables(3)
    const reader = await openAt(dir('db'), { mode: mode() })
    expect(reader.tuning().options.maxOpenFiles).toMatchObject({
      value: -1,
      given: 'auto',
      reason: expect.stringMatching(/^a reader holds every file.*: with more than \d+ files/),
      rocksdb: { inForce: '-1' },
    })
  })

  it('with more tables than it may have open, opens them by name; one that is gone can be tried again', async () => {
    const writer = await withTables(80)
    const options = { mode: mode(), tuning: { maxOpenFiles: 64 } }
    const reader = await openAt(dir('db'), options)
    expect(reader.options().db['max_open_files']).toBe('64')
    expect(openFiles(dir('db')).length).toBeLessThan(80 + 64 + 20)
    expect(await reader.default.count()).toBe(81)
    await replaceAll(writer, 80)
    const failure = await listOf(reader.default.keys()).catch((error: unknown) => error)
    expect(failure).toEqual(coded('ERR_BUSY', 'is gone: the writer (this process) has deleted it'))
    expect(failure).toMatchObject({ retryable: true })
    if (typeof options.mode === 'object') await reader.catchUp()
    const after = typeof options.mode === 'object' ? reader : undefined
    await after?.default.get('k0').then((value) => expect(String(value)).toBe('new'))
    await reader.close()
    const again = await openAt(dir('db'), options)
    expect((await listOf(again.default.keys())).map(String)).toEqual(['k0', 'logged'])
  })

  it('with fewer than it may have open, beside a writer at work: never corruption', async () => {
    const writer = await startChurn(other('db'), other('progress'))
    const options = { mode: mode(), tuning: { maxOpenFiles: 64 }, ...SETTLED }
    for (let i = 0; i < 20; i++) {
      const opened = await openAt(other('db'), options).catch((error: unknown) => error)
      if (opened instanceof Error) {
        expect(opened).toEqual(coded('ERR_BUSY', `the writer (process ${writer.pid})`))
        continue
      }
      await (opened as Database).close()
    }
    writer.goOn()
    expect(await writer.ended).toMatchObject({ code: 0, stderr: '' })
  })

  it('calls damage by its name', async () => {
    const writer = await withTables(5)
    await writer.close()
    const [first = '', second = ''] = tablesOf(dir('db'))
    const size = statSync(dir('db', first)).size
    rmSync(dir('db', second))
    const missing = openAt(dir('db'), { mode: mode() })
    await expectRejection(missing, 'ERR_CORRUPTION', second)
    writeFileSync(dir('db', second), '')
    await expectRejection(openAt(dir('db'), { mode: mode() }), 'ERR_CORRUPTION', second)
    rmSync(dir('db', second))
    truncateSync(dir('db', first), size - 10)
    await expectRejection(openAt(dir('db'), { mode: mode() }), 'ERR_CORRUPTION')
    expect(openFiles(join(dir('db')))).toEqual([])
  })
})

const onPosix = process.platform === 'win32' ? it.skip : it

onPosix('opens by name where the process has not enough descriptors left', async () => {
  const under = ['sh', '-c', 'ulimit -n 700; exec "$@"', 'sh']
  const said = await runWell('few-descriptors', [other('.'), 400], { under })
  expect(said).toHaveLength(2)
  for (const [, rows, most] of said) {
    expect(rows).toBe(800)
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThan(400)
  }
})
