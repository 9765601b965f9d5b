import { randomBytes } from 'node:crypto'
import { checkTarget } from '../../../lib/backup/check-target'
import { conditioned, faultsAt } from './choices'
import { CLIENTS, HASTY, MIB, newKey, put, read, sum, useWorld } from './support'

describe('s3() with many faults', () => {
  const world = useWorld()

  it.each(CLIENTS)('is a target where every tenth request fails, %s', async (_, config) => {
    world.proxy.choose = faultsAt(0.1)
    await checkTarget(world.target({ ...HASTY, attempts: 20 }, config))
    expect(world.proxy.faults.size).toBeGreaterThan(8)
  })

  it('loses no step and counts none twice, in a history of many writers', async () => {
    world.proxy.choose = (seen) => {
      const fault = faultsAt(0.25)(seen)
      // Whoever does not know that a put was done twice takes the refusal of the second for its own, unless the object
      // of the first is still there; here it is replaced at once.
      if (fault === 'twice') return undefined
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
