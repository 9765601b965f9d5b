// Processes that are killed while they are backed up, as often as is asked for.
//
//   npm run test:backup -- --kills 100 [--every 1000] [--moments 1000] [--seed 5]
//
// With --moments it restores so many random moments instead, and compares each with the history.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    every: { type: 'string', default: '1000' },
    moments: { type: 'string' },
    seed: { type: 'string' },
  },
})
for (const [name, text] of Object.entries(values)) {
  if (/^[1-9]\d*$/.test(text)) continue
  console.error(`--${name} must be a whole number, not ${text}`)
  process.exit(2)
}
const { kills, every, moments, seed } = values
const env = { ...process.env, BACKUP_KILLS: kills, BACKUP_EVERY_MS: every }
if (moments !== undefined) env.BACKUP_MOMENTS = moments
if (seed !== undefined) env.BACKUP_SEED = seed
const jest = fileURLToPath(new URL('../../node_modules/jest/bin/jest.js', import.meta.url))
const which =
  moments === undefined
    ? ['test/backup/killed']
    : ['test/backup/continuous', '--testNamePattern', 'a restore has']
const { status } = spawnSync(process.execPath, [jest, ...which], { env, stdio: 'inherit' })
process.exitCode = status ?? 1
