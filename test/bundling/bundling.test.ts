/** A bundled service, run where nothing of the project exists. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { versions } from '../../lib/versions'
import { command, run } from '../install/installed'
import { brokenLinks } from '../support/documents'

const root = join(__dirname, '../..')
const platform = `${process.platform}-${process.arch}`
const binary = join('prebuilds', platform, 'rocksdb-live.node')

/** The project as npm has installed it, and a folder far from it in which its bundles run. */
let folder: string
let project: string
let away: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rocksdb-live-bundling-'))
  project = join(folder, 'project')
  away = join(folder, 'srv/service/dist')
  const own = join(project, 'node_modules/rocksdb-live')
  for (const name of ['dist', 'package.json'])
    cpSync(join(root, name), join(own, name), { recursive: true })
  for (const name of ['node-gyp-build', 'smol-toml'])
    cpSync(join(root, 'node_modules', name), join(project, 'node_modules', name), {
      recursive: true,
    })
  cpSync(join(root, 'build/Release/rocksdb_live.node'), join(own, binary))
  cpSync(join(__dirname, 'project/service.cjs'), join(project, 'service.cjs'))
  writeFileSync(join(project, 'package.json'), '{ "private": true }')
  mkdirSync(away, { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a program of this repository in the project; fails if it fails. */
function build(...args: string[]): void {
  const { status, stdout, stderr } = run(process.execPath, args, { cwd: project })
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`)
}

const esbuild = (outfile: string, more: object = {}): void => {
  const options = { entryPoints: ['service.cjs'], bundle: true, platform: 'node', outfile, ...more }
  const all = { absWorkingDir: project, logLevel: 'warning', ...options }
  build(join(__dirname, 'project/esbuild.cjs'), JSON.stringify(all))
}

const webpack = (output: string, ...external: string[]): void =>
  build(join(__dirname, 'project/webpack.cjs'), project, output, ...external)

/** The output of a bundle. */
function runBundle(file: string, env: Record<string, string> = {}): unknown {
  const { status, stdout, stderr } = run(process.execPath, [file], { cwd: folder, env })
  if (status !== 0) throw new Error(`${file} ended with ${status}\n${stdout}\n${stderr}`)
  return JSON.parse(stdout)
}

const copyPrebuilds = (to: string): void =>
  cpSync(join(project, 'node_modules/rocksdb-live/prebuilds'), join(to, 'prebuilds'), {
    recursive: true,
  })

const works = { read: 'value', versions }

/** Only files beside the bundle can be loaded after this. */
const removeProject = (): void => rmSync(project, { recursive: true })

describe('tracers take the binary along', () => {
  test('@vercel/nft', () => {
    build(command('@vercel/nft', 'nft'), 'build', 'service.cjs')
    cpSync(join(project, 'dist'), away, { recursive: true })
    removeProject()
    expect(runBundle(join(away, 'service.cjs'))).toEqual(works)
  })

  test('ncc', () => {
    build(command('@vercel/ncc', 'ncc'), 'build', 'service.cjs', '--out', away, '--quiet')
    removeProject()
    expect(runBundle(join(away, 'index.cjs'))).toEqual(works)
  }, 120_000)
})

describe('a bundle', () => {
  const bundlers: [string, () => void][] = [
    ['esbuild', () => esbuild(join(away, 'service.cjs'))],
    ['webpack', () => webpack(away)],
  ]

  test.each(bundlers)(
    'of %s finds the binary beside itself',
    (_, bundle) => {
      bundle()
      copyPrebuilds(away)
      removeProject()
      expect(runBundle(join(away, 'service.cjs'))).toEqual(works)
    },
    120_000,
  )

  test('of ES modules finds it as well', () => {
    const banner = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`
    esbuild(join(away, 'service.mjs'), { format: 'esm', banner: { js: banner } })
    copyPrebuilds(away)
    removeProject()
    expect(runBundle(join(away, 'service.mjs'))).toEqual(works)
  })

  test('finds it where ROCKSDB_LIVE_PREBUILD says', () => {
    esbuild(join(away, 'service.cjs'))
    const elsewhere = join(folder, 'elsewhere')
    copyPrebuilds(elsewhere)
    removeProject()
    const env = { ROCKSDB_LIVE_PREBUILD: elsewhere }
    expect(runBundle(join(away, 'service.cjs'), env)).toEqual(works)
  })

  test('without it says that it is a bundle, where it looked, and what to do', () => {
    esbuild(join(away, 'service.cjs'))
    const { code, message } = runBundle(join(away, 'service.cjs')) as Record<string, string>
    expect(code).toBe('ERR_BINARY_MISSING')
    expect(message).toContain(join(away, 'prebuilds', platform))
    expect(message).toContain('from a bundle')
    expect(message).toContain('--external:rocksdb-live')
    expect(message).toContain('serverExternalPackages')
    expect(message).toContain('ROCKSDB_LIVE_PREBUILD')
    expect(message).toContain('docs/bundling.md')
    // This project has no sources to compile.
    expect(message).not.toContain('rocksdb-live build')
  })

  test("leaves other packages' binaries alone, and those of the project around it", () => {
    esbuild(join(away, 'service.cjs'))
    copyPrebuilds(away)
    // node-gyp-build would use the first of these.
    for (const file of [
      join(away, 'prebuilds', platform, 'another.node.napi.node'),
      join(away, 'build/Release/another.node'),
      join(away, '../../build/Release/another.node'),
    ]) {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, 'not ours')
    }
    expect(runBundle(join(away, 'service.cjs'))).toEqual(works)
  })

  test('refuses a binary that was cut', () => {
    esbuild(join(away, 'service.cjs'))
    copyPrebuilds(away)
    truncateSync(join(away, binary), 1_000_000)
    expect(runBundle(join(away, 'service.cjs'))).toEqual({
      code: 'ERR_BINARY_INVALID',
      message: expect.stringContaining(join(away, binary)),
    })
  })
})

describe('outside of a bundle', () => {
  test.each<[string, (output: string) => void]>([
    ['esbuild', (output) => esbuild(`${output}/service.cjs`, { external: ['rocksdb-live'] })],
    ['webpack', (output) => webpack(output, 'external')],
  ])(
    'the package of %s comes from node_modules',
    (_, bundle) => {
      const output = join(project, 'dist')
      bundle(output)
      expect(readFileSync(join(output, 'service.cjs'), 'utf8')).not.toContain('ERR_BINARY_MISSING')
      expect(runBundle(join(output, 'service.cjs'))).toEqual(works)
    },
    120_000,
  )
})

test('the links of docs/bundling.md lead somewhere', () => {
  const page = readFileSync(join(root, 'docs/bundling.md'), 'utf8')
  expect(brokenLinks(page, 'docs')).toEqual([])
})
