/**
 * It makes no difference who starts CMake: cmake-js in a clone, CMake itself in the npm package.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { where } from '../support/tools'

const root = join(__dirname, '../..')
const cloned = where(
  existsSync(join(root, 'node_modules/cmake-js')),
  'comparing cmake-js with CMake needs a clone (npm ci)',
)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rocksdb-live-cmake-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

type Commands = Record<'configure' | 'build', string[]>

/** The command lines of scripts/build-native.mjs for a folder. */
function commands(build: string, direct: boolean, target?: string): Commands {
  const program = `
    import { cmakeOptions } from './scripts/build-native.mjs'
    import { cmakeCommands } from './scripts/support/cmake.mjs'
    const [folder, rest] = ${JSON.stringify([build, { direct, target }])}
    console.log(JSON.stringify(cmakeCommands(folder, await cmakeOptions({}), rest)))`
  const args = ['--input-type=module', '--eval', program]
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  expect(stderr).toBe('')
  return JSON.parse(stdout.trim().split('\n').pop() as string)
}

/** CMake's configuration of a folder, without the folder's name. */
function configured(direct: boolean) {
  const build = join(folder, direct ? 'direct' : 'cmake-js')
  const [program, ...args] = commands(build, direct).configure
  const { status, stderr } = spawnSync(program as string, args, { encoding: 'utf8' })
  expect({ status, stderr: stderr.replace(/.*GoogleTest.*/s, '') }).toEqual({
    status: 0,
    stderr: '',
  })
  const file = (name: string) => readFileSync(join(build, name), 'utf8').replaceAll(build, 'BUILD')
  const cache = file('CMakeCache.txt').matchAll(/^([A-Z]\w*):\w+=(.*)$/gm)
  return { cache: Object.fromEntries([...cache].map(([, name, value]) => [name, value])), file }
}

cloned(
  'both configure the same, to the last flag of each file',
  () => {
    const ours = configured(true)
    const theirs = configured(false)
    expect(theirs.cache.CMAKE_JS_VERSION).toBeDefined()
    for (const name of Object.keys(theirs.cache)) {
      if (/^(CMAKE_JS_|NODE_(RUNTIME|RUNTIMEVERSION|ARCH)$)/.test(name)) delete theirs.cache[name]
    }
    expect(theirs.cache).toEqual(ours.cache)
    const manifest = existsSync(join(folder, 'direct/build.ninja')) ? 'build.ninja' : 'Makefile'
    expect(theirs.file(manifest)).toBe(ours.file(manifest))
  },
  120_000,
)

cloned('both build the target asked for, with every processor', () => {
  const last = (direct: boolean) => commands('/b', direct, 'engine').build.slice(-4)
  expect(last(false)).toEqual(last(true))
  expect(last(true)).toEqual(['--parallel', expect.stringMatching(/^\d+$/), '--target', 'engine'])
})
