import { randomBytes } from 'node:crypto'
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import { checkTarget } from '../../../lib/backup/check-target'
import { kindOf } from './faults'
import { MIB, put, read, useWorld } from './support'

describe('s3() without faults', () => {
  const world = useWorld()

  it('is a target', async () => {
    await checkTarget(world.target())
    expect(await world.unfinished()).toEqual([])
  })

  it('is a target without conditions', async () => {
    const target = world.target({ conditional: false })
    await checkTarget(target)
    const conditioned = target.put('a', () => [], { size: 0, ifNoneMatch: '*' })
    await expect(conditioned).rejects.toMatchObject({ code: 'ERR_NOT_SUPPORTED' })
  })

  const settings: [string, S3ClientConfig, boolean][] = [
    ['no settings', {}, true],
    [
      'checksums only where they are required',
      { requestChecksumCalculation: 'WHEN_REQUIRED' },
      false,
    ],
    ['no checksums read', { responseChecksumValidation: 'WHEN_REQUIRED' }, true],
    ['no tries of its own', { maxAttempts: 1 }, true],
  ]
  it.each(settings)('works with a client that has %s', async (_, config, sends) => {
    const target = world.target({ partMb: 5 }, config)
    const sums: unknown[] = []
    world.proxy.choose = (seen) => {
      if (!['put', 'part'].includes(kindOf(seen))) return undefined
      // Older services do not understand bodies in the form that the SDK gives to streams.
      expect(seen.headers['content-encoding']).toBe(undefined)
      expect(seen.headers['x-amz-content-sha256']).toMatch(/^[0-9a-f]{64}$/)
      expect(seen.headers['x-amz-trailer']).toBe(undefined)
      sums.push(seen.headers['x-amz-checksum-crc32'])
      return undefined
    }
    for (const size of [0, 1000, 12 * MIB + 1]) {
      const bytes = randomBytes(size)
      const tag = await put(target, 'settings', bytes)
      expect((await read(target, 'settings'))?.equals(bytes)).toBe(true)
      expect(await target.head('settings')).toEqual({ size, etag: tag })
    }
    expect(sums).toEqual(Array(5).fill(sends ? expect.any(String) : undefined))
  })

  it.each([
    [16 * MIB, { put: 1 }],
    [16 * MIB + 1, { begin: 1, part: 2, complete: 1 }],
    [50 * MIB, { begin: 1, part: 4, complete: 1 }],
  ])('puts %i bytes with no more requests than it takes', async (size, counts) => {
    const target = world.target()
    const bytes = randomBytes(size)
    await put(target, 'large', bytes)
    expect(Object.fromEntries(world.proxy.counts)).toEqual(counts)
    world.proxy.reset()
    expect((await read(target, 'large'))?.equals(bytes)).toBe(true)
    expect(Object.fromEntries(world.proxy.counts)).toEqual({ get: 1 })
  })

  it('holds three parts at most in memory', async () => {
    const target = world.target({ partMb: 5 })
    const chunk = new Uint8Array(MIB)
    let given = 0
    let most = 0
    function* body() {
      for (; given < 60; given++) {
        const arrived = 5 * (world.proxy.counts.get('part') ?? 0)
        most = Math.max(most, given - arrived)
        yield chunk
      }
    }
    await target.put('held', body, { size: 60 * MIB })
    expect(most).toBeLessThanOrEqual(15)
  })

  it('names the bucket, the key and the answer, and nothing secret', async () => {
    const bad = world.target({}, { credentials: { accessKeyId: 'tester', secretAccessKey: 'x' } })
    const error = await put(bad, 'a/b', randomBytes(5)).catch((reason) => reason)
    expect(error.message).toMatch(/^S3 did not put "shop\/a\/b" in bucket "backups": Signature/)
    expect(error.cause.$metadata.httpStatusCode).toBe(403)
    expect(JSON.stringify({ ...error.cause })).not.toMatch(/AWS4-HMAC|tester/)

    const gone = world.target({ bucket: 'elsewhere' })
    const calls = [
      () => gone.get('a'),
      () => gone.delete('a'),
      () => put(gone, 'a', randomBytes(1)),
    ]
    for (const call of calls) {
      await expect(call()).rejects.toThrow(/in bucket "elsewhere": NoSuchBucket \(404\)/)
    }
    expect(world.proxy.requests).toBe(4)
  })

  it('leaves no listener on a signal, and no timer', async () => {
    const target = world.target({ partMb: 5 })
    const { signal } = new AbortController()
    const listeners = new Set<unknown>()
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners.add(args[1])
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners.delete(args[1])
      remove(...args)
    }
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout')
    const bytes = randomBytes(11 * MIB)
    const before = timers().length
    await target.put('listeners', () => [bytes], { size: bytes.length, signal })
    await target.put('listeners', () => [], { size: 9 * MIB, signal }).catch(() => {})
    await target.put('listeners', () => [], { size: 0, ifMatch: '"x"', signal })
    for await (const _ of (await target.get('listeners', { signal }))?.body ?? []);
    for await (const _ of (await target.get('listeners', { signal }))?.body ?? []) break
    const unread = await target.get('listeners', { signal })
    await unread?.body[Symbol.asyncIterator]().return?.()
    for await (const _ of target.list('', { signal })) break
    await target.delete('listeners', { signal })
    expect(listeners.size).toBe(0)
    expect(timers().length).toBeLessThanOrEqual(before)
  })
})
