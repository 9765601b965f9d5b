/** A secondary shows one state of its primary, changes it only in catchUp, and never goes back. */

import { once } from 'node:events'
import { readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Database, OpenOptions } from 'rocksdb-live'
import { useDirectory } from '../lifecycle/children'
import { openAt, openFiles, useTempDirectory } from '../support/database'
import { root } from '../support/documents'
import { coded, expectRejection, expectThrow, listOf } from '../support/expectations'
import { expectOneState, progressOf, startChurn } from './churn'

const dir = useTempDirectory()
const other = useDirectory()

const follow = (options: OpenOptions = {}) =>
  openAt(dir('db'), { ...options, mode: { secondary: dir('secondary') } })
const textOf = async (db: Database, key: string, family = 'default') => {
  const value = await db.columnFamily(family).get(key)
  return value === undefined ? undefined : String(value)
}

describe('catchUp takes over', () => {
  it('what replaced and deleted rows that had been read from the WAL', async () => {
    const primary = await openAt(dir('db'))
    await primary.default.put('a', '1')
    await primary.default.put('b', '1')
    const secondary = await follow()
    for (let round = 2; round < 6; round++) {
      await primary.default.put('a', String(round))
      await primary.default.delete('b')
      if (round % 2 === 0) await primary.flush()
      if (round === 4) await primary.compactRange('default', undefined, { bottommost: true })
      await secondary.catchUp()
      expect([await textOf(secondary, 'a'), await textOf(secondary, 'b')]).toEqual([
        String(round),
        undefined,
      ])
      expect((await listOf(secondary.default.entries())).map(String)).toEqual([`a,${round}`])
      await primary.default.put('b', 'again')
      await secondary.catchUp()
      expect(await textOf(secondary, 'b')).toBe('again')
    }
  })

  it('operands of merges, each once', async () => {
    const options = { columnFamilies: { sums: { mergeOperator: 'stringappend' } } } as const
    const primary = await openAt(dir('db'), options)
    const secondary = await follow(options)
    const sums = primary.columnFamily('sums')
    for (let i = 0; i < 6; i++) {
      await sums.merge('k', String(i))
      if (i === 1) await primary.flush(primary.default)
      if (i === 3) await primary.flush()
      await secondary.catchUp()
      expect(await textOf(secondary, 'k', 'sums')).toBe([0, 1, 2, 3, 4, 5].slice(0, i + 1).join())
    }
  })

  it('families that were made, dropped, and made again', async () => {
    const primary = await openAt(dir('db'))
    const secondary = await follow()
    for (let i = 0; i < 3; i++) {
      const orders = await primary.createColumnFamily('orders')
      await orders.put('o', String(i))
      if (i === 1) await primary.flush()
      expect(secondary.columnFamilies()).toEqual(['default'])
      expectThrow(() => secondary.columnFamily('orders'), 'ERR_INVALID_ARG_VALUE')
      await secondary.catchUp()
      expect(secondary.columnFamilies()).toEqual(['default', 'orders'])
      const seen = secondary.columnFamily('orders')
      expect(String(seen.getSync('o'))).toBe(String(i))
      await primary.dropColumnFamily(orders)
      expect(String(await seen.get('o'))).toBe(String(i))
      await secondary.catchUp()
      expect(secondary.columnFamilies()).toEqual(['default'])
      await expectRejection(seen.get('o'), 'ERR_DROPPED')
      expectThrow(() => seen.getSync('o'), 'ERR_DROPPED')
    }
  })

  it('a restart of the primary, and another one that was killed', async () => {
    const first = await openAt(dir('db'))
    await first.default.put('a', '1')
    const secondary = await follow()
    await first.close()
    const second = await openAt(dir('db'))
    await second.default.put('b', '2')
    await secondary.catchUp()
    expect((await listOf(secondary.default.entries())).map(String)).toEqual(['a,1', 'b,2'])
    await second.close()

    const writer = await startChurn(other('db'), other('progress'))
    const beside = await openAt(other('db'), { mode: { secondary: other('secondary') } })
    writer.kill('SIGKILL')
    await writer.ended
    const known = progressOf(other('progress'))
    await beside.catchUp()
    expect(await expectOneState(beside)).toBeGreaterThanOrEqual(known)
    await beside.close()
  })

  it('a database that was deleted and made anew', async () => {
    const first = await openAt(dir('db'), { columnFamilies: { one: {} } })
    await first.columnFamily('one').put('a', '1')
    const secondary = await follow()
    const one = secondary.columnFamily('one')
    await first.close()
    for (const name of readdirSync(dir('db'))) rmSync(dir('db', name))
    await expectRejection(secondary.catchUp(), 'ERR_IO', 'CURRENT')
    expect(String(await one.get('a'))).toBe('1')
    const second = await openAt(dir('db'), { columnFamilies: { two: {} } })
    await second.columnFamily('two').put('a', '2')
    await secondary.catchUp()
    expect(secondary.columnFamilies()).toEqual(['default', 'two'])
    expect(await textOf(secondary, 'a', 'two')).toBe('2')
    await expectRejection(one.get('a'), 'ERR_DROPPED')
  })
})

describe('between catchUps', () => {
  it('nothing moves: reads, scans and properties are of one state', async () => {
    const primary = await openAt(dir('db'))
    await primary.default.put('a', '1')
    const secondary = await follow()
    await primary.default.put('a', '2')
    await primary.flush()
    await primary.createColumnFamily('new')
    expect(await textOf(secondary, 'a')).toBe('1')
    expect(secondary.columnFamilies()).toEqual(['default'])
    expect(secondary.property('rocksdb.num-files-at-level0')).toBe('0')
  })

  it('the new state is there when the promise is, and not before', async () => {
    const primary = await openAt(dir('db'))
    await primary.default.put('a', '1')
    const secondary = await follow()
    await primary.default.put('a', '2')
    let done = false
    const caughtUp = secondary.catchUp().then(() => {
      done = true
    })
    const until = performance.now() + 100
    while (performance.now() < until) expect(String(secondary.default.getSync('a'))).toBe('1')
    while (!done) {
      expect(String(secondary.default.getSync('a'))).toBe('1')
      await new Promise(setImmediate)
    }
    await caughtUp
    expect(String(secondary.default.getSync('a'))).toBe('2')
  })

  it('each opening of a process moves by itself', async () => {
    const primary = await openAt(dir('db'))
    await primary.default.put('a', '1')
    const one = await follow()
    const two = await follow()
    await primary.default.put('a', '2')
    await one.catchUp()
    expect([await textOf(one, 'a'), await textOf(two, 'a')]).toEqual(['2', '1'])
    await one.close()
    expect(await textOf(two, 'a')).toBe('1')
    const three = await follow()
    expect(await textOf(three, 'a')).toBe('2')
    await Promise.all([two.catchUp(), three.catchUp(), two.catchUp()])
    expect(await textOf(two, 'a')).toBe('2')
  })
})

describe('what was opened before', () => {
  it('cursors, scans and snapshots go on where they began', async () => {
    const primary = await openAt(dir('db'))
    for (let i = 0; i < 500; i++) primary.default.putSync(`k${String(i).padStart(3, '0')}`, 'old')
    await primary.flush()
    const secondary = await follow()
    using cursor = secondary.default.cursor()
    expect(cursor.next(10)).toHaveLength(10)
    using snapshot = secondary.snapshot()
    const scan = secondary.default.entries()
    await scan.next()
    for (let i = 0; i < 500; i++) primary.default.putSync(`k${String(i).padStart(3, '0')}`, 'new')
    const made = await primary.createColumnFamily('made')
    await made.put('a', '1')
    await primary.flush()
    await primary.compactRange('default', undefined, { bottommost: true })
    await secondary.catchUp()
    const old = (rows: [Buffer, Buffer][]) => rows.every(([, value]) => String(value) === 'old')
    expect(old(cursor.next(1000))).toBe(true)
    expect(old(await listOf(scan))).toBe(true)
    expect(String(await secondary.default.get('k000', { snapshot }))).toBe('old')
    expect(String(secondary.default.getSync('k000', { snapshot }))).toBe('old')
    expect((await secondary.default.getMany(['k001'], { snapshot })).map(String)).toEqual(['old'])
    expect(old(await listOf(secondary.default.entries({ snapshot })))).toBe(true)
    expect(await secondary.default.count({ snapshot })).toBe(500)
    expect(String(await secondary.default.get('k000'))).toBe('new')
    const family = secondary.columnFamily('made')
    await expectRejection(family.get('a', { snapshot }), 'ERR_DROPPED', 'not in the snapshot')
    snapshot.release()
    await expectRejection(secondary.default.get('k000', { snapshot }), 'ERR_CLOSED')
  })

  it('reads a dropped family by a snapshot from before', async () => {
    const primary = await openAt(dir('db'))
    const orders = await primary.createColumnFamily('orders')
    await orders.put('o', '1')
    const secondary = await follow()
    const seen = secondary.columnFamily('orders')
    using snapshot = secondary.snapshot()
    await primary.dropColumnFamily(orders)
    await secondary.catchUp()
    expect(String(await seen.get('o', { snapshot }))).toBe('1')
    await expectRejection(seen.get('o'), 'ERR_DROPPED')
  })
})

describe('where the primary’s files are damaged', () => {
  it('catchUp fails, keeps what it has, and goes on when they are well again', async () => {
    const primary = await openAt(dir('db'))
    await primary.default.put('a', '1')
    const secondary = await follow()
    await primary.default.put('a', '2')
    await primary.flush()
    const table = readdirSync(dir('db')).find((name) => name.endsWith('.sst')) as string
    renameSync(dir('db', table), dir('kept'))
    await expectRejection(secondary.catchUp(), 'ERR_CORRUPTION', table)
    expect(await textOf(secondary, 'a')).toBe('1')
    renameSync(dir('kept'), dir('db', table))
    await secondary.catchUp()
    expect(await textOf(secondary, 'a')).toBe('2')
  })
})

describe('closing', () => {
  it('during catchUp, and after it in the same turn', async () => {
    const primary = await openAt(dir('db'))
    for (let i = 0; i < 20; i++) {
      await primary.default.put('a', String(i))
      if (i % 3 === 0) await primary.flush()
      const secondary = await follow()
      await primary.default.put('b', String(i))
      const caughtUp = secondary.catchUp()
      if (i % 2 === 0) await caughtUp
      else await Promise.all([caughtUp, secondary.close()])
      await secondary.close()
      await expectRejection(secondary.catchUp(), 'ERR_CLOSED')
    }
    await primary.close()
    expect(openFiles(dir('db'))).toEqual([])
  })

  it('a worker that is ended in the middle of catching up', async () => {
    const primary = await openAt(dir('db'))
    await primary.default.put('a', '1')
    const code = `
      const { workerData, parentPort } = require('node:worker_threads')
      const { Database } = require(workerData.main)
      Database.open(workerData.path, { mode: { secondary: workerData.secondary } }).then(async (db) => {
        parentPort.postMessage('open')
        for (;;) await db.catchUp()
      })`
    for (let i = 0; i < 5; i++) {
      const workerData = { main: join(root, 'dist'), path: dir('db'), secondary: dir('w') }
      const worker = new Worker(code, { eval: true, workerData })
      await once(worker, 'message')
      for (let n = 0; n < 20; n++) await primary.default.put('a', String(n))
      await worker.terminate()
    }
    expect(await textOf(primary, 'a')).toBe('19')
  })
})

it('needs no directory that is there, and leaves none of the primary’s', async () => {
  await (await openAt(dir('db'))).close()
  const secondary = await follow()
  await secondary.close()
  rmSync(dir('secondary'), { recursive: true })
  expect(readdirSync(dir()).sort()).toEqual(['db'])
  expect(await failureOfMissing()).toEqual(coded('ERR_INVALID_ARGUMENT', 'column family "x"'))
})

const failureOfMissing = () =>
  follow({ columnFamilies: { x: {} } }).catch((error: unknown) => error)
