/**
 * A sample of the cases of `npm run test:options`: no value of a RocksDB option ends the process.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { Random } from '../support/random'

it('takes or refuses whatever a RocksDB option is given, and loses no row', () => {
  const { seed } = Random.fromEnvironment('OPTIONS_SEED')
  const run = join(__dirname, '../matrix/run.mjs')
  const args = ['--json', '--sample', '60', '--seed', String(seed)]
  const { stdout, stderr } = spawnSync(process.execPath, [run, ...args], { encoding: 'utf8' })
  expect({ seed, reported: stdout !== '', stderr }).toMatchObject({ reported: true })
  const { bad, names, cases, refused, accepted } = JSON.parse(stdout)
  expect({ seed, bad }).toEqual({ seed, bad: [] })
  expect(names).toBeGreaterThan(300)
  expect(cases).toBeGreaterThan(80)
  expect(refused).toBeGreaterThan(10)
  expect(accepted).toBeGreaterThan(5)
}, 240_000)
