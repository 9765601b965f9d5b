/** The process of programs/cases.cjs, under the library of test/support/faults. */
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Child } from './child.mjs'

const require = createRequire(import.meta.url)
const { CHANGES, compileFaults, Faults, KINDS } = require('../support/faults/faults.cjs')
const { STEPS } = require('./programs/steps.cjs')

export { CHANGES, KINDS, STEPS }

/** Starts it; undefined where this system has no such library, which the run then says. */
export async function startFaulted(run) {
  const library = compileFaults(run.scratch)
  if (library === undefined) {
    run.skip('faults need Linux and a C compiler (cc)')
    return undefined
  }
  mkdirSync(join(run.scratch, 'base'))
  const faults = new Faults(join(run.scratch, 'control'))
  const child = new Child(
    'cases',
    [run.scratch],
    faults.environment(library, join(run.scratch, 'case')),
  )
  await child.ask({ task: 'makeBase', kind: 'closed' })
  await child.ask({ task: 'makeBase', kind: 'crashed' })
  return { child, faults }
}

/** The steps that are wanted. */
export function stepsOf(run, filter = () => true) {
  return Object.keys(STEPS).filter(
    (name) => filter(STEPS[name]) && (run.only === undefined || name.includes(run.only)),
  )
}

/** Runs the cases while the run goes on: in a long run all of them, in order; in a short one some of them, drawn. */
export async function inTurn(run, cases, runCase) {
  const chosen = cases.length <= run.times ? cases : some(cases, run.times, run.random)
  for (const [done, what] of chosen.entries()) {
    if (!run.goesOn(done)) break
    await runCase(what)
  }
}

function some(cases, count, random) {
  const left = [...cases]
  return Array.from({ length: count }, () => left.splice(random(left.length), 1)[0])
}
