/** Descriptors, threads and mappings after 200 opens and closes: as many as before. Linux. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runLifecycle } from '../program.mjs'

const OPENS = 200
/** What malloc and V8 may map in between. */
const MAPPINGS = 10

export async function torture(run) {
  if (process.platform !== 'linux') return run.skip('they are counted in /proc')
  while (run.goesOn(run.counts.opens ?? 0)) {
    const folder = join(run.scratch, 'resources')
    mkdirSync(folder)
    const said = await runLifecycle(run, 'resources', [folder, 'open and close'], {
      node: ['--expose-gc', '--min-semi-space-size=1', '--max-semi-space-size=1'],
      env: { MALLOC_ARENA_MAX: '1' },
    })
    rmSync(folder, { recursive: true, force: true })
    run.count('opens', OPENS)
    for (const [name, before, after] of said) {
      const most = name === 'mappings' ? before + MAPPINGS - 1 : before
      if (after > most) run.fail(name, `${after}, from ${before}`)
    }
    if (said.length !== 3) run.fail('resources', `said ${JSON.stringify(said)}`)
  }
}
