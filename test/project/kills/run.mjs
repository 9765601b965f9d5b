// Kills the programs of a guide as often as is asked for.
//
//   npm run queue:kill -- --kills 1000 [--seed 5]
//   npm run indexes:kill -- --kills 1000 [--seed 5]
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { kills: { type: 'string', default: '100' }, seed: { type: 'string' } },
})
if (!/^[1-9]\d*$/.test(values.kills)) {
  console.error(`--kills must be a whole number, not ${values.kills}`)
  process.exit(2)
}
const seed = values.seed ?? String(Date.now() % 1_000_000_007)
console.log(`seed ${seed}`)
const jest = fileURLToPath(new URL('../../../node_modules/jest/bin/jest.js', import.meta.url))
const { status } = spawnSync(
  process.execPath,
  [jest, `test/project/${positionals[0]}`, '--testNamePattern', 'killed'],
  { env: { ...process.env, PAGE_KILLS: values.kills, SEED: seed }, stdio: 'inherit' },
)
process.exitCode = status ?? 1
