/** Programs of guides that are killed in the middle of their work, again and again, and looked at after each. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { killAfter } from '../../../examples/support/kill'
import type { Random } from '../../../examples/support/random'
import { Home } from '../../support/documents'
import { compileInto, programsOf } from '../../support/guide'

/** What a look at the database found. */
export interface Look {
  problems: string[]
  [count: string]: unknown
}

export interface DrillOptions {
  page: string
  /** What works with the programs of the page: a file beside this one. */
  program: string
  kills: number
  random: Random
  /** Does something to the database between two kills. */
  between?: (home: Home, random: Random) => void
  onKill?: ((kill: number, look: Look) => void) | undefined
}

/** Lines that a program says at most before it is killed. */
const LINES = 300

/**
 * Kills it so many times; each goes on with what the last one left. The program is run with `work`, the number of the
 * run and a seed, then with `look`, and at the end with `finish`. Gives the last look, and all that was said.
 */
export async function drill(options: DrillOptions): Promise<{ look: Look; said: string[] }> {
  const { page, program, kills, random, between, onKill } = options
  const home = new Home()
  try {
    compileInto(home, programsOf(page))
    copyFileSync(join(__dirname, program), home.file('kill.mjs'))
    const said: string[] = []
    const looked = (mode: string): Look => {
      home.write('said.json', JSON.stringify(said))
      return JSON.parse(home.node('kill.mjs', mode))
    }
    for (let kill = 0; kill < kills; kill++) {
      // At times while it opens, which is the first thing that it says.
      const lines = random(8) === 0 ? 1 : 2 + random(LINES)
      const args = ['work', String(kill), String(random(2 ** 31))]
      said.push(...(await killAfter(lines, home.file('kill.mjs'), args, home.path)))
      const look = looked('look')
      onKill?.(kill, look)
      if (look.problems.length > 0) return { look, said }
      between?.(home, random)
    }
    return { look: looked('finish'), said }
  } finally {
    home.remove()
  }
}

/** How often a test kills, as `npm run queue:kill` and its like ask for; and what it says meanwhile. */
export function killsOfRun(): Pick<DrillOptions, 'kills' | 'onKill'> {
  const asked = process.env['PAGE_KILLS']
  if (asked === undefined) return { kills: 8 }
  return {
    kills: Number(asked),
    onKill: (kill, look) => process.stderr.write(`kill ${kill + 1}: ${JSON.stringify(look)}\n`),
  }
}
