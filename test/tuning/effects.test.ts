/** The visible effects of some options. */
import { readdirSync } from 'node:fs'
import type { Tuning } from '../../lib/tuning'
import { openAt, useTempDirectory } from '../support/database'
import { expectMissing, missing } from '../support/engine'
import { eventually } from '../support/tools'

const path = useTempDirectory()

const key = (row: number) => String(row).padStart(8, '0')
const tables = () => readdirSync(path('db')).filter((name) => name.endsWith('.sst'))

describe('a queue whose head is read and deleted', () => {
  async function work(tuning: Tuning): Promise<string | undefined> {
    const db = await openAt(path('db'), { tuning })
    let wrong: string | undefined
    for (let row = 0; row < 3000; row++) {
      await db.default.put(key(row), 'job')
      const [head] = db.default.keysSync({ limit: 1 })
      if (String(head) !== key(row)) wrong ??= `${String(head)} instead of ${key(row)}`
      await db.default.delete(key(row))
    }
    return wrong
  }

  it('is flushed where scans have gone over so many deletions', async () => {
    if (missing('flushAfterScanSkips')) return expectMissing('flushAfterScanSkips', 500)
    expect(await work({ flushAfterScanSkips: 500 })).toBeUndefined()
    await eventually('the memtable is flushed', () => (tables().length > 0 ? true : undefined))
  })

  it('is not flushed by default', async () => {
    expect(await work({})).toBeUndefined()
    expect(tables()).toEqual([])
  })
})

it('compressionThreads write the same rows, with dictionaries, partitions and all they verify', async () => {
  const newer: Tuning = {}
  if (missing('compressionThreads')) await expectMissing('compressionThreads', 4)
  else newer.compressionThreads = 4
  if (missing('verifyCompactions')) await expectMissing('verifyCompactions', 'rows')
  else newer.verifyCompactions = 'rows'
  const db = await openAt(path('db'), {
    tuning: { ...newer, zstdDictionaryKb: 16, partitionFilters: true, blockSizeKb: 1 },
  })
  const value = (row: number) => Buffer.from(`${row} ${'lorem ipsum '.repeat(row % 30)}`)
  for (const part of [0, 1, 2]) {
    const batch = db.batch()
    for (let row = part; row < 9000; row += 3) batch.put(db.default, key(row), value(row))
    await batch.write()
    await db.flush()
  }
  await db.compactRange('default', undefined, { bottommost: true })
  let row = 0
  for await (const [k, v] of db.default.entries()) {
    if (String(k) !== key(row) || !v.equals(value(row))) throw new Error(`row ${row} is another`)
    row++
  }
  expect(row).toBe(9000)
})
