/** The feed over every way in which a WAL is written, or is not. */
import { Database } from 'rocksdb-live'
import { take, textsAfter, tokenOf } from '../support/changes'
import { openFresh, reopen, track, useTempDirectory } from '../support/database'

useTempDirectory()

const KEPT = { changesRetainMb: 16 } as const
const VARIANTS: Record<string, object> = {
  compressed: { tuning: KEPT, rocksdb: { db: { wal_compression: 'kZSTD' } } },
  'direct I/O': {
    tuning: KEPT,
    rocksdb: { db: { use_direct_reads: true, use_direct_io_for_flush_and_compaction: true } },
  },
  'small files': { tuning: KEPT, rocksdb: { db: { max_total_wal_size: '65536' } } },
  'recovered without a flush': {
    tuning: KEPT,
    rocksdb: { db: { avoid_flush_during_recovery: true, avoid_flush_during_shutdown: true } },
  },
  'bytes synced as it goes': { tuning: KEPT, rocksdb: { db: { wal_bytes_per_sync: '4096' } } },
}

/** Writes in each way; returns what the feed must say. */
async function writeSome(db: Database, name: string): Promise<string[]> {
  const texts: string[] = []
  await db.default.put(`${name} put`, '1')
  texts.push(`${name} put=1`)
  await db.batch().put(db.default, `${name} batch`, '2').delete(db.default, 'gone').write()
  texts.push(`${name} batch=2`, 'gone=')
  await db.transaction(async (tx) => {
    await tx.get(db.default, `${name} put`)
    tx.put(db.default, `${name} tx`, '3')
    tx.delete(db.default, `${name} put`)
  })
  texts.push(`${name} tx=3`, `${name} put=`)
  const failing = db.transaction((tx) => {
    tx.put(db.default, 'never', '')
    throw new Error('mine')
  })
  await expect(failing).rejects.toThrow('mine')
  db.default.putSync(`${name} sync`, '4', { sync: true })
  texts.push(`${name} sync=4`)
  return texts
}

it.each(Object.keys(VARIANTS))('%s', async (name) => {
  let db: Database = await openFresh(VARIANTS[name])
  const after = await tokenOf(db)
  const expected: string[] = []
  for (let round = 0; round < 3; round++) {
    const follows = textsAfter(db, after, `end ${round}`)
    expected.push(...(await writeSome(db, `round ${round}`)))
    if (round === 1) await db.flush()
    for (let n = 0; n < 12; n++) await db.default.put(`n${n}`, 'x'.repeat(100_000))
    expected.push(...Array.from({ length: 12 }, (_, n) => `n${n}=${'x'.repeat(100_000)}`))
    await db.default.put(`end ${round}`, '')
    expect(await follows).toEqual(expected)
    expect(await textsAfter(db, after, `end ${round}`)).toEqual(expected)
    expected.push(`end ${round}=`)
    db = await reopen(db, VARIANTS[name])
  }
})

it('in memory, until the last close', async () => {
  const open = async () => track(await Database.open(Database.memory('the feed'), { tuning: KEPT }))
  let db: Database = await open()
  const after = await tokenOf(db)
  await db.retainChanges('mirror', { after })
  const second: Database = await open()
  const follows = textsAfter(second, after)
  const expected = await writeSome(db, 'memory')
  await db.flush()
  await db.default.put('end', '')
  for (const read of [follows, textsAfter(db, after), textsAfter(second, after)]) {
    expect(await read).toEqual(expected)
  }
  expect(await second.retainedChanges()).toMatchObject([{ name: 'mirror', lost: false }])
  await db.close()
  expect(await textsAfter(second, after)).toEqual(expected)
  await second.close()
  db = await open()
  expect(await textsAfter(db, after)).toBe('ERR_CHANGES_EPOCH')
  expect(await db.retainedChanges()).toEqual([])
})

it('without a WAL there is what is read at once, and then a gap', async () => {
  const db: Database = await openFresh({ tuning: { walEnabled: false } })
  const feed = db.changes({ heartbeatMs: 1 })
  const [beat] = await take(feed, 1)
  for (let n = 0; n < 3; n++) await db.default.put(`k${n}`, 'v')
  const read: unknown[] = []
  while (read.length < 3) {
    const [change] = await take(feed, 1)
    read.push(...(change?.operations ?? []).map((one) => 'key' in one && String(one.key)))
  }
  expect(read).toEqual(['k0', 'k1', 'k2'])
  for (let n = 0; n < 12; n++) await db.default.put(`n${n}`, 'x'.repeat(100_000))
  expect(await textsAfter(db, beat?.token as string)).toBe('ERR_CHANGES_GAP')
  await feed.return()
})

it('finds the oldest change where the WAL is compressed and files were empty once', async () => {
  const db: Database = await openFresh({ rocksdb: { db: { wal_compression: 'kZSTD' } } })
  await tokenOf(db)
  await db.flush()
  // Looks at the new file while it is empty.
  await db.changes({ after: 'oldest', heartbeatMs: 1 }).next()
  await db.default.put('k', 'v')
  await db.default.put('end', '')
  expect((await textsAfter(db, 'oldest')).slice(-1)).toEqual(['k=v'])
})
