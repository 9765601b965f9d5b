/** Every option by RocksDB's names with values that nobody should give: test/matrix. */
import { runProgram } from '../program.mjs'

const SAMPLE = 400

export async function torture(run) {
  for (let round = 0; run.goesOn(run.counts.cases ?? 0); round++) {
    const args = [
      '--json',
      '--sample',
      String(Math.min(SAMPLE, run.times)),
      '--seed',
      String(run.seed + round),
    ]
    const { stdout, stderr } = await runProgram('matrix/run.mjs', args)
    if (stdout === '') return run.fail('matrix', stderr)
    const { bad, names, cases, refused, accepted, failed } = JSON.parse(stdout)
    run.counts.names = names
    for (const [what, count] of Object.entries({ cases, refused, accepted, failed }))
      run.count(what, count)
    for (const one of bad) run.fail('option', one)
  }
}
