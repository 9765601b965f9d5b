/** The addon's file: its properties, and what happens if it is missing or cannot run. */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasProgram, where } from '../support/tools'
import { run } from './installed'

const root = join(__dirname, '../..')
const platform = `${process.platform}-${process.arch}`
const built = join(root, 'build-cmake', platform, 'Release/rocksdb_live.node')
const linux = process.platform === 'linux'
const linuxX64 = platform === 'linux-x64'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rocksdb-live-binaries-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A project with the package in it, whose only binary is the file at `binary`. */
function install(binary = built): string {
  const modules = join(folder, 'node_modules')
  const own = join(modules, 'rocksdb-live')
  const file = join(own, 'prebuilds', platform, 'rocksdb-live.node')
  mkdirSync(join(own, 'prebuilds', platform), { recursive: true })
  for (const name of ['dist', 'package.json'])
    cpSync(join(root, name), join(own, name), { recursive: true })
  for (const name of ['node-gyp-build', 'smol-toml'])
    cpSync(join(root, 'node_modules', name), join(modules, name), { recursive: true })
  cpSync(binary, file)
  return file
}

const program = `
const { mkdirSync } = require('node:fs')
const use = async () => {
  const { Database } = require('rocksdb-live')
  const db = await Database.open(process.argv[1])
  for (let id = 0; id < 2000; id += 1) db.default.putSync('key ' + id, 'value '.repeat(100) + id)
  await db.flush()
  const value = await db.default.get('key 1999', { verifyChecksums: true })
  const rows = await db.default.count()
  await db.close()
  return { value: String(value).slice(-4), rows }
}
use().catch(({ name, code, message }) => ({ name, code, message }))
  .then((result) => console.log(JSON.stringify(result)))`

/** Opens a database with the installed package; returns what it found, or the error. */
function use(
  command: readonly string[] = [],
  options: { uid?: number; gid?: number } = {},
): unknown {
  const [first, ...rest] = [...command, process.execPath, '-e', program, join(folder, 'data/db')]
  mkdirSync(join(folder, 'data'), { recursive: true })
  chmodSync(join(folder, 'data'), 0o777)
  const { status, signal, stdout, stderr } = spawnSync(first as string, rest, {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
    ...options,
  })
  if (status !== 0) throw new Error(`ended with ${signal ?? status}: ${stderr}`)
  return JSON.parse(stdout)
}

const works = { value: '1999', rows: 2000 }

describe('a binary that is not one', () => {
  const invalid = (reason: string) => ({
    name: 'RocksDBError',
    code: 'ERR_BINARY_INVALID',
    message: expect.stringMatching(new RegExp(`rocksdb-live\\.node on .*${reason}`)),
  })

  test.each([0, 10, 64, 4096, 1_000_000])('cut short after %i bytes', (length) => {
    truncateSync(install(), length)
    expect(use()).toEqual(invalid(linux ? 'cut short' : ''))
  })

  test('without its last byte', () => {
    const file = install()
    truncateSync(file, readFileSync(file).length - 1)
    if (linux) expect(use()).toEqual(invalid('cut short'))
    else use()
  })

  test('text', () => {
    writeFileSync(install(), '<html>404 not found</html>'.repeat(100))
    expect(use()).toEqual(invalid(''))
  })

  test('zeros', () => {
    writeFileSync(install(), Buffer.alloc(100_000))
    expect(use()).toEqual(invalid(''))
  })

  test('made for Windows', () => {
    writeFileSync(install(), Buffer.concat([Buffer.from('MZ'), Buffer.alloc(100_000)]))
    expect(use()).toEqual(invalid(linux ? 'a Windows binary' : ''))
  })

  ;(linux ? test : test.skip)('made for another processor', () => {
    const file = install()
    const bytes = readFileSync(file)
    bytes.writeUInt16LE(process.arch === 'x64' ? 183 : 62, 18)
    writeFileSync(file, bytes)
    const other = process.arch === 'x64' ? 'arm64' : 'x64'
    expect(use()).toEqual(invalid(`it is for ${other}, and this is ${process.arch}`))
  })

  ;(linux ? test : test.skip)('an addon of something else', () => {
    const source = join(folder, 'other.c')
    writeFileSync(source, 'int nothing;')
    const file = install()
    run('cc', ['-shared', '-fPIC', '-o', file, source])
    expect(use()).toEqual(invalid(''))
  })
})

describe('a processor', () => {
  const emulator = linuxX64 && hasProgram('qemu-x86_64-static', '--version')
  const without = 'older processors, which need: apt install qemu-user-static'
  const onProcessor = linuxX64 ? where(emulator, without) : test.skip
  const qemu = (model: string) => ['qemu-x86_64-static', '-cpu', model]

  onProcessor('without SSE4.2 is refused with its name for what is missing', () => {
    install()
    expect(use(qemu('core2duo'))).toEqual({
      name: 'RocksDBError',
      code: 'ERR_NOT_SUPPORTED',
      message: expect.stringContaining('this one lacks SSE4.2 and POPCNT'),
    })
  })

  onProcessor('of x86-64-v2 without PCLMULQDQ runs the database', () => {
    install()
    expect(use(qemu('Nehalem'))).toEqual(works)
  })

  onProcessor('with PCLMULQDQ reads what one without has written', () => {
    install()
    expect(use(qemu('Nehalem'))).toEqual(works)
    expect(use()).toEqual(works)
  })
})

const root0 = process.getuid?.() === 0
const withUsers = process.platform === 'win32' ? test.skip : test

withUsers('a node_modules that nobody may write to', () => {
  install()
  run('chmod', ['-R', 'a-w,a+rX', join(folder, 'node_modules')])
  chmodSync(folder, 0o755)
  // Nothing is read-only for root.
  expect(use([], root0 ? { uid: 65_534, gid: 65_534 } : {})).toEqual(works)
  run('chmod', ['-R', 'u+w', join(folder, 'node_modules')])
})

describe('scripts/check-binary.mjs', () => {
  const check = (file: string) =>
    run(process.execPath, [join(root, 'scripts/check-binary.mjs'), file])

  test('finds nothing wrong with the addon', () => {
    const { status, stdout } = check(built)
    expect(stdout).toMatch(/: fine\n$/)
    expect(status).toBe(0)
  })

  ;(linuxX64 ? test : test.skip)('finds what a release must not have', () => {
    const source = join(folder, 'bad.c')
    const file = join(folder, 'bad.node')
    writeFileSync(
      source,
      `int leaked(void) { return 1; }
       float widened(const float* from) {
         float sum = 0;
         __asm__("vaddps %%ymm0, %%ymm1, %%ymm2" : : : "xmm2");
         return sum + *from;
       }`,
    )
    const flags = ['-shared', '-fPIC', '-z', 'execstack', '-Wl,-z,norelro', '-Wl,-z,lazy']
    const compiled = run('gcc', [...flags, '-o', file, source, '-Wl,--no-as-needed', '-lstdc++'])
    expect(compiled.status).toBe(0)
    const { status, stdout } = check(file)
    for (const problem of [
      /exports 2 other symbols, such as (leaked|widened)/,
      /does not export napi_register_module_v1/,
      /needs the library libstdc\+\+\.so\.6/,
      /has no RELRO segment/,
      /is not linked with BIND_NOW/,
      /has an executable stack/,
      /is not stripped/,
      /uses vaddps, beyond x86-64-v2, in widened/,
    ]) {
      expect(stdout).toMatch(problem)
    }
    expect(status).toBe(1)
  })
})

// npm runs a script called `prebuild` before each `npm run build`, and does not tell it so.
test('npm run build makes no prebuilt binary, npm run prebuild does', () => {
  const hook = join(root, 'scripts/support/npm-hook.mjs')
  const print = `import(process.argv[2]).then((m) => console.log('asked:', m.scriptAskedOfNpm()))`
  writeFileSync(join(folder, 'print.cjs'), print)
  const prebuild = `node print.cjs "${hook}"`
  const scripts = { prebuild, build: 'node -v', wrapped: 'npm run build' }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts }))
  const asked = (...args: string[]) =>
    /asked: (\w+)/.exec(run('npm', args, { cwd: folder }).stdout)?.[1]
  expect(asked('run', 'build')).toBe('build')
  expect(asked('--silent', 'run-script', 'build')).toBe('build')
  expect(asked('run', '--silent', 'wrapped')).toBe('build')
  expect(asked('run', 'prebuild')).toBe('prebuild')
  expect(asked('run', 'prebuild', '--', '--target', 'win32-x64')).toBe('prebuild')
})
