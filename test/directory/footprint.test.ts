/** Files that were cut or removed, and records that do not match the directory. */

import { fork } from 'node:child_process'
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { Database } from 'rocksdb-live'
import { openAt, useTempDirectory } from '../support/database'
import { copyDirectory, errorOf, filesOf, fingerprint, removeFiles } from './support'

const at = useTempDirectory()
const RECORD = 'rocksdb-live.record'
const FAMILIES = { columnFamilies: { a: {}, b: {}, c: {} } }

/** A database with rows in tables of three families; with `logged`, also in its WAL. */
async function written(path: string, logged = false): Promise<void> {
  const db = await Database.open(path, FAMILIES)
  for (const name of ['a', 'b', 'c'] as const) {
    await db.columnFamily(name).put('key', 'value')
    await db.flush()
  }
  if (logged) await db.default.put('logged', 'row', { sync: true })
  await db.close()
}

async function rows(path: string): Promise<number> {
  const db = await openAt(path)
  let count = 0
  for (const name of db.columnFamilies()) count += await db.columnFamily(name).count()
  await db.close()
  return count
}

const nameOf = (path: string, pattern: RegExp) => {
  const names = filesOf(path, pattern)
  expect(names).toHaveLength(1)
  return names[0] as string
}

it('notices a MANIFEST that was cut, at every length and in every mode', async () => {
  await written(at('db'))
  const manifest = at('db', nameOf(at('db'), /^MANIFEST-/))
  const whole = readFileSync(manifest)
  const modes = ['read-write', 'read-only', { secondary: at('secondary') }] as const
  for (let length = 0; length < whole.length; length++) {
    writeFileSync(manifest, whole.subarray(0, length))
    const before = length % 100 === 0 ? fingerprint(at('db')) : undefined
    const mode = modes[length % modes.length]
    const error = await errorOf(Database.open(at('db'), { mode }))
    expect([length, error.code]).toEqual([length, 'ERR_CORRUPTION'])
    expect(error.message).toMatch(/MANIFEST-\d+ was cut: it had \d+ bytes, and has \d+/)
    if (before !== undefined) expect(fingerprint(at('db'))).toEqual(before)
  }
  writeFileSync(manifest, whole)
  expect(await rows(at('db'))).toBe(3)
})

it('notices it of a database whose process was killed', async () => {
  const child = fork(require.resolve('./programs/killed.cjs'), [at('db')])
  const code = await new Promise((resolve) => {
    child.once('message', () => child.kill('SIGKILL'))
    child.once('exit', (_code, signal) => resolve(signal))
  })
  expect(code).toBe('SIGKILL')
  copyDirectory(at('db'), at('whole'))
  expect(await rows(at('whole'))).toBe(3)
  const manifest = at('db', nameOf(at('db'), /^MANIFEST-/))
  truncateSync(manifest, readFileSync(manifest).length - 1)
  expect(await errorOf(Database.open(at('db')))).toMatchObject({ code: 'ERR_CORRUPTION' })
})

it.each(['removed', 'cut'])('notices that the newest WAL was %s', async (how) => {
  await written(at('db'), true)
  const wal = filesOf(at('db'), /\.log$/).at(-1) as string
  if (how === 'cut') truncateSync(at('db', wal), readFileSync(at('db', wal)).length - 1)
  else rmSync(at('db', wal))
  const before = fingerprint(at('db'))
  for (const mode of ['read-only', { secondary: at('secondary') }, 'read-write'] as const) {
    const error = await errorOf(Database.open(at('db'), { mode }))
    expect(error).toMatchObject({ code: 'ERR_CORRUPTION' })
    expect(error.message).toContain(wal)
    expect(error.message).toContain(RECORD)
  }
  expect(fingerprint(at('db'))).toEqual(before)
  rmSync(at('db', RECORD))
  expect(await rows(at('db'))).toBe(3)
})

it('notices that a WAL is gone that was never synced', async () => {
  const db = await openAt(at('db'))
  await db.default.put('a', '1')
  await db.close()
  removeFiles(at('db'), /\.log$/)
  expect(await errorOf(Database.open(at('db')))).toMatchObject({ code: 'ERR_CORRUPTION' })
})

it('notices it in a WAL folder of its own', async () => {
  const options = { rocksdb: { db: { wal_dir: at('wal') } } }
  const db = await openAt(at('db'), options)
  await db.default.put('a', '1', { sync: true })
  await db.close()
  removeFiles(at('wal'), /\.log$/)
  expect(await errorOf(Database.open(at('db'), options))).toMatchObject({ code: 'ERR_CORRUPTION' })
})

describe('opens as ever', () => {
  it('without a record, with half of one, and with nonsense', async () => {
    await written(at('db'), true)
    const record = readFileSync(at('db', RECORD))
    for (const text of [undefined, record.subarray(0, 30), 'nonsense', '', record.subarray(1)]) {
      rmSync(at('db', RECORD), { force: true })
      if (text !== undefined) writeFileSync(at('db', RECORD), text)
      expect(await rows(at('db'))).toBe(4)
    }
  })

  it('with a record that is older than what others wrote since', async () => {
    await written(at('db'), true)
    const record = readFileSync(at('db', RECORD))
    expect(await rows(at('db'))).toBe(4)
    writeFileSync(at('db', RECORD), record)
    expect(await rows(at('db'))).toBe(4)
  })

  it('with the record of another database', async () => {
    await written(at('db'), true)
    const other = await openAt(at('other'), FAMILIES)
    await other.close()
    cpSync(at('db', RECORD), at('other', RECORD))
    expect(await rows(at('other'))).toBe(0)
  })

  it('a copy, and a checkpoint of each moment', async () => {
    const db = await openAt(at('db'))
    for (let i = 0; i < 5; i++) {
      await db.default.put(`key${i}`, 'value')
      await db.checkpoint(at(`checkpoint${i}`))
      if (i % 2 === 0) await db.flush()
    }
    await db.close()
    copyDirectory(at('db'), at('copy'))
    expect(await rows(at('copy'))).toBe(5)
    for (let i = 0; i < 5; i++) {
      expect(filesOf(at(`checkpoint${i}`))).not.toContain(RECORD)
      expect(await rows(at(`checkpoint${i}`))).toBe(i + 1)
    }
  })

  it('a new database where an old one was removed, but for the record', async () => {
    await written(at('db'), true)
    removeFiles(at('db'), /^(?!rocksdb-live)/)
    expect(filesOf(at('db'))).toEqual([RECORD])
    expect(await rows(at('db'))).toBe(0)
  })

  it('beside a process that writes, flushes and closes', async () => {
    for (let i = 0; i < 20; i++) {
      const db = await openAt(at('db'))
      await db.default.put(`key${i}`, 'value')
      const readers = [0, 1].map(() => errorOrRows(at('db')))
      await db.flush()
      await db.default.put(`log${i}`, 'value')
      const closing = db.close()
      for (const outcome of await Promise.all([...readers, errorOrRows(at('db'))])) {
        expect(outcome).not.toBe('ERR_CORRUPTION by the record')
      }
      await closing
    }
  })
})

/** What a reader of a live database finds; everything else is not part of this test. */
async function errorOrRows(path: string): Promise<string> {
  try {
    const db = await Database.open(path, { mode: 'read-only' })
    await db.close()
    return 'opened'
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    return message.includes(RECORD) ? `${code} by the record` : code
  }
}

it('goes with the database', async () => {
  await written(at('db'))
  await Database.destroy(at('db'))
  await expect(async () => filesOf(at('db'))).rejects.toThrow('ENOENT')
})
