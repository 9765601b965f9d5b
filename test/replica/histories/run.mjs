// The history checker of replicas, for as many faults as are asked for. Needs nats-server (see histories.test.ts).
//
//   npm run check:histories -- --faults 200 [--commit replicated|local] [--seed 5] [--planted]
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    faults: { type: 'string', default: '200' },
    commit: { type: 'string', default: 'replicated,local' },
    seed: { type: 'string' },
    /** Only shows that planted faults are found. */
    planted: { type: 'boolean', default: false },
  },
})
if (!/^[1-9]\d*$/.test(values.faults)) {
  console.error(`--faults must be a whole number, not ${values.faults}`)
  process.exit(2)
}
const env = { ...process.env, HISTORY_FAULTS: values.faults, HISTORY_COMMIT: values.commit }
env.HISTORY_LOUD = '1'
if (values.seed !== undefined) env.HISTORY_SEED = values.seed
const jest = fileURLToPath(new URL('../../../node_modules/jest/bin/jest.js', import.meta.url))
const only = values.planted ? 'planted' : 'commit:'
const { status } = spawnSync(
  process.execPath,
  [jest, 'test/replica/histories', '--testNamePattern', only],
  { env, stdio: 'inherit' },
)
process.exitCode = status ?? 1
