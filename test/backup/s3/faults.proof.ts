import { randomBytes } from 'node:crypto'
import { beforeSecond, first } from './choices'
import { type Fault, kindOf } from './faults'
import { CLIENTS, HASTY, MIB, newKey, put, read, sum, useWorld } from './support'

describe('s3() with faults', () => {
  const world = useWorld()

  describe.each(CLIENTS)('%s', (_, config) => {
    const faults: Fault[] = [
      'slowDown',
      'doneAnd500',
      'answerLost',
      'silent',
      'uploadCut',
      'twice',
      'precondition',
      'conflict',
      'late',
    ]
    const sizes: [string, number, string][] = [
      ['small', 1_000, 'put'],
      ['large', 6 * MIB, 'complete'],
    ]
    // There is no body to cut in the request that completes an upload.
    const cases = faults
      .flatMap((fault) => sizes.map(([size, ...rest]) => ({ fault, size, rest })))
      .filter(({ fault, size }) => fault !== 'uploadCut' || size === 'small')

    it.each(cases)('never takes its own $size object for another: $fault', async (one) => {
      const [size, kind] = one.rest
      const target = world.target(HASTY, config)
      const key = newKey()
      world.proxy.choose = first(kind, one.fault, one.fault)
      const bytes = randomBytes(size)
      const tag = await put(target, key, bytes, { ifNoneMatch: '*' })
      expect(tag).toEqual(expect.any(String))
      expect((await target.head(key))?.etag).toBe(tag)

      world.proxy.choose = first(kind, one.fault)
      const next = randomBytes(size)
      const swapped = await put(target, key, next, { ifMatch: tag })
      expect(swapped).toEqual(expect.any(String))
      await world.proxy.settled()
      expect(sum((await read(target, key)) as Buffer)).toBe(sum(next))
      expect((await target.head(key))?.etag).toBe(swapped)
      // Two where the first of two was carried out as if nothing were.
      expect(world.proxy.faults.get(one.fault)).toBeGreaterThanOrEqual(2)
    })

    it.each(cases)('never takes another $size object for its own: $fault', async (one) => {
      const [size, kind] = one.rest
      const target = world.target(HASTY, config)
      const key = newKey()
      // The same bytes: only whose they are tells them apart.
      const bytes = randomBytes(size)
      const tag = (await put(target, key, bytes, { ifNoneMatch: '*' })) as string
      world.proxy.choose = first(kind, one.fault)
      expect(await put(target, key, bytes, { ifNoneMatch: '*' })).toBe(undefined)
      const swapped = (await put(target, key, bytes, { ifMatch: tag })) as string
      expect(swapped).toBe(tag)
      const third = (await put(target, key, randomBytes(size), { ifMatch: tag })) as string
      world.proxy.choose = first(kind, one.fault)
      const stale = put(target, key, bytes, { ifMatch: '"nothing"' })
      // Where an answer was lost, it is not known whether that tag was there.
      expect((await stale.catch(({ message }) => message)) ?? '').toMatch(/^$|learn whether/)
      await world.proxy.settled()
      expect((await target.head(key))?.etag).toBe(third)
    })
  })

  it.each(['answerLost', 'doneAnd500', 'silent', 'twice', 'late'] as const)(
    'puts a large object without conditions where its completion is %s',
    async (fault) => {
      const target = world.target(HASTY, { maxAttempts: 1 })
      const key = newKey()
      await put(target, key, randomBytes(10))
      world.proxy.choose = first('complete', fault, fault)
      const bytes = randomBytes(11 * MIB)
      const tag = await put(target, key, bytes)
      await world.proxy.settled()
      expect(await target.head(key)).toEqual({ size: bytes.length, etag: tag })
      expect(sum((await read(target, key)) as Buffer)).toBe(sum(bytes))
    },
  )

  it('rejects where its own object may have been there, and was replaced since', async () => {
    const target = world.target(HASTY, { maxAttempts: 1 })
    const other = world.target()
    const key = newKey()
    const tag = (await put(other, key, randomBytes(10))) as string
    const last = randomBytes(10)
    world.proxy.choose = beforeSecond('put', ['answerLost', undefined], async () => {
      const there = await other.head(key)
      expect(there?.etag).not.toBe(tag)
      expect(await put(other, key, last, { ifMatch: there?.etag })).toEqual(expect.any(String))
    })
    const own = put(target, key, randomBytes(10), { ifMatch: tag })
    await expect(own).rejects.toThrow(/^S3 did not learn whether it did put ".*the answer was lost/)
    expect(sum((await read(target, key)) as Buffer)).toBe(sum(last))
  })

  it('tells a conflict though its own answer was lost, where another has put over the same', async () => {
    const target = world.target(HASTY, { maxAttempts: 1 })
    const key = newKey()
    const tag = (await put(target, key, randomBytes(10))) as string
    const last = randomBytes(10)
    world.proxy.choose = beforeSecond('put', ['slowDown', 'answerLost'], async () => {
      expect(await put(world.target(), key, last, { ifMatch: tag })).toEqual(expect.any(String))
    })
    expect(await put(target, key, randomBytes(10), { ifMatch: tag })).toBe(undefined)
    expect(world.proxy.counts.get('put')).toBe(5)
    expect(sum((await read(target, key)) as Buffer)).toBe(sum(last))
  })

  it('gives up after as many tries as are allowed, and says so', async () => {
    const target = world.target({ attempts: 3 }, { maxAttempts: 1 })
    world.proxy.choose = () => 'slowDown'
    const error = await put(target, newKey(), randomBytes(10)).catch((reason) => reason)
    expect(error.message).toMatch(/after 3 tries: SlowDown \(503\)/)
    expect(world.proxy.requests).toBe(3)
    world.proxy.reset()
    world.proxy.choose = (seen) => (kindOf(seen) === 'put' ? 'conflict' : undefined)
    const conflicts = put(target, newKey(), randomBytes(10), { ifNoneMatch: '*' })
    await expect(conflicts).rejects.toThrow(/after \d tries: ConditionalRequestConflict/)
  })

  it('counts the tries of the client', async () => {
    const target = world.target({ attempts: 6 }, { maxAttempts: 3 })
    world.proxy.choose = () => 'slowDown'
    await expect(target.head(newKey())).rejects.toThrow(/after 6 tries/)
    expect(world.proxy.requests).toBe(6)
  })

  it('goes on reading where a connection broke', async () => {
    const target = world.target(HASTY, { maxAttempts: 1 })
    const key = newKey()
    const bytes = randomBytes(5 * MIB)
    await put(target, key, bytes)
    world.proxy.choose = first('get', 'downloadCut', 'downloadStalls', 'slowDown', 'downloadCut')
    expect(sum((await read(target, key)) as Buffer)).toBe(sum(bytes))
    expect(world.proxy.counts.get('get')).toBe(5)
  })

  it('never joins two objects of one key', async () => {
    const target = world.target(HASTY, { maxAttempts: 1 })
    const key = newKey()
    await put(target, key, randomBytes(5 * MIB))
    world.proxy.choose = first('get', 'downloadCut')
    const object = await target.get(key)
    await put(target, key, randomBytes(5 * MIB))
    const all = async () => {
      for await (const _ of object?.body ?? []);
    }
    await expect(all()).rejects.toThrow(/whole: the connection broke at \d+ of 5242880 bytes/)
  })

  it('takes back uploads in parts that fail', async () => {
    const target = world.target({ ...HASTY, attempts: 2 }, { maxAttempts: 1 })
    world.proxy.choose = (seen) => (kindOf(seen) === 'part' ? 'slowDown' : undefined)
    const bytes = randomBytes(20 * MIB)
    await expect(put(target, newKey(), bytes)).rejects.toThrow(/part \d after 2 tries: SlowDown/)
    world.proxy.reset()
    expect(await world.unfinished()).toEqual([])
  })

  it('ends at once when it is aborted, whatever is silent', async () => {
    const target = world.target({ partMb: 5 })
    const key = newKey()
    await put(target, key, randomBytes(MIB))
    world.proxy.choose = (seen) => (kindOf(seen) === 'get' ? 'downloadStalls' : 'silent')
    const calls: ((signal: AbortSignal) => Promise<unknown>)[] = [
      (signal) => target.put(key, () => [randomBytes(10)], { size: 10, signal }),
      (signal) => target.put(key, () => [randomBytes(6 * MIB)], { size: 6 * MIB, signal }),
      (signal) => target.head(key, { signal }),
      (signal) => target.delete(key, { signal }),
      async (signal) => {
        for await (const _ of target.list('', { signal }));
      },
      async (signal) => {
        for await (const _ of (await target.get(key, { signal }))?.body ?? []);
      },
    ]
    for (const call of calls) {
      const ending = new AbortController()
      const reason = new Error('enough')
      const before = world.proxy.requests
      const outcome = call(ending.signal).catch((error) => error)
      while (world.proxy.requests === before) await new Promise(setImmediate)
      ending.abort(reason)
      expect(await outcome).toBe(reason)
    }
  })
})
