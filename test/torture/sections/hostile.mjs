/** Calls of every function of the raw addon with values of all kinds: each is answered, or refused with a code. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '../program.mjs'

const ROUNDS = 40_000

export async function torture(run) {
  for (let round = 0; run.goesOn(run.counts.calls ?? 0); round++) {
    const folder = join(run.scratch, 'hostile')
    mkdirSync(folder)
    const seed = run.seed + round
    const args = [JSON.stringify([folder, seed, ROUNDS])]
    const { code, signal, hangs, stdout, stderr } = await runProgram(
      'native/programs/boundary.cjs',
      args,
    )
    rmSync(folder, { recursive: true, force: true })
    if (code !== 0 || stderr !== '') {
      run.fail(`seed ${seed}`, hangs ? 'it hangs' : `${signal ?? code} ${stderr}`)
      run.count('calls', ROUNDS)
      continue
    }
    const { counts, untyped, found } = JSON.parse(stdout)
    run.count('calls', counts.returned + counts.thrown)
    if (untyped.length > 0) run.fail(`seed ${seed}`, `untyped: ${untyped.join('; ')}`)
    if (!found) run.fail(`seed ${seed}`, 'a row that was written afterwards is not there')
  }
}
