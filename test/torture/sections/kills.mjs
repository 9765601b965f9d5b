/** SIGKILL at random under load: synced batches over four families, one of them with merges. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { programAt } from '../child.mjs'

/** A new database after so many, since all of its rows are looked at each time. */
const CYCLES_OF_ONE = 25
const HANGS_AFTER_MS = 60_000

export async function torture(run) {
  let cycle = 0
  let database = { path: '', acknowledged: -1 }
  while (run.goesOn(cycle)) {
    if (cycle % CYCLES_OF_ONE === 0) database = next(run, database, cycle)
    await killOnce(run, database, cycle)
    cycle++
  }
  const { code, signal, said, stderr } = await runUntil(database.path, Number.POSITIVE_INFINITY, 0)
  if (code !== 0) run.fail('the last opening', `${signal ?? code} ${stderr}`)
  check(run, said, database, cycle)
}

function next(run, database, cycle) {
  rmSync(join(database.path || run.scratch, '..', 'kills'), { recursive: true, force: true })
  const folder = join(run.scratch, 'kills')
  mkdirSync(folder, { recursive: true })
  return { path: join(folder, `db${cycle}`), acknowledged: -1 }
}

async function killOnce(run, database, cycle) {
  // Each eighth is killed while it opens.
  const lines = cycle % 8 === 7 ? run.random(2) : 2 + run.random(40)
  const { code, signal, said, stderr } = await runUntil(database.path, lines, run.random(15))
  if (signal === 'SIGKILL' && stderr === '') run.count('kills')
  else run.fail(`cycle ${cycle}`, `ended with ${signal ?? code} ${stderr}`)
  check(run, said, database, cycle)
  for (const [word, number] of said) {
    if (word === 'acknowledged') {
      run.count('acknowledged')
      database.acknowledged = Math.max(database.acknowledged, number)
    }
  }
}

/** The state has what was acknowledged, and each batch whole, once and in order. */
function check(run, said, { acknowledged }, cycle) {
  const state = said.find(([word]) => word === 'state')
  if (state === undefined) return
  const [, top, wrong] = state
  for (const problem of wrong) run.fail(`cycle ${cycle}`, problem)
  if (top < acknowledged)
    run.fail(`cycle ${cycle}`, `${acknowledged} was acknowledged, ${top} is the last`)
}

/** Runs the program, and kills it so many lines and milliseconds after its beginning. */
async function runUntil(path, lines, delayMs) {
  const end = lines === Number.POSITIVE_INFINITY ? ['end'] : []
  const child = spawn(process.execPath, [programAt('load'), path, ...end], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const hang = setTimeout(() => child.kill('SIGABRT'), HANGS_AFTER_MS)
  const said = []
  let left = lines
  let stderr = ''
  child.stderr.on('data', (text) => {
    stderr += text
  })
  const output = createInterface({ input: child.stdout })
  output.on('line', (line) => {
    if (line.endsWith(']')) said.push(JSON.parse(line))
    if (left-- === 0) setTimeout(() => child.kill('SIGKILL'), delayMs)
  })
  const [[code, signal]] = await Promise.all([once(child, 'close'), once(output, 'close')])
  clearTimeout(hang)
  return { code, signal, said, stderr }
}
