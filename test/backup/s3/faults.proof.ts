import { createHash, randomBytes } from 'node:crypto'
import { checkTarget } from '../../../lib/backup/check-target'
import type { S3Options } from '../../../lib/backup/s3'
import type { BackupTarget, PutCondition } from '../../../lib/backup/target'
import { type Fault, kindOf, type Seen } from './faults'
import { startWorld, type World } from './support'

const MIB = 2 ** 20
/** Late answers are soon too late here. */
const HASTY: Partial<S3Options> = { timeoutMs: 700, partMb: 5 }

/** What may happen to requests of a kind. */
const ANY: Fault[] = ['slowDown', 'doneAnd500', 'answerLost', 'silent']
const ONLY: Record<string, Fault[]> = {
  get: ['slowDown', 'answerLost', 'silent', 'downloadCut', 'downloadCut', 'downloadStalls'],
  put: [...ANY, 'uploadCut', 'twice', 'precondition', 'conflict'],
  part: [...ANY, 'uploadCut', 'twice'],
  complete: [...ANY, 'twice', 'precondition', 'conflict'],
  begin: ['slowDown', 'doneAnd500', 'answerLost'],
}

const conditioned = ({ headers }: Seen) => 'if-match' in headers || 'if-none-match' in headers

/** One fault of those that fit, for this share of all requests. */
function faultsAt(share: number): (seen: Seen) => Fault | undefined {
  return (seen) => {
    if (Math.random() > share) return undefined
    const fit = (ONLY[kindOf(seen)] ?? ANY).filter((fault) => {
      // These take their time, and are tried one by one as well.
      if (/silent|Stalls/.test(fault) && Math.random() < 0.8) return false
      const ofConditions = fault === 'precondition' || fault === 'conflict'
      return conditioned(seen) || !ofConditions
    })
    return fit[Math.floor(Math.random() * fit.length)]
  }
}

/** These faults for the first requests of a kind, and none after. */
function first(kind: string, ...faults: (Fault | undefined)[]): (seen: Seen) => Fault | undefined {
  const rest = [...faults]
  return (seen) => (kindOf(seen) === kind ? rest.shift() : undefined)
}

const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function read(target: BackupTarget, key: string): Promise<Buffer | undefined> {
  const object = await target.get(key)
  const parts: Uint8Array[] = []
  for await (const part of object?.body ?? []) parts.push(part)
  const bytes = object && Buffer.concat(parts)
  expect(bytes?.length).toBe(object?.size)
  return bytes
}

function put(target: BackupTarget, key: string, bytes: Uint8Array, condition: PutCondition = {}) {
  return target.put(key, () => [bytes], { size: bytes.length, ...condition })
}

describe('s3() with faults', () => {
  let world: World
  let number = 0
  const newKey = () => `object-${number++}`
  const unhandled: unknown[] = []
  const note = (reason: unknown) => unhandled.push(reason)

  beforeAll(async () => {
    process.on('unhandledRejection', note)
    world = await startWorld()
  })
  afterAll(async () => {
    await world.close()
    process.off('unhandledRejection', note)
  })
  beforeEach(() => world.proxy.reset())
  afterEach(async () => {
    await world.proxy.settled()
    expect(unhandled).toEqual([])
  })

  const clients: [string, { maxAttempts?: number }][] = [
    ['whose client tries again by itself', {}],
    ['whose client tries once', { maxAttempts: 1 }],
  ]

  describe.each(clients)('%s', (_, config) => {
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

  it('rejects where its own object may have been there, and was replaced since', async () => {
    const target = world.target(HASTY, { maxAttempts: 1 })
    const other = world.target()
    const key = newKey()
    const tag = (await put(other, key, randomBytes(10))) as string
    let puts = 0
    world.proxy.choose = (seen) => {
      if (kindOf(seen) === 'put') puts++
      return puts === 1 && kindOf(seen) === 'put' ? 'answerLost' : undefined
    }
    const own = put(target, key, randomBytes(10), { ifMatch: tag })
    while (puts === 0) await new Promise(setImmediate)
    const replaced = (async () => {
      for (;;) {
        const there = await other.head(key)
        if (there?.etag === tag || there === undefined) continue
        return put(other, key, randomBytes(10), { ifMatch: there.etag })
      }
    })()
    // Which of the two comes first is the network's to say.
    const outcome = await own.then(
      (value) => (value === undefined ? 'conflict' : 'own'),
      (error) => error.message as string,
    )
    await replaced
    if (outcome !== 'own')
      expect(outcome).toMatch(/learn whether it did put .* the answer was lost/)
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

  it.each(clients)('is a target where every tenth request fails, %s', async (_, config) => {
    world.proxy.choose = faultsAt(0.1)
    await checkTarget(world.target({ ...HASTY, attempts: 20 }, config))
    expect(world.proxy.faults.size).toBeGreaterThan(8)
  })

  it('loses no step and counts none twice, in a history of many writers', async () => {
    world.proxy.choose = (seen) => {
      const fault = faultsAt(0.25)(seen)
      return fault === 'silent' && conditioned(seen) ? 'late' : fault
    }
    const key = newKey()
    const done: string[] = []
    const refused: string[] = []
    const historyOf = (bytes: Uint8Array) => `${Buffer.from(bytes)}`.split(' ').filter(Boolean)
    const start = world.target({ ...HASTY, attempts: 20 })
    await put(start, key, Buffer.from(' '), { ifNoneMatch: '*' })
    const write = async (writer: number) => {
      const target = world.target({ ...HASTY, attempts: 20 })
      for (let step = 0; step < 15; step++) {
        try {
          const object = await target.get(key)
          const parts: Uint8Array[] = []
          for await (const part of object?.body ?? []) parts.push(part)
          const name = `${writer}.${step}`
          const next = Buffer.from(`${Buffer.concat(parts)} ${name}`)
          const tag = await put(target, key, next, { ifMatch: `${object?.etag}` })
          if (tag === undefined) refused.push(name)
          else done.push(name)
        } catch (error) {
          // What was done is not known, or others have replaced what was read.
          expect((error as Error).message).toMatch(/learn whether|whole/)
        }
      }
    }
    await Promise.all(Array.from({ length: 6 }, (_, writer) => write(writer)))
    await world.proxy.settled()
    world.proxy.choose = () => undefined
    const history = historyOf((await read(start, key)) as Buffer)
    expect(new Set(history).size).toBe(history.length)
    for (const name of done) expect(history).toContain(name)
    for (const name of refused) expect(history).not.toContain(name)
    expect(done.length).toBeGreaterThan(10)
    expect(refused.length).toBeGreaterThan(5)
  })

  it('never shows an object in part, small or large', async () => {
    world.proxy.choose = faultsAt(0.25)
    const key = newKey()
    const writer = world.target({ ...HASTY, attempts: 20 })
    const versions = new Map<string, number>()
    let known = 0
    let writing = true
    const write = async () => {
      for (let version = 1; version <= 12; version++) {
        const bytes = randomBytes(version % 4 === 0 ? 11 * MIB : 100_000 * version)
        versions.set(sum(bytes), version)
        expect(await put(writer, key, bytes)).toEqual(expect.any(String))
        known = version
      }
      writing = false
    }
    let reads = 0
    const follow = async () => {
      const target = world.target({ ...HASTY, attempts: 20 })
      while (writing) {
        const least = known
        const bytes = await read(target, key).catch((error) => {
          expect(error.message).toMatch(/replaced or deleted since|Checksum mismatch/)
        })
        if (bytes === undefined) continue
        expect(versions.get(sum(bytes))).toBeGreaterThanOrEqual(least)
        reads++
      }
    }
    await Promise.all([write(), follow(), follow()])
    expect(reads).toBeGreaterThan(3)
  })
})
