/** The programs in docs/queues.md print what it says, and the queue loses nothing and does nothing twice, killed at random. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomOf, seedOfRun } from '../lifecycle/children'
import { root } from '../support/documents'
import { testGuide } from '../support/guide'
import { drill, killsOfRun } from './kills/drill'

const page = readFileSync(join(root, 'docs/queues.md'), 'utf8')
const { kills, onKill } = killsOfRun()

testGuide(page, ['order', 'once', 'lease', 'dead'], ['data'])

it(
  `keeps every job, and does each once, killed ${kills} times`,
  async () => {
    const seed = seedOfRun()
    const random = randomOf(seed)
    const { look, said } = await drill({ page, program: 'queues.mjs', kills, random, onKill })
    expect({ seed, problems: look.problems }).toEqual({ seed, problems: [] })
    expect(look['done']).toBeGreaterThan(0)
    expect(said.filter((line) => line.startsWith('enqueued')).length).toBeGreaterThan(0)
  },
  120_000 + kills * 10_000,
)
