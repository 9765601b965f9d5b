// The model test of the change feed with as many operations as are asked for.
//
//   npm run test:changes -- --operations 1000000 [--seed 5]
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '1000000' },
    seed: { type: 'string' },
  },
})
if (!/^[1-9]\d*$/.test(values.operations)) {
  console.error(`--operations must be a whole number, not ${values.operations}`)
  process.exit(2)
}
const env = { ...process.env, CHANGES_OPERATIONS: values.operations }
if (values.seed !== undefined) env.CHANGES_SEED = values.seed
const jest = fileURLToPath(new URL('../../node_modules/jest/bin/jest.js', import.meta.url))
const { status } = spawnSync(
  process.execPath,
  [jest, 'test/changes/model', '--testNamePattern', 'copies end'],
  {
    env,
    stdio: 'inherit',
  },
)
process.exitCode = status ?? 1
