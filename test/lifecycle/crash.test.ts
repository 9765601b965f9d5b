/** SIGKILL at any moment: acknowledged writes are there, and no batch is there in part. */
import { last, Program, randomOf, runWell, seedOfRun, useDirectory } from './children'

const CYCLES = 60
const path = useDirectory()

/** Kills a writer `cycles` times; returns the last acknowledged batch. */
async function killMany(name: string, mode: string, cycles: number, seed: number) {
  const random = randomOf(seed)
  let acknowledged = -1
  let kills = 0
  for (let cycle = 0; cycle < cycles; cycle++) {
    const program = new Program('crash', [path(name), mode])
    // After this many lines of output, the first of which come while it opens.
    let lines = cycle % 8 === 7 ? random(2) : 2 + random(20)
    await new Promise<void>((resolve) => {
      const kill = () => setTimeout(() => resolve(program.kill('SIGKILL')), random(12))
      program.listen(() => {
        if (lines-- === 0) kill()
      })
      program.ended.then(() => resolve())
    })
    const { code, signal, said, stderr } = await program.ended
    expect({ seed, cycle, code, signal, stderr }).toMatchObject({ signal: 'SIGKILL', stderr: '' })
    kills++
    checkState(said, acknowledged, { seed, cycle })
    acknowledged = Math.max(acknowledged, numberOf(last(said, 'acknowledged')))
  }
  checkState(await runWell('crash', [path(name), mode, true]), acknowledged, {
    seed,
    cycle: cycles,
  })
  return { acknowledged, kills }
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : -1
}

/**
 * Checks a run's findings: the state right after one batch, not older than the last acknowledged
 * one.
 */
function checkState(said: readonly unknown[][], acknowledged: number, context: object): void {
  const state = said.find(([word]) => word === 'state')
  if (state === undefined) return
  const [, top, wrong] = state
  expect({ ...context, wrong }).toEqual({ ...context, wrong: [] })
  expect({ ...context, top }).toEqual({ ...context, top: expect.any(Number) })
  expect(top).toBeGreaterThanOrEqual(acknowledged)
}

describe('SIGKILL', () => {
  it(`loses nothing that was synced over three families, ${CYCLES} times`, async () => {
    const seed = seedOfRun()
    const halves = await Promise.all([
      killMany('one', 'synced', CYCLES / 2, seed),
      killMany('other', 'synced', CYCLES / 2, seed + 1),
    ])
    for (const { acknowledged, kills } of halves) {
      expect(kills).toBe(CYCLES / 2)
      expect(acknowledged).toBeGreaterThan(CYCLES)
    }
  }, 120_000)

  it('leaves no half of a batch without a WAL, and nothing that was flushed is lost', async () => {
    const { acknowledged } = await killMany('db', 'no wal', 12, seedOfRun())
    expect(acknowledged).toBeGreaterThan(100)
  }, 60_000)
})
