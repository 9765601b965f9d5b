/** `durable: true`: only what is synced, and all of that. */
import { Database } from 'rocksdb-live'
import { last, Program, useDirectory } from '../lifecycle/children'
import { canTrace, inject } from '../lifecycle/inject'
import { take, tokenOf } from '../support/changes'
import { openFresh, reopen, useTempDirectory } from '../support/database'
import { expectRejection } from '../support/expectations'
import { where } from '../support/tools'

useTempDirectory()
const directory = useDirectory()
const traced = where(canTrace(), 'slow disks need strace (Debian: apt-get install strace)')

const MODES: Record<string, object> = {
  pipelined: { tuning: { enablePipelinedWrite: true } },
  'not pipelined': { tuning: { enablePipelinedWrite: false } },
  unordered: {
    tuning: { enablePipelinedWrite: false },
    rocksdb: { db: { unordered_write: true } },
  },
  'flushed by hand': { rocksdb: { db: { manual_wal_flush: true } } },
}

const keysOf = (changes: { operations: readonly object[] }[]) =>
  changes.flatMap(({ operations }) =>
    operations.map((one) => String((one as { key?: unknown }).key)),
  )

/** What a feed gives until it has nothing for now. */
async function untilBeat(feed: AsyncIterator<{ operations: readonly object[] }>) {
  const changes: { operations: readonly object[] }[] = []
  for (;;) {
    const { value } = await feed.next()
    if (value === undefined || value.operations.length === 0) return keysOf(changes)
    changes.push(value)
  }
}

describe.each(Object.keys(MODES))('%s', (mode) => {
  const open = () => openFresh(MODES[mode]) as Promise<Database>

  it('waits for a sync, by whomever', async () => {
    const db = await open()
    const feed = db.changes({ durable: true, heartbeatMs: 1 })
    await feed.next()
    for (const key of ['a', 'b']) await db.default.put(key, 'v')
    expect(await untilBeat(feed)).toEqual([])
    await db.flushWAL({ sync: true })
    expect(keysOf(await take(feed, 2))).toEqual(['a', 'b'])
    await db.default.put('c', 'v')
    expect(await untilBeat(feed)).toEqual([])
    await db.flushWAL()
    expect(await untilBeat(feed)).toEqual([])
    await db.default.put('d', 'v', { sync: true })
    expect(keysOf(await take(feed, 2))).toEqual(['c', 'd'])
    await db.default.put('e', 'v')
    await db.transaction((tx) => tx.put(db.default, 'f', 'v'), { sync: true })
    expect(keysOf(await take(feed, 2))).toEqual(['e', 'f'])
    await feed.return()
  })

  it('syncs what was there when it is opened, so that its places cannot be lost', async () => {
    const db = await open()
    const after = await tokenOf(db)
    for (const key of ['a', 'b']) await db.default.put(key, 'v')
    await using feed = db.changes({ after, durable: true })
    expect(keysOf(await take(feed, 2))).toEqual(['a', 'b'])
    await using watch = db.default.watch({ initial: true, prefix: 'a', durable: true })
    expect(await take(watch, 2)).toMatchObject([{ type: 'put' }, { type: 'ready' }])
  })

  it('gives each commit once where some are synced and some are not', async () => {
    const db = await open()
    await using feed = db.changes({ after: await tokenOf(db), durable: true })
    const writes = Array.from({ length: 60 }, (_, n) =>
      db.default.put(`k${n}`, 'v', { sync: n % 7 === 3 }),
    )
    await Promise.all(writes)
    await db.flushWAL({ sync: true })
    const keys: string[] = []
    while (keys.length < 60) keys.push(...keysOf(await take(feed, 1)))
    expect(keys).toEqual(writes.map((_, n) => `k${n}`))
  })
})

it('goes on after a reopen with what was there, without another sync', async () => {
  const options = { tuning: { changesRetainMb: 16 } } as const
  let db: Database = await openFresh(options)
  const after = await tokenOf(db)
  await db.default.put('a', 'v')
  db = await reopen(db, options)
  await using feed = db.changes({ after, durable: true })
  expect(keysOf(await take(feed, 1))).toEqual(['a'])
})

it('says that commits without the WAL are missing', async () => {
  const db = await openFresh()
  await using feed = db.changes({ after: await tokenOf(db), durable: true })
  await db.default.put('a', 'v')
  await db.default.put('b', 'v', { disableWAL: true })
  await db.default.put('c', 'v', { sync: true })
  expect(keysOf(await take(feed, 1))).toEqual(['a'])
  await expectRejection(feed.next(), 'ERR_CHANGES_GAP')
})

it('works in memory, where everything is as safe as it gets', async () => {
  const db = await Database.open(Database.memory('durable changes'))
  try {
    await using feed = db.changes({ after: await tokenOf(db), durable: true })
    await db.default.put('a', 'v')
    await db.flushWAL({ sync: true })
    expect(keysOf(await take(feed, 1))).toEqual(['a'])
  } finally {
    await db.close()
  }
})

traced(
  'does not take a commit for synced that came while a sync was under way',
  async () => {
    const program = new Program('durable', [directory('db')])
    await program.waitFor('waiting')
    const stop = await inject(program, 'delay_exit=4000000')
    program.send('go on')
    await program.waitFor('late')
    await stop()
    program.send('go on')
    const { code, said, stderr } = await program.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(last(said, 'late')).toBeGreaterThan(1)
    expect(last(said, 'given')).toEqual(['early'])
    expect(last(said, 'given later')).toBe('late')
  },
  60_000,
)
