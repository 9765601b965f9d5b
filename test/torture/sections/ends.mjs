/** Workers terminated in the middle of their work, closes beside every call, and closes with 10,000 cursors. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { runLifecycle } from '../program.mjs'

const TERMINATIONS = 100
const LONGEST_CLOSE_MS = 2000

export async function torture(run) {
  for (let round = 0; run.goesOn(run.counts.terminations ?? 0); round++) {
    const path = join(run.scratch, 'db')
    const seed = run.seed + round
    const said = await runLifecycle(run, 'terminate', [path, TERMINATIONS, seed])
    const [, started = 0, acknowledged = 0, lost] =
      said.find(([word]) => word === 'terminated') ?? []
    run.count('terminations', started)
    run.count('acknowledged', acknowledged)
    if (lost?.length > 0) run.fail(`seed ${seed}`, `lost ${lost}`)
    rmSync(path, { recursive: true, force: true })
    await closings(run)
  }
}

async function closings(run) {
  for (const scenario of ['before', 'after', 'cursors', 'twice', 'opening']) {
    const path = join(run.scratch, 'closing')
    const said = await runLifecycle(run, 'closing', [path, scenario])
    run.count('closings')
    const [, cursors, milliseconds] =
      said.find(([word]) => word === 'closed' && scenario === 'cursors') ?? []
    if (cursors !== undefined) {
      run.counts['ms of the slowest close with 10,000 cursors'] = Math.max(
        run.counts['ms of the slowest close with 10,000 cursors'] ?? 0,
        Math.round(milliseconds),
      )
      if (milliseconds > LONGEST_CLOSE_MS) run.fail('cursors', `close took ${milliseconds} ms`)
    }
    rmSync(path, { recursive: true, force: true })
  }
}
