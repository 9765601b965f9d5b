/** The feed of a secondary: the primary's commits and tokens, as far as it has caught up. */
import { rmSync } from 'node:fs'
import type { Database, OpenOptions } from 'rocksdb-live'
import { take, tokenOf } from '../support/changes'
import { openAt, useTempDirectory } from '../support/database'
import { coded, expectRejection } from '../support/expectations'
import { Random } from '../support/random'
import { Consumer, FENCE, rowsOf } from './copies'
import { NAMES, SPECS, Writer } from './writers'

const dir = useTempDirectory()

const OPTIONS = { columnFamilies: SPECS, tuning: { changesRetainMb: 1024 } } as const

const openPrimary = (options: OpenOptions<typeof SPECS> = OPTIONS) => openAt(dir('db'), options)
const openSecondary = (name = 'secondary') =>
  openAt(dir('db'), { columnFamilies: SPECS, mode: { secondary: dir(name) } })

/** Texts of what is put, one array for each change. */
const keysOf = (changes: { operations: readonly { type: string; key?: unknown }[] }[]) =>
  changes.map(({ operations }) => operations.map(({ type, key }) => `${type} ${String(key)}`))

describe('the feed of a secondary', () => {
  it('waits until catchUp, and has the tokens of the primary', async () => {
    const primary = await openPrimary()
    const a = primary.columnFamily('a')
    const after = await tokenOf(primary)
    await a.put('before', '1')
    const secondary = await openSecondary()
    await using feed = secondary.changes({ after })
    const [first] = await take(feed, 1)
    expect(first?.operations).toEqual([{ type: 'put', family: 'a', key: 'before', value: '1' }])
    let answered = false
    const next = take(feed, 2).finally(() => {
      answered = true
    })
    await primary.batch().put(a, 'k', '2').delete(a, 'before').write()
    await a.put('l', '3')
    await secondary.columnFamily('a').get('k')
    expect(answered).toBe(false)
    await secondary.catchUp()
    const changes = await next
    expect(keysOf(changes)).toEqual([['put k', 'delete before'], ['put l']])
    const there = await take(primary.changes({ after }), 3)
    expect(there.map(({ token }) => token)).toEqual([first, ...changes].map((each) => each?.token))
    expect(there.map(({ sequence }) => sequence)).toEqual(
      [first, ...changes].map((each) => each?.sequence),
    )
  })

  it('waits for a token that it has not caught up with, and goes on behind it', async () => {
    const primary = await openPrimary()
    const a = primary.columnFamily('a')
    await tokenOf(primary)
    const secondary = await openSecondary()
    await a.put('k', '1')
    const after = await tokenOf(primary)
    await using feed = secondary.changes({ after })
    const next = take(feed, 1)
    await secondary.catchUp()
    await a.put('l', '2')
    await secondary.catchUp()
    expect(keysOf(await next)).toEqual([['put l']])
  })

  it('reads on in files that were moved to the archive, over flushes and reopens', async () => {
    let primary = await openPrimary()
    const after = await tokenOf(primary)
    const secondary = await openSecondary()
    await using feed = secondary.changes({ after })
    for (let round = 0; round < 4; round++) {
      const a = primary.columnFamily('a')
      for (let n = 0; n < 3; n++) await a.put(`k${n}`, String(round))
      await primary.flush()
      await a.put('behind', String(round))
      if (round % 2 === 1) {
        await primary.close()
        primary = await openPrimary()
      }
      await secondary.catchUp()
      const keys = ['put k0', 'put k1', 'put k2', 'put behind'].map((key) => [key])
      expect(keysOf(await take(feed, 4))).toEqual(keys)
    }
  })

  it('tells of families that come and go, with their merge operators', async () => {
    const primary = await openPrimary()
    const after = await tokenOf(primary)
    const secondary = await openSecondary()
    const made = await primary.createColumnFamily('sums', { mergeOperator: 'uint64add' })
    await made.put('k', Buffer.alloc(8))
    await primary.dropColumnFamily(made)
    await primary.createColumnFamily('plain')
    await secondary.catchUp()
    const operations = (await take(secondary.changes({ after }), 4)).flatMap(
      (change) => change.operations as object[],
    )
    expect(operations).toEqual([
      { type: 'createFamily', family: 'sums', mergeOperator: 'uint64add' },
      expect.objectContaining({ type: 'put', family: 'sums', dropped: true }),
      { type: 'dropFamily', family: 'sums' },
      { type: 'createFamily', family: 'plain', mergeOperator: undefined },
    ])
  })

  it('watches: rows of its view, and then what catchUp brings', async () => {
    const primary = await openPrimary()
    const merged = primary.columnFamily('merged')
    await tokenOf(primary)
    await merged.put('k', 'a')
    const secondary = await openSecondary()
    await merged.put('l', 'unseen')
    await using watch = secondary.columnFamily('merged').watch({ initial: true })
    const rows = await take(watch, 2)
    expect(rows).toEqual([
      { type: 'put', key: 'k', value: 'a' },
      { type: 'ready', token: expect.any(String) },
    ])
    await merged.merge('k', 'b')
    await secondary.catchUp()
    const events = (await take(watch, 2)).map((event) => ({ ...event, token: undefined }))
    expect(events).toEqual([
      { type: 'put', key: 'l', value: 'unseen' },
      { type: 'put', key: 'k', value: 'a,b' },
    ])
  })

  it('copies end with the rows, whatever is written', async () => {
    const random = Random.fromEnvironment('CHANGES_SEED')
    let primary = await openPrimary()
    const token = await tokenOf(primary)
    const secondary = await openSecondary()
    const consumers = (['fast', 'slow', 'restarts'] as const).map((manner) => {
      const consumer = new Consumer(manner, new Random(random.below(2 ** 32)), all, token)
      consumer.copy.families.get('default')?.set('marks the place', 'here')
      return consumer
    })
    for (let round = 0; round < 3; round++) {
      const fence = String(round)
      let reading = true
      const reads = Promise.all(consumers.map((each) => each.follow(secondary, fence)))
      const following = reads.finally(() => {
        reading = false
      })
      following.catch(() => {})
      const writes = Promise.all(
        ['one', 'two'].map((name) => new Writer(primary, random, name).write(400)),
      )
      await Promise.all([writes, catchUps(secondary, () => false, 20)])
      await primary.default.put(FENCE, fence)
      if (round === 1) {
        await primary.close()
        primary = await openPrimary()
      }
      await catchUps(secondary, () => !reading)
      await following
      const rows = await rowsOf([
        primary.default,
        ...NAMES.map((name) => primary.columnFamily(name)),
      ])
      for (const { copy, manner } of consumers)
        expect([manner, copy.rows()]).toEqual([manner, rows])
    }
  }, 120_000)
})

const all = ['default', ...NAMES]

async function catchUps(
  secondary: Pick<Database, 'catchUp'>,
  ended: () => boolean,
  most = Number.POSITIVE_INFINITY,
) {
  for (let n = 0; n < most && !ended(); n++) {
    await secondary.catchUp()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('a secondary refuses', () => {
  it('changes of a database whose writer has read none', async () => {
    const primary = await openAt(dir('db'))
    await primary.default.put('k', 'v')
    const secondary = await openAt(dir('db'), { mode: { secondary: dir('secondary') } })
    await expectRejection(secondary.changes().next(), 'ERR_NOT_SUPPORTED', 'changesRetainMb')
    await tokenOf(primary)
    await secondary.catchUp()
    await using feed = secondary.changes({ heartbeatMs: 1 })
    expect((await take(feed, 1))[0]?.operations).toEqual([])
  })

  it('durable changes, and to keep any', async () => {
    const primary = await openPrimary()
    await tokenOf(primary)
    const secondary = await openSecondary()
    const next = secondary.changes({ durable: true }).next()
    await expectRejection(next, 'ERR_NOT_SUPPORTED', 'durable')
    await expectRejection(secondary.retainChanges('a'), 'ERR_READ_ONLY')
    await expectRejection(secondary.releaseChanges('a'), 'ERR_READ_ONLY')
    await expectRejection(secondary.retainedChanges(), 'ERR_NOT_SUPPORTED')
  })

  it('changes that are gone, and those of another database at its path', async () => {
    let primary = await openAt(dir('db'))
    const after = await tokenOf(primary)
    const secondary = await openAt(dir('db'), { mode: { secondary: dir('secondary') } })
    await primary.default.put('k', 'v')
    await primary.flush()
    await primary.close()
    primary = await openAt(dir('db'))
    await primary.default.put('l', 'v')
    await secondary.catchUp()
    await expectRejection(take(secondary.changes({ after }), 9), 'ERR_CHANGES_GAP')
    const here = await tokenOf(primary)
    await primary.default.put('m', 'v')
    await secondary.catchUp()
    await using feed = secondary.changes({ after: here })
    await take(feed, 1)
    const next = feed.next()
    next.catch(() => {})
    await primary.close()
    rmSync(dir('db'), { recursive: true })
    primary = await openAt(dir('db'))
    await tokenOf(primary)
    await secondary.catchUp()
    await expect(next).rejects.toEqual(coded('ERR_CHANGES_EPOCH'))
    await expectRejection(secondary.changes({ after }).next(), 'ERR_CHANGES_EPOCH')
  })
})
