/** Where the compiled sources come from, and the errors if they are not available. */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(__dirname, '../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

interface Pin {
  version: string
  crate?: string
  package?: string
}
interface Carrier {
  name: string
  sources: Record<string, Pin>
}
const { carriers, always } = JSON.parse(read('native/sources.json')) as {
  carriers: Carrier[]
  always: Record<string, Pin>
}
const [first, second] = carriers as [Carrier, Carrier]

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rocksdb-live-sources-'))
  mkdirSync(join(folder, 'bin'))
  symlinkSync(process.execPath, join(folder, 'bin/node'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Asks which carrier it would use, with only node and, if given, this cargo on the PATH. */
function which(cargo?: string, env: NodeJS.ProcessEnv = {}) {
  if (cargo !== undefined) {
    const file = join(folder, 'bin/cargo')
    writeFileSync(file, `#!/bin/sh\n${cargo}\n`)
    chmodSync(file, 0o755)
  }
  const script = join(root, 'scripts/fetch-sources.mjs')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [script, '--which', '--deps', join(folder, 'deps')],
    { encoding: 'utf8', env: { PATH: join(folder, 'bin'), HOME: folder, ...env } },
  )
  return { status, carrier: stdout.trim(), stderr: stderr.trim() }
}

const fails = (...lines: string[]) =>
  `${lines.map((line) => `echo ${JSON.stringify(line)} >&2`).join('\n')}\nexit 101`

const posix = process.platform === 'win32' ? test.skip : test

describe('the carrier', () => {
  const line = (reason: string) =>
    `RocksDB ${second.sources['rocksdb']?.version} from npm in place of ` +
    `${first.sources['rocksdb']?.version} from crates: ${reason}. ` +
    'ROCKSDB_LIVE_SOURCES=crates tries again, and says what is wrong'

  posix('is crates where cargo fetches', () => {
    expect(which('echo \'{"packages":[]}\'')).toEqual({ status: 0, carrier: 'crates', stderr: '' })
  })

  posix('is npm where there is no cargo, and one line says so', () => {
    const stderr = line('there is no cargo on the PATH')
    expect(which()).toEqual({ status: 0, carrier: 'npm', stderr })
  })

  const offline = fails(
    'error: failed to get `zstd-sys` as a dependency',
    '',
    'Caused by:',
    '  failed to query replaced source registry `crates-io`',
    '',
    'Caused by:',
    '  [6] Could not resolve hostname',
  )

  posix('is npm where the registry cannot be reached, with cargo’s own reason', () => {
    const { carrier, stderr } = which(offline)
    expect(stderr).toMatch(
      /^.*cargo fetch failed: failed to get .*: \[6\] Could not resolve host.*$/,
    )
    expect(carrier).toBe('npm')
  })

  posix('is an error where crates were asked for and cannot be had', () => {
    const deps = ['--deps', join(folder, 'deps')]
    const script = join(root, 'scripts/fetch-sources.mjs')
    const { status, stderr } = spawnSync(process.execPath, [script, ...deps], {
      encoding: 'utf8',
      env: { PATH: join(folder, 'bin'), HOME: folder, ROCKSDB_LIVE_SOURCES: 'crates' },
    })
    expect(status).toBe(1)
    expect(stderr).toContain('there is no cargo on the PATH')
  })

  posix.each([
    ['error: checksum for `zstd-sys v2.1.3` changed between lock files'],
    ['error: failed to verify the checksum of `zstd-sys v2.1.3`'],
    ['error: cannot update the lock file because --locked was passed to prevent this'],
  ])('is never another one where the download is not what is pinned: %s', (text) => {
    const { status, carrier, stderr } = which(fails(text))
    expect(status).toBe(1)
    expect(carrier).toBe('')
    expect(stderr).toContain('cargo fetch refused: ')
  })

  posix('is what ROCKSDB_LIVE_SOURCES says, and only what there is', () => {
    expect(which(offline, { ROCKSDB_LIVE_SOURCES: 'npm' }).carrier).toBe('npm')
    expect(which(offline, { ROCKSDB_LIVE_SOURCES: 'crates' }).carrier).toBe('crates')
    const { status, stderr } = which(undefined, { ROCKSDB_LIVE_SOURCES: 'maven' })
    expect(status).toBe(1)
    expect(stderr).toContain('ROCKSDB_LIVE_SOURCES is maven; it may be crates or npm')
  })
})

test('every crate is in the lock file, in the version that is pinned', () => {
  const lock = read('native/crates/Cargo.lock')
  for (const { crate = '' } of Object.values(first.sources)) {
    const [name, version] = crate.split('@')
    expect(lock).toContain(`name = "${name}"\nversion = "${version}"\n`)
  }
})

test('README and NOTICE name what is compiled', () => {
  const { rocksdb, ...codecs } = first.sources
  expect(read('README.md')).toContain(`RocksDB ${rocksdb?.version}`)
  const notice = read('NOTICE')
  for (const [name, { version }] of Object.entries(codecs))
    expect(notice).toContain(`${name} ${version}`)
  for (const { sources } of carriers) {
    expect(notice).toContain(`RocksDB ${sources['rocksdb']?.version}`)
    for (const { crate, package: npm } of Object.values(sources))
      expect(notice).toContain((crate ?? npm ?? '').replace(/(.)@/, '$1 '))
  }
  for (const name of Object.keys(always)) expect(notice).toContain(name)
})
