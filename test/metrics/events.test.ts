/** Events of open databases: for listeners and on diagnostics channels. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { CompactionEvent, Database, FlushEvent } from 'rocksdb-live'
import { openAt, openFresh, useTempDirectory } from '../support/database'
import { eventually } from '../support/tools'

useTempDirectory()

/** Collects the events of a type; returns them and a way to wait for a number of them. */
function gathered<E>(): {
  events: E[]
  listener: (event: E) => void
  wait(n: number): Promise<E[]>
} {
  const events: E[] = []
  return {
    events,
    listener: (event) => void events.push(event),
    wait: (n) => eventually('events', () => (events.length >= n ? events : undefined)),
  }
}

describe('db.on', () => {
  it('tells of a flush and of a compaction, and of what they were', async () => {
    const db = await openFresh({ columnFamilies: { users: {} } })
    const flushes = gathered<FlushEvent>()
    const compactions = gathered<CompactionEvent>()
    expect(db.on('flush', flushes.listener)).toBe(db)
    db.on('compaction', compactions.listener)
    const users = db.columnFamily('users')
    for (let n = 0; n < 2; n++) {
      for (let k = 0; k < 10; k++) await users.put(`k${k}`, Buffer.alloc(1000))
      await db.flush('users')
    }
    await db.compactRange('users')
    const [flush] = await flushes.wait(2)
    expect(flush).toEqual({
      path: db.path,
      columnFamily: 'users',
      reason: 'Manual Flush',
      file: expect.stringMatching(/\.sst$/),
      entries: 10,
      bytes: expect.any(Number),
      blobBytes: 0,
      droppedEvents: 0,
    })
    expect(flush?.bytes).toBeGreaterThan(0)
    const [compaction] = await compactions.wait(1)
    expect(compaction).toMatchObject({
      path: db.path,
      columnFamily: 'users',
      reason: 'ManualCompaction',
      inputLevel: 0,
      inputFiles: 2,
      outputFiles: 1,
      inputEntries: 20,
      outputEntries: 10,
    })
    expect(compaction?.outputLevel).toBeGreaterThan(0)
    expect(compaction?.durationMs).toBeGreaterThan(0)
    expect(compaction?.inputBytes).toBeGreaterThan(compaction?.outputBytes ?? 0)
    expect(compaction).not.toHaveProperty('error')
  })

  it('ends with off, and once tells once', async () => {
    const db = await openFresh()
    const always = gathered<FlushEvent>()
    const once = gathered<FlushEvent>()
    const never = gathered<FlushEvent>()
    db.on('flush', always.listener).once('flush', once.listener).on('flush', never.listener)
    db.off('flush', never.listener)
    for (let n = 0; n < 3; n++) {
      await db.default.put('k', String(n))
      await db.flush()
    }
    await always.wait(3)
    expect([once.events.length, never.events.length]).toEqual([1, 0])
  })

  it('tells every opening of a database, and none after its close', async () => {
    const one = await openFresh()
    const two = await openAt(one.path)
    const first = gathered<FlushEvent>()
    const second = gathered<FlushEvent>()
    one.on('flush', first.listener)
    two.on('flush', second.listener)
    await one.default.put('k', 'v')
    await one.flush()
    await Promise.all([first.wait(1), second.wait(1)])
    await one.default.put('k', 'v', { disableWAL: true }) // the last close will flush it
    await one.close()
    await two.default.put('k', 'w')
    await two.flush()
    await second.wait(2)
    await two.default.put('k', 'v', { disableWAL: true })
    await two.close()
    await new Promise(setImmediate)
    expect([first.events.length, second.events.length]).toEqual([1, 2])
    const refused = () => one.on('flush', first.listener)
    expect(refused).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
    one.off('flush', first.listener)
  })

  it.each([
    ['flsh', () => {}, 'ERR_INVALID_ARG_VALUE'],
    [undefined, () => {}, 'ERR_INVALID_ARG_TYPE'],
    [7, () => {}, 'ERR_INVALID_ARG_TYPE'],
    ['flush', undefined, 'ERR_INVALID_ARG_TYPE'],
    ['flush', {}, 'ERR_INVALID_ARG_TYPE'],
  ])('refuses %p with %p', async (event, listener, code) => {
    const db = await openFresh()
    for (const method of ['on', 'once', 'off'] as const) {
      const call = () => (db as Database)[method](event as 'flush', listener as () => void)
      expect(call).toThrow(expect.objectContaining({ code }))
    }
  })
})

describe('diagnostics channels', () => {
  it('get the same, of every database', async () => {
    const messages = gathered<unknown>()
    subscribe('rocksdb-live:flush', messages.listener)
    try {
      const one = await openFresh()
      const two = await openFresh()
      const heard = gathered<FlushEvent>()
      one.on('flush', heard.listener)
      for (const db of [one, two]) {
        await db.default.put('k', 'v')
        await db.flush()
      }
      await Promise.all([messages.wait(2), heard.wait(1)])
      const paths = messages.events.map((message) => (message as FlushEvent).path)
      expect(paths).toEqual([one.path, two.path])
      expect(messages.events[0]).toEqual(heard.events[0])
    } finally {
      unsubscribe('rocksdb-live:flush', messages.listener)
    }
  })
})
