/** examples/keyv does what it says. */
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { useTempDirectory } from '../support/database'
import { root } from '../support/documents'

const dir = useTempDirectory()

function run(...words: string[]): string {
  const main = join(root, 'dist-examples/keyv/main.js')
  const { stdout, stderr } = spawnSync(process.execPath, [main, ...words], {
    cwd: dir('home'),
    encoding: 'utf8',
  })
  return stdout + stderr
}

it('knows what it has computed before', () => {
  mkdirSync(dir('home'))
  expect(run('1000')).toBe('7919 (computed)\n')
  expect(run('1000')).toBe('7919 (from the cache)\n')
  expect(run('1000', '--forget')).toBe('7919 (computed)\n')
  expect(run('none')).toBe('which prime? A whole number from 1 on\n')
})
