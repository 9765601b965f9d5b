/** How change streams end: by break, return, throw, dispose, signal, close, and by being forgotten. */
import type { ChangeStream, Database } from 'rocksdb-live'
import { take, tokenOf } from '../support/changes'
import { openFresh, useTempDirectory } from '../support/database'
import { expectRejection, expectThrow } from '../support/expectations'

useTempDirectory()

const DONE = { done: true, value: undefined }

type Options = { signal?: AbortSignal; heartbeatMs?: number }

const STREAMS: Record<string, (db: Database, options?: Options) => ChangeStream<unknown>> = {
  changes: (db, options) => db.changes(options),
  watch: (db, options) => db.default.watch(options),
  'watch initial': (db, options) => db.default.watch({ ...options, initial: true, prefix: 'x' }),
}

/** A stream of which somebody waits for the next item. */
async function waiting(name: string, db: Database, options?: Options) {
  const stream = (STREAMS[name] as (typeof STREAMS)['changes'])(db, options)
  if (name === 'watch initial') await take(stream, 1)
  return { stream, next: stream.next() }
}

describe.each(Object.keys(STREAMS))('%s', (name) => {
  it('ends with return, which answers whoever waits', async () => {
    const db = await openFresh()
    const { stream, next } = await waiting(name, db)
    const second = stream.next()
    expect(await stream.return()).toEqual(DONE)
    expect([await next, await second, await stream.next()]).toEqual([DONE, DONE, DONE])
    expect(await stream.return()).toEqual(DONE)
  })

  it('ends with throw, which passes the error on', async () => {
    const db = await openFresh()
    const { stream, next } = await waiting(name, db)
    const error = new Error('mine')
    await expect(stream.throw(error)).rejects.toBe(error)
    expect([await next, await stream.next()]).toEqual([DONE, DONE])
  })

  it('ends with await using, before it began or while it waits', async () => {
    const db = await openFresh()
    let stream: ChangeStream<unknown>
    {
      await using unused = (STREAMS[name] as (typeof STREAMS)['changes'])(db)
      stream = unused
    }
    expect(await stream.next()).toEqual(DONE)
    const begun = await waiting(name, db)
    await begun.stream[Symbol.asyncDispose]()
    expect(await begun.next).toEqual(DONE)
  })

  it('ends with its signal, whether or not somebody waits', async () => {
    const db = await openFresh()
    const reason = new Error('enough')
    const controller = new AbortController()
    const { stream, next } = await waiting(name, db, { signal: controller.signal })
    controller.abort(reason)
    await expect(next).rejects.toMatchObject({ code: 'ERR_ABORTED', cause: reason })
    expect(await stream.next()).toEqual(DONE)

    const idle = new AbortController()
    const left = (STREAMS[name] as (typeof STREAMS)['changes'])(db, { signal: idle.signal })
    idle.abort()
    await expectRejection(left.next(), 'ERR_ABORTED')
    expect(await left.next()).toEqual(DONE)

    expectThrow(
      () => (STREAMS[name] as (typeof STREAMS)['changes'])(db, { signal: AbortSignal.abort() }),
      'ERR_ABORTED',
    )
  })

  it('ends with the database, whether or not somebody waits', async () => {
    const db = await openFresh()
    const { stream, next } = await waiting(name, db)
    const second = stream.next()
    const failed = expectRejection(next, 'ERR_CLOSED')
    const idle = (STREAMS[name] as (typeof STREAMS)['changes'])(db)
    await db.close()
    await failed
    expect([await second, await stream.next()]).toEqual([DONE, DONE])
    await expectRejection(idle.next(), 'ERR_CLOSED')
    expect(await idle.next()).toEqual(DONE)
    expectThrow(() => (STREAMS[name] as (typeof STREAMS)['changes'])(db), 'ERR_CLOSED')
  })

  it('lets the database close at once after any end', async () => {
    const db = await openFresh()
    const { stream } = await waiting(name, db)
    stream.return()
    const { next } = await waiting(name, db)
    const failed = expectRejection(next, 'ERR_CLOSED')
    db.closeSync()
    expect(db.closed).toBe(true)
    await failed
  })

  it('answers calls of next in their order', async () => {
    const db = await openFresh()
    const { next, stream } = await waiting(name, db, { heartbeatMs: 1 })
    const all = [next, stream.next(), stream.next()]
    const order: number[] = []
    await Promise.all(all.map((each, n) => each.then(() => order.push(n))))
    expect(order).toEqual([0, 1, 2])
    await stream.return()
  })

  it('refuses a receiver that is none', async () => {
    const db = await openFresh()
    const stream = (STREAMS[name] as (typeof STREAMS)['changes'])(db)
    const { next, return: end, throw: fail } = stream
    for (const wrong of [undefined, {}, db, (async function* () {})()]) {
      await expectRejection(next.call(wrong as never), 'ERR_INVALID_THIS')
      await expectRejection(end.call(wrong as never), 'ERR_INVALID_THIS')
      await expectRejection(fail.call(wrong as never, new Error('x')), 'ERR_INVALID_THIS')
      const dispose = stream[Symbol.asyncDispose]
      await expectRejection(dispose.call(wrong as never), 'ERR_INVALID_THIS')
      const iterate = stream[Symbol.asyncIterator]
      expectThrow(() => iterate.call(wrong as never), 'ERR_INVALID_THIS')
    }
  })
})

describe('a loop', () => {
  it('ends the feed when it is left, by break or by an error', async () => {
    const db = await openFresh()
    const after = await tokenOf(db)
    await db.default.put('k', 'v')
    const feed = db.changes({ after })
    for await (const _ of feed) break
    expect(await feed.next()).toEqual(DONE)
    const other = db.changes({ after })
    const loop = async () => {
      for await (const _ of other) throw new Error('mine')
    }
    await expect(loop()).rejects.toThrow('mine')
    expect(await other.next()).toEqual(DONE)
  })

  it('goes on where a codec asks for the next change in the middle of one', async () => {
    let feed: ChangeStream<unknown> | undefined
    let nested: Promise<unknown> | undefined
    const greedy = {
      encode: (value: string) => value,
      decode: (bytes: Buffer) => {
        nested ??= feed?.next()
        return bytes.toString()
      },
    }
    const db = await openFresh({ columnFamilies: { a: { key: 'utf8', value: greedy } } })
    const after = await tokenOf(db)
    const a = db.columnFamily('a')
    await db.write([
      { type: 'put', columnFamily: a, key: '1', value: 'x' },
      { type: 'put', columnFamily: a, key: '2', value: 'y' },
    ])
    await a.put('3', 'z')
    const stream = db.changes({ after })
    feed = stream
    const [change] = await take(stream, 1)
    expect(change?.operations.map((operation) => 'key' in operation && operation.key)).toEqual([
      '1',
      '2',
    ])
    expect(await nested).toMatchObject({ value: { operations: [{ key: '3', value: 'z' }] } })
    await stream.return()
  })
})
