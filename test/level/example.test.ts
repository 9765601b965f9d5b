/** examples/level does what it says. */
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { useTempDirectory } from '../support/database'
import { root } from '../support/documents'

const dir = useTempDirectory()

function run(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  const main = join(root, 'dist-examples/level/main.js')
  return spawnSync(process.execPath, [main, ...words], { cwd: dir('home'), encoding: 'utf8' })
}

it('keeps notes by their tags', () => {
  mkdirSync(dir('home'))
  expect(run('add', 'Buy milk', 'home', 'shop').stdout).toBe('note 1\n')
  expect(run('add', 'Sleep', 'home').stdout).toBe('note 2\n')
  expect(run('list', 'home').stdout).toBe('1: Buy milk [home, shop]\n2: Sleep [home]\n')
  expect(run('list', 'shop').stdout).toBe('1: Buy milk [home, shop]\n')
  expect(run('remove', '1').status).toBe(0)
  expect(run('list').stdout).toBe('2: Sleep [home]\n')
  const failed = run('remove', '1')
  expect([failed.status, failed.stderr.trim()]).toEqual([1, 'there is no note 1'])
})
