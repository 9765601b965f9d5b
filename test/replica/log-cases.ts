/** What every log of a replica must do; both logs of the tests are held to it. */
import assert from 'node:assert/strict'
import {
  AppendError,
  type AppendFailure,
  LogGapError,
  LogLostError,
  type LogRecord,
  type OpenLog,
} from '../../lib/replica/log'

/** A log under test, and what others do to it. */
export interface Harness {
  /** Opens one more way to the same log. */
  open(): Promise<OpenLog>
  /** The same, of a log from which records can be deleted. */
  openLoose(): Promise<OpenLog>
  /** Puts a record at the end without any expectation. */
  insert(bytes: Uint8Array): Promise<void>
  /** Deletes one record. */
  remove(sequence: number): Promise<void>
  /** Deletes the log and makes it anew. */
  recreate(): Promise<void>
}

export type Cases = Record<string, (harness: Harness) => Promise<void>>

export const text = (value: string) => new TextEncoder().encode(value)
export const told = (record: LogRecord | undefined) =>
  record && `${record.sequence} ${record.id} ${new TextDecoder().decode(record.bytes)}`

/** How an append failed; undefined where it did not. */
export async function failureOf(append: Promise<number>): Promise<AppendFailure | undefined> {
  try {
    await append
    return undefined
  } catch (error) {
    assert(error instanceof AppendError, String(error))
    return error.failure
  }
}

/** Appends `count` records, one after another, named by their place. */
export async function fill(log: OpenLog, count: number, name = 'r'): Promise<void> {
  const { last } = await log.bounds()
  for (let i = last; i < last + count; i++) {
    await log.append(text(`${name}${i + 1}`), { id: `${name}:${i + 1}`, expected: i })
  }
}

/** The next `count` records from `from` on. */
export async function take(log: OpenLog, from: number, count: number): Promise<LogRecord[]> {
  const end = new AbortController()
  const records: LogRecord[] = []
  for await (const batch of log.follow(from, end.signal)) {
    records.push(...batch)
    if (records.length >= count) break
  }
  end.abort()
  return records
}

export const cases: Cases = {
  async 'appends only behind the expected record, from an empty log on'({ open }) {
    const log = await open()
    assert.equal(await failureOf(log.append(text('x'), { id: 'x', expected: 1 })), 'conflict')
    assert.equal(await log.append(text('a'), { id: 'a', expected: 0 }), 1)
    assert.equal(await failureOf(log.append(text('b'), { id: 'b', expected: 0 })), 'conflict')
    assert.equal(await failureOf(log.append(text('b'), { id: 'b2', expected: 2 })), 'conflict')
    assert.equal(await log.append(text('b'), { id: 'b', expected: 1 }), 2)
    assert.equal(told(await log.read(1)), '1 a a')
    assert.equal(told(await log.read(2)), '2 b b')
    assert.equal(await log.read(3), undefined)
  },

  async 'appends a record once that is appended twice'({ open }) {
    const log = await open()
    await fill(log, 3)
    for (const sequence of [2, 3]) {
      const again = { id: `r:${sequence}`, expected: sequence - 1 }
      const outcome = await log.append(text(`r${sequence}`), again).catch((error) => error.failure)
      assert([sequence, 'conflict'].includes(outcome), String(outcome))
    }
    assert.equal((await log.bounds()).last, 3)
  },

  async 'says where the log begins and ends'({ open }) {
    const log = await open()
    const empty = await log.bounds()
    assert.deepEqual([empty.first, empty.last, empty.bytes], [1, 0, 0])
    await fill(log, 5)
    await log.trim(4)
    const some = await log.bounds()
    assert.deepEqual([some.first, some.last], [4, 5])
    assert(some.bytes > 0 && some.timeMs >= empty.timeMs)
    await log.trim(3)
    assert.equal((await log.bounds()).first, 4)
    await log.trim(6)
    const none = await log.bounds(true)
    assert.deepEqual([none.first, none.last, none.bytes], [6, 5, 0])
    assert.equal(await log.read(5), undefined)
    assert.equal(await log.append(text('6'), { id: '6', expected: 5 }), 6)
  },

  async 'appends many at a time in their order'({ open }) {
    const log = await open()
    const appends = Array.from({ length: 32 }, (_, i) =>
      log.append(text(`${i}`), { id: `p:${i}`, expected: i }),
    )
    assert.deepEqual(
      await Promise.all(appends),
      Array.from({ length: 32 }, (_, i) => i + 1),
    )
    const records = await take(log, 1, 32)
    assert.deepEqual(
      records.map(told),
      Array.from({ length: 32 }, (_, i) => `${i + 1} p:${i} ${i}`),
    )
  },

  async 'follows from any record, and gives what comes later'({ open }) {
    const log = await open()
    const other = await open()
    await fill(log, 300)
    const end = new AbortController()
    const records: LogRecord[] = []
    for await (const batch of other.follow(11, end.signal)) {
      records.push(...batch)
      if (records.length === 290) await fill(log, 10)
      if (records.length === 300) end.abort()
    }
    assert.deepEqual(
      records.map((record) => record.sequence),
      Array.from({ length: 300 }, (_, i) => i + 11),
    )
    assert.equal(told(records[0]), '11 r:11 r11')
    assert.equal(records.at(-1)?.pending, 0)
    assert(records.every((record) => Number.isFinite(record.timeMs) && record.timeMs > 1e12))
  },

  async 'ends following with its signal, also one that waits'({ open }) {
    const log = await open()
    const end = new AbortController()
    const following = log.follow(1, end.signal)[Symbol.asyncIterator]()
    const next = following.next()
    end.abort()
    assert.equal((await next).done, true)
  },

  async 'fails where records are gone that were to be followed'({ open }) {
    const log = await open()
    await fill(log, 10)
    await log.trim(6)
    await assert.rejects(take(log, 3, 1), (error) => {
      assert(error instanceof LogGapError, String(error))
      assert.deepEqual([error.wanted, error.first], [3, 6])
      return true
    })
    await log.trim(11)
    await assert.rejects(take(log, 10, 1), LogGapError)
  },

  async 'fails where a record in between is gone'({ openLoose, remove }) {
    const log = await openLoose()
    await fill(log, 10)
    await remove(5)
    const sequences: number[] = []
    const reading = (async () => {
      for await (const batch of log.follow(3, new AbortController().signal)) {
        sequences.push(...batch.map((record) => record.sequence))
      }
    })()
    await assert.rejects(reading, (error) => {
      assert(error instanceof LogGapError, String(error))
      assert.deepEqual([error.wanted, error.first], [5, 6])
      return true
    })
    assert.deepEqual(sequences, [3, 4])
  },

  async 'fails where the log is shorter than what was read of it'({ open }) {
    const log = await open()
    await fill(log, 3)
    await assert.rejects(take(log, 5, 1), (error) => {
      assert(error instanceof LogLostError, String(error))
      assert.deepEqual([error.wanted, error.last], [5, 3])
      return true
    })
  },

  async 'refuses a record over its size, and no other for it'({ open }) {
    const log = await open()
    const bytes = new Uint8Array(log.maxRecordBytes).fill(7)
    const over = new Uint8Array(log.maxRecordBytes + 1)
    assert.equal(await failureOf(log.append(over, { id: 'over', expected: 0 })), 'refused')
    assert.equal(await log.append(bytes, { id: 'i'.repeat(64), expected: 0 }), 1)
    assert.deepEqual((await log.read(1))?.bytes, bytes)
    assert.equal(await log.append(new Uint8Array(0), { id: 'empty', expected: 1 }), 2)
    assert.deepEqual((await log.read(2))?.bytes, new Uint8Array(0))
  },

  async 'takes none of many that were sent behind one that conflicts'({ open }) {
    const log = await open()
    await fill(log, 1)
    const appends = Array.from({ length: 32 }, (_, i) =>
      failureOf(log.append(text(`${i}`), { id: `m:${i}`, expected: i < 16 ? i + 1 : i + 2 })),
    )
    const outcomes = await Promise.all(appends)
    assert.deepEqual(outcomes.slice(0, 16), Array(16).fill(undefined))
    assert.deepEqual(outcomes.slice(16), Array(16).fill('conflict'))
    assert.equal((await log.bounds(true)).last, 17)
  },

  async 'lets strays in behind a record that took the place of another'({ open, insert }) {
    const log = await open()
    await fill(log, 1)
    await insert(text('foreign'))
    const appends = [1, 2, 3].map((expected) =>
      failureOf(log.append(text(`${expected}`), { id: `s:${expected}`, expected })),
    )
    assert.deepEqual(await Promise.all(appends), ['conflict', undefined, undefined])
    assert.deepEqual((await take(log, 1, 4)).map(told), [
      '1 r:1 r1',
      '2  foreign',
      '3 s:2 2',
      '4 s:3 3',
    ])
  },

  async 'has a lease that one of many gets'({ open }) {
    const logs = [await open(), await open(), await open()]
    assert.equal(await logs[0]?.lease.read(), undefined)
    const first = await Promise.all(logs.map((log, i) => log.lease.write(`node ${i}`, 0)))
    assert.equal(first.filter((revision) => revision !== undefined).length, 1)
    const [log] = logs as [OpenLog]
    const lease = await log.lease.read()
    assert.equal(lease?.text, `node ${first.findIndex((revision) => revision !== undefined)}`)
    const revision = lease?.revision ?? 0
    const later = await Promise.all(logs.map((each) => each.lease.write('again', revision)))
    assert.equal(later.filter((each) => each !== undefined).length, 1)
    assert.equal(await log.lease.write('stale', revision), undefined)
    const newest = (await log.lease.read())?.revision ?? 0
    assert.equal(typeof (await log.lease.write('', newest)), 'number')
    assert.equal((await log.lease.read())?.text, '')
  },

  async 'tells of each change of the lease'({ open }) {
    const [log, other] = [await open(), await open()]
    let revision = (await log.lease.write('before', 0)) ?? 0
    const seen: string[] = []
    let heard: () => void = () => undefined
    const stop = await other.lease.watch((lease) => {
      seen.push(`${lease.revision} ${lease.text}`)
      heard()
    })
    const wanted: string[] = []
    for (const each of ['a', 'b', '']) {
      const came = new Promise<void>((resolve) => {
        heard = resolve
      })
      revision = (await log.lease.write(each, revision)) ?? 0
      wanted.push(`${revision} ${each}`)
      await came
    }
    stop()
    revision = (await log.lease.write('unheard', revision)) ?? 0
    await other.lease.read()
    assert.deepEqual(seen, wanted)
  },

  async 'fails all calls once it is closed'({ open }) {
    const log = await open()
    await fill(log, 1)
    const following = log.follow(2, new AbortController().signal)[Symbol.asyncIterator]()
    const next = following.next()
    next.catch(() => undefined)
    await log.close()
    await assert.rejects(next)
    await assert.rejects(log.bounds())
    await assert.rejects(log.read(1))
    await assert.rejects(log.trim(1))
    await assert.rejects(log.lease.read())
    assert.notEqual(await failureOf(log.append(text('x'), { id: 'x', expected: 1 })), undefined)
    await log.close()
  },
}
