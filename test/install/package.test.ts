/** The npm package: its content, and that it works if it was installed with scripts blocked. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { list } from 'tar'
import { versions } from '../../lib/versions'
import { command, createProject, type Project, run } from './installed'

const root = join(__dirname, '../..')
const peer = join(root, 'node_modules/rocksdb-native')

let project: Project
beforeAll(() => {
  project = createProject()
  // The first packing of new sources compresses them for half a minute of a free processor.
}, 600_000)
afterAll(() => project?.remove())

const inPackage = (file: string): string => readFileSync(join(project.installed, file), 'utf8')

describe('what is in it', () => {
  const allowed = [
    /^(package\.json|(README|CHANGELOG|CONTRIBUTING|SECURITY)\.md|LICENSE|NOTICE|CMakeLists\.txt|sbom\.cdx\.json|deps\.br)$/,
    /^dist\/[\w/-]+\.(js|d\.ts)$/,
    /^dist\/studio\/page\/\w+\.(html|css|svg)$/,
    /^docs\/[\w/-]+\.(md|json|yml|svg)$/,
    /^prebuilds\/(README\.md|SHA256SUMS|[\w+-]+\/[\w.-]+\.node)$/,
    /^native\/(sources\.json|exports\.map|crates\/Cargo\.(toml|lock)|[\w/]+\.(cc|h|c))$/,
    /^cmake\/[\w/-]+\.cmake$/,
    /^scripts\/(build-native|fetch-sources)\.mjs$/,
    /^scripts\/support\/[\w-]+\.mjs$/,
    /^licenses\/[\w-]+\/(COPYING|LICENSE[\w.]*)$/,
  ]
  const files: string[] = []
  beforeAll(async () => {
    await list({
      file: project.tarball,
      onReadEntry: ({ path }) => files.push(path.slice('package/'.length)),
    })
  })

  test('what runs, what compiles and their licences, and nothing else', () => {
    expect(files.filter((file) => !allowed.some((pattern) => pattern.test(file)))).toEqual([])
    expect(files.filter((file) => /tests?\/|_test\.cc$/.test(file))).toEqual([])
    expect(files.filter((file) => file.endsWith('.node'))).toHaveLength(1)
  })

  test('what its README links to', () => {
    const links = [...inPackage('README.md').matchAll(/\]\((?!https?:)([^)#]+)/g)]
    expect(links.length).toBeGreaterThan(10)
    for (const [, target] of links) expect(files).toContain(target)
  })

  test('what its scripts import', () => {
    for (const file of files.filter((name) => name.endsWith('.mjs'))) {
      for (const [, target] of inPackage(file).matchAll(/from '(\.[^']+)'/g)) {
        expect(files).toContain(join(dirname(file), target as string))
      }
    }
  })

  test('at most 8 MB with one platform', () => {
    expect(statSync(project.tarball).size).toBeLessThanOrEqual(8e6)
  })

  test('the licence of everything that is compiled in', () => {
    const texts: Record<string, RegExp> = {
      LICENSE: /Apache License/,
      'licenses/rocksdb/LICENSE.Apache': /Apache License/,
      'licenses/rocksdb/LICENSE.leveldb': /The LevelDB Authors/,
      'licenses/lz4/LICENSE': /Yann Collet/,
      'licenses/zstd/LICENSE': /Meta Platforms/,
      ...(versions.snappy && { 'licenses/snappy/COPYING': /Google Inc/ }),
      ...(versions.zlib && { 'licenses/zlib/LICENSE': /Mark Adler/ }),
      ...(versions.bzip2 && { 'licenses/bzip2/LICENSE': /Julian R Seward/ }),
      'licenses/node-addon-api/LICENSE.md': /MIT License/,
      'licenses/node-api-headers/LICENSE': /MIT License/,
    }
    for (const [file, text] of Object.entries(texts)) expect(inPackage(file)).toMatch(text)
    const names = /RocksDB[\s\S]*lz4[\s\S]*zstd[\s\S]*node-addon-api[\s\S]*node-api-headers/
    expect(inPackage('NOTICE')).toMatch(names)
  })

  test('a bill of materials that CycloneDX accepts, with the versions compiled in', async () => {
    const text = inPackage('sbom.cdx.json')
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6)
    expect(await validator.validate(text)).toBeNull()
    const { components } = JSON.parse(text) as { components: { name: string; version: string }[] }
    const listed = Object.fromEntries(components.map(({ name, version }) => [name, version]))
    const dependencies = JSON.parse(inPackage('package.json')).dependencies as Record<
      string,
      string
    >
    expect(listed).toMatchObject({ ...versions, ...dependencies })
    // What the page of the studio contains.
    expect(Object.keys(listed)).toEqual(expect.arrayContaining(['preact', 'uplot']))
    expect(inPackage('NOTICE')).toMatch(/Preact: Copyright[\s\S]*uPlot: Copyright/)
  })

  test('the sum of the binary', () => {
    const [sum, file] = inPackage('prebuilds/SHA256SUMS').trim().split('  ')
    const bytes = readFileSync(join(project.installed, 'prebuilds', file ?? ''))
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sum)
  })
})

describe('a TypeScript service', () => {
  const result = {
    read: { user: { name: 'Zoë' }, events: ['1 signed up', '2 logged in'], cache: 64 },
    refused: 'ERR_INVALID_ARGUMENT',
    versions,
  }
  beforeAll(() => {
    const files = ['service.mts', 'service.cts', 'worker.mts']
    expect(project.compile('node16', ...files)).toBe('')
    expect(project.compile('nodenext', ...files)).toBe('')
  }, 60_000)

  test('with require', () => {
    expect(project.runFile('service.cjs', join(project.folder, 'cjs'))).toEqual({
      visits: 42,
      versions,
    })
  })

  test('with import', () => {
    expect(project.runFile('service.mjs', join(project.folder, 'mjs — ü'))).toEqual(result)
  })

  test('in a worker', () => {
    const printed = project.runFile('worker.mjs', join(project.folder, 'worker'))
    expect(printed).toEqual({ ...result, code: 0, main: versions })
  })

  test('under jest', () => {
    const config = { rootDir: project.folder, testMatch: ['**/*.spec.cjs'], transform: {} }
    const args = [command('jest'), '--config', JSON.stringify(config)]
    const { status, stderr } = run(process.execPath, args, { cwd: project.folder })
    expect(stderr).toContain('1 passed')
    expect(status).toBe(0)
  })

  test('from the command line', () => {
    const { status, stdout } = run(process.execPath, [
      join(project.installed, 'dist/cli/main.js'),
      'tuning',
    ])
    expect(stdout).toContain('blockCacheMb')
    expect(status).toBe(0)
  })
})

/** prom-client is an optional peer dependency: none of the installations above has it. */
describe('metrics', () => {
  test.each([
    ['metrics', 'prom-client'],
    ['otel', '@opentelemetry/api'],
  ])('%s names the package that it needs', (entry, name) => {
    const program = `try { require('rocksdb-live/${entry}') } catch (error) { console.log(error.message) }`
    const { stdout } = run(process.execPath, ['-e', program], { cwd: project.folder })
    expect(stdout).toContain(`Cannot find module '${name}'`)
  })

  test('of a service that has it', () => {
    project.add('prom-client', '@opentelemetry/api', 'tdigest', 'bintrees')
    expect(project.compile('nodenext', 'metrics.mts')).toBe('')
    expect(project.runFile('metrics.mjs', join(project.folder, 'metrics'))).toEqual({
      contentType: expect.stringContaining('text/plain'),
      size: expect.stringMatching(/^node_db_size_bytes\{db="metrics"\} \d+$/),
    })
  }, 60_000)
})

describe('beside others in one process', () => {
  const found = ['ours key 1999', 'theirs key 1999', 'ours key 7', 'theirs key 7']

  test.each(['peer-first', 'package-first'])(
    'another addon with a RocksDB of its own, %s',
    (order) => {
      expect(project.runFile('neighbour.cjs', join(project.folder, order), order, peer)).toEqual(
        found,
      )
    },
  )

  test('a second copy of the package', () => {
    const printed = project.runFile('two-copies.cjs', join(project.folder, 'copies'))
    expect(printed).toEqual({ found: [0, 1], refused: 'ERR_LOCKED' })
  })
})

/** Of the second copy, which nothing below this line uses otherwise. */
describe('its sources, in one archive', () => {
  const copy = (): string => join(project.folder, 'node_modules/rocksdb-live-again')
  const deps = (): string => join(copy(), 'deps')
  beforeEach(() => rmSync(deps(), { recursive: true, force: true }))

  const allowed =
    /^(rocksdb|lz4|zstd|snappy|zlib|bzip2|node-addon-api|node-api-headers)\/(.*\/)?([\w.-]+\.(c|cc|h|h\.in|S|def)|src\.mk|CMakeLists\.txt|COPYING|LICENSE[\w.]*|\.source-stamp)$/

  const filesOf = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => name.replaceAll(sep, '/'))

  const extract = () => run(process.execPath, ['scripts/fetch-sources.mjs'], { cwd: copy() })

  test('are what a clone compiles, less what no database needs', () => {
    expect(extract()).toMatchObject({ status: 0, stderr: expect.not.stringContaining('fetching') })
    const files = filesOf(deps())
    expect(files.filter((file) => !allowed.test(file))).toEqual([])
    expect(files).toContain('rocksdb/src.mk')
    expect(files.filter((file) => file.startsWith('rocksdb/utilities/transactions/'))).toEqual([])
    const differs = (file: string) =>
      !readFileSync(join(deps(), file)).equals(readFileSync(join(root, 'deps', file)))
    expect(files.filter(differs)).toEqual([])
    for (const file of files.filter((name) => /\/(LICENSE[^/]*|COPYING)$/.test(name)))
      expect(inPackage(join('licenses', file))).toBe(readFileSync(join(deps(), file), 'utf8'))
  })

  test('are whole again if some are missing', () => {
    extract()
    const before = filesOf(deps()).length
    rmSync(join(deps(), 'lz4'), { recursive: true })
    expect(extract().status).toBe(0)
    expect(filesOf(deps())).toHaveLength(before)
  })

  test('are there for a CMake that is started by hand', () => {
    const { status, stderr } = run('cmake', ['-S', copy(), '-B', join(project.folder, 'by-hand')])
    expect({ status, stderr }).toMatchObject({ status: 0 })
    expect(existsSync(join(deps(), 'rocksdb/src.mk'))).toBe(true)
  })
})

/** The second copy loses its binary. */
describe('without a binary', () => {
  const copy = (): string => join(project.folder, 'node_modules/rocksdb-live-again')
  const build = (env: Record<string, string>) =>
    run(process.execPath, ['dist/cli/main.js', 'build'], { cwd: copy(), env })
  beforeAll(() => rmSync(join(copy(), 'prebuilds'), { recursive: true }))

  test('loading says for what there is none, what was looked for where, and how to compile it', () => {
    const program = `
      try { require('rocksdb-live-again') }
      catch ({ name, code, message }) { console.log(JSON.stringify({ name, code, message })) }`
    const { stdout } = run(process.execPath, ['-e', program], { cwd: project.folder })
    const { message, ...rest } = JSON.parse(stdout)
    expect(rest).toEqual({ name: 'RocksDBError', code: 'ERR_BINARY_MISSING' })
    const system = `${process.platform}-${process.arch}`
    expect(message).toContain(`no binary for ${system}`)
    if (process.platform === 'linux') expect(message).toMatch(/\((glibc [\d.]+|musl)\)/)
    expect(message).toContain(`Node ${process.versions.node}`)
    expect(message).toContain(join(copy(), 'build', 'Release', '*.node'))
    expect(message).toContain(join(copy(), 'prebuilds', system, '*.node'))
    expect(message).toContain('npx rocksdb-live build')
    expect(message).toContain('The whole folder prebuilds is gone')
  })

  test('so does the command, in plain words', () => {
    const { status, stdout, stderr } = run(process.execPath, ['dist/cli/main.js', 'tuning'], {
      cwd: copy(),
    })
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/^rocksdb-live: rocksdb-live has no binary for .*\n( {2}.*\n)+/)
    expect(stderr).not.toMatch(/^ {4}at /m)
  })

  test('building says what it does without doing it', () => {
    const args = ['dist/cli/main.js', 'build', '--help']
    const { status, stdout } = run(process.execPath, args, { cwd: copy() })
    expect(stdout).toContain('Compiles the addon from the sources in the package')
    expect(status).toBe(0)
  })

  test.each([
    ['CMake', { PATH: '', Path: '' }, /there is no cmake on the PATH/],
    ['a compiler', { CXX: '/missing/c++', CC: '/missing/cc' }, /configuring with CMake ended with/],
  ])('building without %s says what is needed', (_, env, text) => {
    const { status, stderr } = build(env)
    expect(stderr).toMatch(text)
    expect(stderr).toMatch(/needs CMake 3\.22, Ninja or make, and a C\+\+20 compiler/)
    expect(status).toBe(1)
  })
})

/**
 * npm, pnpm and yarn assume `node-gyp rebuild` for a package with a binding.gyp and no install
 * script.
 */
test('no script runs at its installation, and no package manager makes one up', () => {
  const { scripts, gypfile } = JSON.parse(inPackage('package.json'))
  for (const name of ['preinstall', 'install', 'postinstall'])
    expect(scripts).not.toHaveProperty(name)
  expect(gypfile).toBe(false)
  expect(existsSync(join(project.installed, 'binding.gyp'))).toBe(false)
  const lock = readFileSync(join(project.folder, 'package-lock.json'), 'utf8')
  expect(JSON.parse(lock).packages['node_modules/rocksdb-live']).not.toHaveProperty(
    'hasInstallScript',
  )
})
