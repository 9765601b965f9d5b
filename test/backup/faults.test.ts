/** Targets that fail, at each of their calls: no backup that counts is ever broken, and the next one works. */
import { rmSync } from 'node:fs'
import { backup, backups, directory, restore, startBackups } from 'rocksdb-live/backup'
import { openAt, useTempDirectory } from '../support/database'
import { allRows, Between, rowsIn } from './support'

const dir = useTempDirectory()

const OPTIONS = { tuning: { changesRetainMb: 16 } } as const
/** Failures of a call before it is made, and of its answer. */
const WAYS = ['before', 'after'] as const
/** More than any of these makes. */
const MOST_CALLS = 100

/** Whether a run ended well; the error of a target is not. */
async function wentWell(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run()
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_BACKUP_TARGET', retryable: true })
    return false
  }
}

/** Fails the n-th call from now on. Returns whether there was one. */
function failAt(between: Between, way: (typeof WAYS)[number], n: number): () => boolean {
  let calls = 0
  const fail = () => {
    if (calls++ === n) throw new Error('as asked for')
  }
  between.before = way === 'before' ? fail : () => {}
  between.after = way === 'after' ? fail : () => {}
  return () => calls > n
}

const calm = (between: Between) => {
  between.before = () => {}
  between.after = () => {}
}

async function expectWhole(between: Between, rows: unknown) {
  for (const { id } of await backups(between).list()) {
    expect((await backups(between).verify(id)).problems).toEqual([])
  }
  rmSync(dir('restored'), { recursive: true, force: true })
  await restore(between, dir('restored'))
  expect(await rowsIn(dir('restored'))).toEqual(rows)
}

it.each(WAYS)('backup, at each call (%s)', async (way) => {
  const db = await openAt(dir('db'), OPTIONS)
  const between = new Between(directory(dir('target')))
  await db.default.put('first', '')
  await backup(db, between)
  let failures = 0
  for (let n = 0; ; n++) {
    await db.default.put('k', String(n))
    const failed = failAt(between, way, n)
    const before = await ids()
    const well = await wentWell(() => backup(db, between))
    calm(between)
    // A lost answer to the last swap: the backup is there.
    if (!well)
      expect((await ids()).length - before.length).toBeLessThanOrEqual(way === 'after' ? 1 : 0)
    else expect((await ids()).length).toBe(before.length + 1)
    for (const id of await ids()) {
      expect((await backups(between).verify(id)).problems).toEqual([])
    }
    if (!failed()) break
    failures++
  }
  expect(failures).toBeGreaterThan(5)
  await backup(db, between)
  await expectWhole(between, await allRows(db))
  await backups(between).keep({ last: 1 })
  await expectWhole(between, await allRows(db))

  async function ids() {
    const saved = [between.before, between.after] as const
    calm(between)
    const all = await backups(between).list()
    ;[between.before, between.after] = saved
    return all.map(({ id }) => id)
  }
})

it.each(WAYS)('keep, at each call (%s)', async (way) => {
  const db = await openAt(dir('db'), OPTIONS)
  const between = new Between(directory(dir('target')))
  let failures = 0
  for (let n = 0; n < MOST_CALLS; n++) {
    // As many objects each time: the last failure may have left some.
    await backups(between).keep({ last: 1 })
    for (const k of ['one', 'two']) {
      await db.default.put(k, String(n))
      await backup(db, between)
    }
    const failed = failAt(between, way, n)
    await wentWell(() => backups(between).keep({ last: 1 }))
    calm(between)
    await expectWhole(between, await allRows(db))
    // What was half deleted is named by nothing that is made now.
    await db.default.put('k', `again ${n}`)
    await db.flush()
    await backup(db, between)
    await expectWhole(between, await allRows(db))
    if (!failed()) break
    failures++
  }
  expect(failures).toBeGreaterThan(5)
  await backups(between).keep({ last: 1 })
  await expectWhole(between, await allRows(db))
})

it.each(WAYS)(
  'continuous backups, at each call (%s)',
  async (way) => {
    const db = await openAt(dir('db'), OPTIONS)
    let failures = 0
    for (let n = 0; n < MOST_CALLS; n++) {
      const between = new Between(directory(dir(`target-${n}`)))
      const failed = failAt(between, way, n)
      const well = await wentWell(async () => {
        await using stream = await startBackups(db, between, { everyMs: 1, keepMs: 1 })
        await db.default.put('k', String(n))
        await stream.flushed()
        await db.default.put('l', String(n))
        await stream.flushed()
        await stream.snapshot()
      })
      calm(between)
      if (well) await expectWhole(between, await allRows(db))
      await using stream = await startBackups(db, between)
      await stream.flushed()
      expect(stream.status().state).toBe('running')
      await expectWhole(between, await allRows(db))
      if (!failed()) break
      failures++
    }
    expect(failures).toBeGreaterThan(5)
  },
  120_000,
)

it('what happens at a restore leaves nothing that looks whole', async () => {
  const db = await openAt(dir('db'), OPTIONS)
  const between = new Between(directory(dir('target')))
  await using stream = await startBackups(db, between)
  await db.default.put('k', '1')
  await stream.flushed()
  for (let n = 0; ; n++) {
    const failed = failAt(between, 'before', n)
    const well = await wentWell(() => restore(between, dir('restored')))
    calm(between)
    if (well) break
    expect(failed()).toBe(true)
    await expect(rowsIn(dir('restored'))).rejects.toThrow()
  }
  expect(await rowsIn(dir('restored'))).toEqual(await allRows(db))
})

it('an outage is bridged: what was written meanwhile is sent once it ends', async () => {
  const db = await openAt(dir('db'), OPTIONS)
  const between = new Between(directory(dir('target')))
  const told: Error[] = []
  let recovered = () => {}
  const out = new Promise<void>((resolve) => {
    recovered = resolve
  })
  await using stream = await startBackups(db, between, {
    everyMs: 1,
    onError: (error) => {
      told.push(error)
      if (told.length === 3) recovered()
    },
  })
  await stream.flushed()
  between.before = () => {
    throw new Error('gone')
  }
  await db.default.put('k', 'v')
  const flushed = stream.flushed()
  await out
  expect(stream.status()).toMatchObject({ state: 'failing', error: { code: 'ERR_BACKUP_TARGET' } })
  expect(stream.status().lagMs).toBeGreaterThanOrEqual(0)
  await db.flush()
  await db.default.put('l', 'w')
  calm(between)
  await flushed
  await stream.flushed()
  expect(stream.status()).toMatchObject({ state: 'running', error: undefined, snapshots: 1 })
  await expectWhole(between, await allRows(db))
}, 60_000)
