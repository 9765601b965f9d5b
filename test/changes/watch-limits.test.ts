/** Watches that miss something, that have hardly any memory, and whose family goes. */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ChangeStream, WatchEvent } from 'rocksdb-live'
import { take } from '../support/changes'
import { openFresh, useTempDirectory } from '../support/database'
import { expectRejection } from '../support/expectations'

useTempDirectory()

const spec = { key: 'utf8', value: 'utf8' } as const
const SPECS = { users: spec, lists: { ...spec, mergeOperator: 'stringappend' } } as const
const open = () => openFresh({ columnFamilies: SPECS })

type Events = ChangeStream<WatchEvent<string, string>>

/** A copy that is kept by a watch. */
class Mirror {
  readonly rows = new Map<string, string>()
  readonly resets: string[] = []
  ready = 0

  constructor(readonly watch: Events) {}

  /** Takes events until one has been taken of which this is true. */
  async until(done: (event: WatchEvent<string, string>) => boolean): Promise<void> {
    for (;;) {
      const [event] = (await take(this.watch, 1)) as [WatchEvent<string, string>]
      if (event.type === 'put') this.rows.set(event.key, event.value)
      else if (event.type === 'delete') this.rows.delete(event.key)
      else if (event.type === 'ready') this.ready++
      else if (event.type === 'deleteRange') {
        for (const key of this.rows.keys()) {
          if (key >= event.gte && key < event.lt) this.rows.delete(key)
        }
      } else if (event.type === 'reset') {
        this.rows.clear()
        this.resets.push(event.reason)
      }
      if (done(event)) return
    }
  }

  get sorted() {
    return [...this.rows].sort(([a], [b]) => (a < b ? -1 : 1))
  }
}

const isReady = ({ type }: { type: string }) => type === 'ready'
const puts = (wanted: string) => (event: WatchEvent<string, string>) =>
  event.type === 'put' && event.key === wanted

describe('a gap', () => {
  it('is a reset with that reason, and then the rows', async () => {
    const db = await open()
    const users = db.columnFamily('users')
    await users.put('u:1', 'old')
    await using watch = users.watch({ prefix: 'u:', initial: true })
    const mirror = new Mirror(watch)
    await mirror.until(isReady)
    // More than the memory keeps; a flush, after which the WAL is deleted.
    for (let n = 0; n < 30; n++) await db.default.put('k', 'x'.repeat(100_000))
    await users.put('u:2', 'new')
    await users.delete('u:1')
    await db.flush()
    for (const name of readdirSync(db.path)) {
      if (name.endsWith('.log') && name !== newest(db.path)) rmSync(join(db.path, name))
    }
    await users.put('u:3', 'new')
    await mirror.until(isReady)
    expect(mirror.resets).toEqual(['gap'])
    expect(mirror.sorted).toEqual([
      ['u:2', 'new'],
      ['u:3', 'new'],
    ])
    await users.put('u:4', 'last')
    await mirror.until(puts('u:4'))
    expect(mirror.rows.size).toBe(3)
  })

  it('is one by a write without the WAL, too, where it is not read at once', async () => {
    const db = await open()
    const users = db.columnFamily('users')
    await using watch = users.watch({ initial: true })
    const mirror = new Mirror(watch)
    await mirror.until(isReady)
    await users.put('a', '1', { disableWAL: true })
    for (let n = 0; n < 30; n++) await db.default.put('k', 'x'.repeat(100_000))
    await mirror.until(isReady)
    expect(mirror.resets).toEqual(['gap'])
    expect(mirror.sorted).toEqual([['a', '1']])
  })
})

function newest(path: string): string | undefined {
  return readdirSync(path)
    .filter((name) => name.endsWith('.log'))
    .sort()
    .at(-1)
}

describe.each([1, 1000, 1 << 30])('maxBufferedBytes: %i', (maxBufferedBytes) => {
  it('ends with the rows, whatever is written while it is read', async () => {
    const db = await open()
    const users = db.columnFamily('users')
    for (let n = 0; n < 50; n++) await users.put(`u:${n}`, 'first')
    await using watch = users.watch({ prefix: 'u:', initial: true, maxBufferedBytes })
    const mirror = new Mirror(watch)
    const write = async () => {
      for (let n = 0; n < 500; n++) {
        const key = `u:${n % 60}`
        if (n % 10 === 7) await users.deleteRange(`u:${n % 50}`, `u:${n % 50}5`)
        else if (n % 3 === 0) await users.delete(key)
        else await users.put(key, `value ${n}`)
      }
      await users.put('u:end', '')
    }
    await Promise.all([write(), mirror.until(isReady)])
    if (!mirror.rows.has('u:end')) await mirror.until(puts('u:end'))
    const rows: [string, string][] = []
    for await (const row of users.entries({ prefix: 'u:' })) rows.push(row)
    expect(mirror.sorted).toEqual(rows)
  })
})

it('gives the part of a deleteRange that is in its prefix', async () => {
  const db = await open()
  const users = db.columnFamily('users')
  await using watch = users.watch({ prefix: 'u:', initial: true })
  await take(watch, 1)
  await users.deleteRange('a', 'u:')
  await users.deleteRange('a', 'u:5')
  await users.deleteRange('u:7', 'z')
  await users.deleteRange('a', 'z')
  await users.deleteRange('u;', 'z')
  await users.put('u:', '')
  const events = (await take(watch, 4)).map((event) => ({ ...event, token: undefined }))
  expect(events).toEqual([
    { type: 'deleteRange', gte: 'u:', lt: 'u:5' },
    { type: 'deleteRange', gte: 'u:7', lt: 'u;' },
    { type: 'deleteRange', gte: 'u:', lt: 'u;' },
    { type: 'put', key: 'u:', value: '' },
  ])
})

it('ends with the values of merges that are made while the first rows are given', async () => {
  const db = await open()
  const lists = db.columnFamily('lists')
  for (const key of ['a', 'b', 'c']) await lists.put(key, '0')
  await using watch = lists.watch({ initial: true })
  const mirror = new Mirror(watch)
  await mirror.until(puts('a'))
  await lists.merge('a', '1')
  await lists.merge('c', '1')
  await lists.merge('d', '1')
  await lists.delete('b')
  await mirror.until(isReady)
  await lists.merge('c', '2')
  await lists.put('end', '')
  await mirror.until(puts('end'))
  expect(mirror.sorted).toEqual([
    ['a', '0,1'],
    ['c', '0,1,2'],
    ['d', '1'],
    ['end', ''],
  ])
})

it.each([1, 3])('ends once its family is dropped after %i events', async (taken) => {
  const db = await open()
  const lists = db.columnFamily('lists')
  for (const key of ['a', 'b', 'c']) await lists.put(key, '0')
  const watch = lists.watch({ initial: true })
  await take(watch, taken)
  await lists.merge('a', '1')
  await db.dropColumnFamily('lists')
  const read = async () => {
    for (;;) await take(watch, 1)
  }
  await expectRejection(read(), 'ERR_DROPPED')
  expect((await watch.next()).done).toBe(true)
})
