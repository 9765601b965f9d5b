/** Checks of conditions, one after the other and all at once. */
import { bytesOf, type Check, numberOf, type Probe, show } from './check-probe'
import type { PutCondition } from './target'

/** How many put at once. */
const RACERS = 20
const ROUNDS = 3
const LARGE = 17 * 2 ** 20 + 5
/** How often something may reject in a row. */
const MOST_REJECTED = 10

export const RACE_CHECKS: Check[] = [
  { about: 'ifNoneMatch', run: create },
  { about: 'ifMatch', run: swap },
  { about: 'ifNoneMatch of many at once', run: (probe) => races(probe, 'create') },
  { about: 'ifMatch of many at once', run: (probe) => races(probe, 'swap') },
  { about: 'ifNoneMatch of large objects at once', run: largeRace },
  { about: 'ifMatch of a counter', run: counter },
]

const ONLY_NEW: PutCondition = { ifNoneMatch: '*' }

async function create(probe: Probe): Promise<void> {
  for (const size of [100, LARGE]) {
    const key = probe.key(`create/${size}`)
    const tag = await probe.putNew(key, bytesOf(1, size), ONLY_NEW)
    await probe.expectObject(key, bytesOf(1, size), tag, `of ${size} bytes`)
    await expectRefused(probe, key, bytesOf(2, size), ONLY_NEW, 'where there is an object')
    await expectRefused(probe, key, bytesOf(1, size), ONLY_NEW, 'where there are the same bytes')
    await probe.expectObject(key, bytesOf(1, size), tag, 'after a refused put')
    await probe.target.delete(key, { signal: probe.signal })
    await probe.putNew(key, bytesOf(3, 10), ONLY_NEW)
  }
}

async function swap(probe: Probe): Promise<void> {
  for (const size of [100, LARGE]) {
    const key = probe.key(`swap/${size}`)
    const first = await probe.putNew(key, bytesOf(1, size))
    const second = await probe.putNew(key, bytesOf(2, size), { ifMatch: first })
    await probe.expectObject(key, bytesOf(2, size), second, `of ${size} bytes`)
    await expectRefused(probe, key, bytesOf(3, size), { ifMatch: first }, 'with an old tag')
    await probe.expectObject(key, bytesOf(2, size), second, 'after a refused put')
    await probe.target.delete(key, { signal: probe.signal })
    await expectRefused(probe, key, bytesOf(4, size), { ifMatch: second }, 'where it was deleted')
    await probe.expectAbsent(key, 'after a refused put')
  }
}

async function expectRefused(
  probe: Probe,
  key: string,
  bytes: Uint8Array,
  condition: PutCondition,
  when: string,
): Promise<void> {
  const tag = await patiently(probe, () => probe.put(key, bytes, condition))
  probe.expect(tag === undefined, `put resolved to ${show(tag)} ${when}`)
}

/** A put may reject where it cannot tell what came of it: not each time. */
async function patiently<T>(probe: Probe, act: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await act()
    } catch (error) {
      probe.signal?.throwIfAborted()
      if (tries === MOST_REJECTED) throw error
    }
  }
}

/** Of many that put under the same condition exactly one succeeds, also where all put the same bytes. */
async function races(probe: Probe, kind: 'create' | 'swap'): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    for (const same of [false, true]) {
      const key = probe.key(`races/${kind}-${round}-${same ? 'same' : 'other'}`)
      const bytes = (racer: number) => bytesOf(same ? 1 : racer + 1, 1_000)
      const condition =
        kind === 'create' ? ONLY_NEW : { ifMatch: await probe.putNew(key, bytesOf(99, 1_000)) }
      await race(probe, key, RACERS, bytes, condition)
    }
  }
}

async function largeRace(probe: Probe): Promise<void> {
  const key = probe.key('races/large')
  await race(probe, key, 3, (racer) => bytesOf(racer + 1, LARGE), ONLY_NEW)
}

async function race(
  probe: Probe,
  key: string,
  racers: number,
  bytes: (racer: number) => Uint8Array,
  condition: PutCondition,
): Promise<void> {
  const puts = Array.from({ length: racers }, (_, racer) => probe.put(key, bytes(racer), condition))
  const outcomes = await Promise.allSettled(puts)
  const winners: { racer: number; tag: string }[] = []
  for (const [racer, outcome] of outcomes.entries()) {
    if (outcome.status === 'rejected') throw outcome.reason
    if (outcome.value !== undefined) winners.push({ racer, tag: outcome.value })
  }
  probe.expect(winners.length === 1, `${winners.length} of ${racers} succeeded instead of one`)
  const [winner] = winners
  if (winner === undefined || winners.length > 1) return
  await probe.expectObject(key, bytes(winner.racer), winner.tag, 'after all had put')
}

const COUNTERS = 4
const STEPS = 5
/** How often a step may fail before it counts as stuck. */
const MOST_TRIES = 200

/** Many read a number and put the next one where nobody else has: none is lost. */
async function counter(probe: Probe): Promise<void> {
  const key = probe.key('counter')
  await probe.putNew(key, bytesOf(0, 64), ONLY_NEW)
  const outcomes = await Promise.allSettled(
    Array.from({ length: COUNTERS }, () => countUp(probe, key)),
  )
  let unknown = 0
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') throw outcome.reason
    unknown += outcome.value
  }
  const least = COUNTERS * STEPS
  const total = await numberAt(probe, key).then(({ number }) => number)
  const came = `it came to ${total} after ${least} steps`
  probe.expect(total >= least && total <= least + unknown, came)
}

/** Resolves to how many puts rejected: whether those were done is not known. */
async function countUp(probe: Probe, key: string): Promise<number> {
  let unknown = 0
  let rejected = 0
  for (let steps = 0, tries = 0; steps < STEPS; tries++) {
    if (tries === MOST_TRIES) throw new Error(`put succeeded ${steps} times in ${tries} tries`)
    let putting = false
    try {
      const { number, etag } = await numberAt(probe, key)
      putting = true
      const tag = await probe.put(key, bytesOf(number + 1, 64), { ifMatch: etag })
      if (tag !== undefined) steps++
    } catch (error) {
      probe.signal?.throwIfAborted()
      if (putting) unknown++
      if (++rejected > MOST_REJECTED) throw error
    }
  }
  return unknown
}

async function numberAt(probe: Probe, key: string): Promise<{ number: number; etag: string }> {
  const found = await probe.read(key)
  if (found?.bytes.length !== 64) throw new Error('get gave no number')
  return { number: numberOf(found.bytes), etag: found.etag }
}
