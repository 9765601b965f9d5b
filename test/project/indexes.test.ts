/** The programs in docs/indexes.md print what it says, and their indexes agree with the users, killed at random. */
import { cpSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { randomOf, seedOfRun } from '../lifecycle/children'
import { type Home, root } from '../support/documents'
import { testGuide } from '../support/guide'
import { drill, killsOfRun, type Look } from './kills/drill'

const page = readFileSync(join(root, 'docs/indexes.md'), 'utf8')
const { kills, onKill } = killsOfRun()

testGuide(page, ['find', 'unique', 'rebuild'], ['data'])

/** Puts a copy in the place of the database, or takes away changes that the index has not seen; or does nothing. */
function between(home: Home, random: (below: number) => number): void {
  const data = home.file('data', 'users')
  const event = random(4)
  if (event === 0) {
    cpSync(data, `${data}.copy`, { recursive: true })
    rmSync(data, { recursive: true })
    renameSync(`${data}.copy`, data)
  } else if (event === 1) {
    home.node('kill.mjs', 'unseen', '0', String(random(2 ** 31)))
    rmSync(join(data, 'archive'), { recursive: true, force: true })
  }
}

it(
  `keeps the indexes right, killed ${kills} times`,
  async () => {
    const seed = seedOfRun()
    const random = randomOf(seed)
    const looks: Look[] = []
    const { look, said } = await drill({
      ...{ page, program: 'indexes.mjs', kills, random, between },
      onKill: (kill, seen) => {
        looks.push(seen)
        onKill?.(kill, seen)
      },
    })
    expect({ seed, problems: look.problems }).toEqual({ seed, problems: [] })
    expect(looks.some(({ words }) => Number(words) > 0)).toBe(true)
    expect(said.filter((line) => line.startsWith('done')).length).toBeGreaterThan(0)
  },
  120_000 + kills * 10_000,
)
