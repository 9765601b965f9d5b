/** The command `rocksdb-live`, run as a program, and the flags for other programs. */

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Command } from 'commander'
import {
  addTuningOptions,
  Database,
  type TuningReport,
  tuningParseArgsOptions,
  versions,
} from 'rocksdb-live'
import { OPTIONS, PRESETS, TUNING_NAMES } from '../../lib/tuning'
import { openFresh, useTempDirectory } from '../support/database'
import { flag, tomlName, variable } from '../support/layers'

const dir = useTempDirectory()
const main = join(__dirname, '..', '..', 'dist', 'cli', 'main.js')

interface Ran {
  status: number | null
  stdout: string
  stderr: string
}

function run(args: readonly string[], env: Record<string, string> = {}): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  })
  return { status, stdout, stderr }
}

function runWell(args: readonly string[], env?: Record<string, string>): string {
  const { status, stdout, stderr } = run(args, env)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

const reportOf = (args: readonly string[], env?: Record<string, string>): TuningReport =>
  JSON.parse(runWell(['tuning', '--json', ...args], env))

const values = (report: TuningReport) =>
  Object.fromEntries(TUNING_NAMES.map((name) => [name, report.options[name].value]))

describe('rocksdb-live', () => {
  it('lists its commands, and the help of each has its flags', () => {
    const help = runWell(['--help'])
    expect(help).toMatch(/^ {2}tuning +Show every tuning option/m)
    expect(runWell(['help', 'tuning'])).toBe(runWell(['tuning', '--help']))
    expect(run(['help', 'tunning']).stderr).toContain('did you mean tuning?')
    expect(run([])).toMatchObject({ status: 2, stdout: help })
    const { rocksdb, ...codecs } = versions
    const words = Object.entries(codecs).map(([name, version]) => `${name} ${version}`)
    const { version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8'))
    const all = [`rocksdb-live ${version}`, `RocksDB ${rocksdb}`, ...words]
    expect(runWell(['--version'])).toBe(`${all.join(', ')}\n`)
  })

  it.each([
    [['tunning'], 'did you mean tuning?'],
    [['tuning', '--jsn'], '--jsn'],
    [['build', '--symbls'], '--symbls'],
    [['build', 'here'], 'here'],
    [['tuning', '--json', '--toml'], 'exclude each other'],
    [['tuning', 'a', 'b'], 'one path at most'],
    [['constructor'], 'there is no command "constructor"'],
  ])('%j is misused: %s', (args, said) => {
    const { status, stdout, stderr } = run(args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain(said)
  })

  it.each([
    [['tuning', '--db-nonsense'], 'Unknown tuning flag "--db-nonsense"'],
    [['tuning', '--config', 'no/such.toml'], 'cannot be read'],
    [['tuning', '--strict', '--db-write-buffer-mb=1'], 'from 16 to 2048'],
    [['tuning', 'no/such/database'], 'no/such/database'],
  ])('%j fails: %s', (args, said) => {
    const { status, stdout, stderr } = run(args)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain(said)
  })
})

describe('rocksdb-live tuning', () => {
  it('--help shows every flag, with its defaults', () => {
    const help = runWell(['tuning', '--help'])
    for (const name of TUNING_NAMES) {
      const place = help.indexOf(`  --db-${flag(name)} `)
      expect([name, place]).not.toEqual([name, -1])
      const { presets } = OPTIONS[name]
      const text = help.slice(place).replace(/\s+/g, ' ')
      const said = /\(default: ([^;)]*)/.exec(text)?.[1]
      expect([name, said]).toEqual([name, String(presets.default)])
    }
    for (const own of [
      '--db-preset',
      '--db-wal ',
      '--json',
      '--toml',
      '--env',
      '--config',
      '--strict',
    ]) {
      expect(help).toContain(own)
    }
    expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  })

  it('prints every option, its value and its source', () => {
    const text = runWell(['tuning', '--db-write-buffer-mb', '32'], { PQPRIV_DB_COMPRESSION: 'lz4' })
    for (const name of TUNING_NAMES) expect(text).toMatch(new RegExp(`^${name} `, 'm'))
    expect(text).toMatch(
      /^writeBufferMb +32 +commandLine +command-line flag --db-write-buffer-mb$/m,
    )
    expect(text).toMatch(
      /^compression +lz4 +environment +environment variable PQPRIV_DB_COMPRESSION$/m,
    )
    expect(text).toMatch(/^blockCacheMb +256 +preset +preset 'default'$/m)
    expect(text).not.toContain('RocksDB holds')
  })

  it('says what RocksDB holds for a database, which may be open meanwhile', async () => {
    const db = await openFresh({ columnFamilies: { users: {} } })
    db.default.putSync('key', 'value')
    await db.flush()
    const configFile = dir('node.toml')
    writeFileSync(
      configFile,
      '[db]\nblock_cache_mb = 80\n[db.column_families.users]\nblock_size_kb = 16\n',
    )
    const text = runWell(['tuning', db.path, '--config', configFile])
    expect(text).toMatch(/^blockCacheMb +80 +83886080 +file +\S+node\.toml: db\.block_cache_mb$/m)
    expect(text).toMatch(/^Column family users\nblockSizeKb +16 +16384 +file /m)
    expect(text).toMatch(/^walEnabled +true +- +preset /m)
  })

  it('--json is what db.tuning() gives', async () => {
    const db = await openFresh()
    await db.close()
    const report = reportOf([db.path, '--db-statistics'])
    const again = await Database.open(db.path, {
      mode: 'read-only',
      env: false,
      argv: ['--db-statistics'],
    })
    const expected = JSON.parse(JSON.stringify(again.tuning()))
    await again.close()
    expect(report).toEqual(expected)
  })

  const CASES = [
    ...PRESETS.map((preset) => ['--db-preset', preset]),
    ['--db-memory-budget-mb=1000', '--db-profile=scan'],
    ['--db-memory-budget-mb=auto'],
    ['--db-compaction-style=fifo', '--db-wal=off'],
    ['--db-rate-limit-mb-per-sec=50', '--db-bytes-per-sync-mb=0', '--db-compression-level=auto'],
  ]

  it.each(CASES.map((args) => [args]))('--toml can be read again: %j', (args) => {
    const configFile = dir('pasted.toml')
    writeFileSync(configFile, runWell(['tuning', '--toml', ...args]))
    const again = reportOf(['--config', configFile, '--strict'])
    const asked = reportOf(args)
    expect([again.preset, values(again)]).toEqual([asked.preset, values(asked)])
    for (const name of TUNING_NAMES) {
      const { layer, source } = again.options[name]
      const said = asked.options[name].layer !== 'preset'
      expect([name, layer]).toEqual([name, said ? 'file' : 'preset'])
      if (said) expect(source).toBe(`${configFile}: storage.db_tuning.${tomlName(name)}`)
    }
  })

  it.each(CASES.map((args) => [args]))('--env can be read again: %j', (args) => {
    const text = runWell(['tuning', '--env', '--env-prefix', 'X_', ...args])
    const lines = text.trim().split('\n')
    expect(lines.filter((line) => line.startsWith('# X_')).length).toBeGreaterThan(30)
    const said = lines.filter((line) => !line.startsWith('#'))
    const env = Object.fromEntries(said.map((line) => line.split('=')))
    const again = reportOf(['--env-prefix=X_', '--strict'], env)
    const asked = reportOf(args)
    expect([again.preset, values(again)]).toEqual([asked.preset, values(asked)])
    const sources = TUNING_NAMES.filter((name) => again.options[name].layer === 'environment')
    for (const name of sources) {
      expect(again.options[name].source).toBe(`environment variable X_${variable(name)}`)
    }
    expect(sources).toHaveLength(said.length - 1)
  })

  it('prints families as they can be pasted', async () => {
    const db = await openFresh({ columnFamilies: { 'user-events': {}, 'a b"c': {} } })
    await db.close()
    const configFile = dir('node.toml')
    writeFileSync(
      configFile,
      '[db.column_families.user-events]\ncompression = "none"\n[db.column_families.\'a b"c\']\nblob_files = true\n',
    )
    const args = [db.path, '--config', configFile]
    writeFileSync(dir('pasted.toml'), runWell(['tuning', '--toml', ...args]))
    const again = reportOf([db.path, '--config', dir('pasted.toml')])
    expect(again.columnFamilies['user-events']?.compression?.value).toBe('none')
    expect(again.columnFamilies['a b"c']?.blobFiles?.value).toBe(true)
    expect(runWell(['tuning', '--env', ...args])).toContain(
      '\nPQPRIV_DB_CF_USER_EVENTS_COMPRESSION=none\n',
    )
  })

  it('makes no database', () => {
    expect(run(['tuning', dir('none')]).status).toBe(1)
    expect(existsSync(dir('none'))).toBe(false)
  })
})

describe('flags for other programs', () => {
  const argv = [
    '--port',
    '80',
    '--db-write-buffer-mb=32',
    '--db.compression',
    'lz4',
    '--db-wal',
    'off',
    '--db-preset',
    'production',
  ]

  const opened = async () => {
    const db = await openFresh({ argv, env: false })
    const { preset, options } = db.tuning()
    return [
      preset,
      options.writeBufferMb.value,
      options.compression.value,
      options.walEnabled.value,
    ]
  }
  const expected = ['production', 32, 'lz4', false]

  it('commander takes them, and its help shows them with their defaults', async () => {
    const program = new Command('serve').option('--port <port>')
    expect(addTuningOptions(program)).toBe(program)
    program.exitOverride().parse(argv, { from: 'user' })
    expect(program.opts()['port']).toBe('80')
    const help = program.helpInformation()
    for (const name of TUNING_NAMES) expect(help).toContain(`--db-${flag(name)} `)
    expect(help.replace(/\s+/g, ' ')).toContain('(default: 128; production 256, development 64)')
    expect(help).not.toContain('--db.')
    expect(await opened()).toEqual(expected)
    const stand = new Command('serve').exitOverride()
    addTuningOptions(stand).parse(['--db-manual-wal-flush', '--db.statistics'], { from: 'user' })
  })

  it('commander refuses what is no value for a flag that may stand alone', () => {
    for (const flag of ['--db-wal', '--db.wal-enabled', '--db-compaction-dynamic']) {
      const program = addTuningOptions(new Command('serve').exitOverride())
      program.configureOutput({ writeErr: () => {} })
      expect(() => program.parse([flag, 'maybe'], { from: 'user' })).toThrow(
        /'maybe' is invalid\. It must be .*on/,
      )
    }
  })

  it('both take those of families that are named, and commander does not show them', async () => {
    const own = [
      '--db-cf-user-events-compression',
      'none',
      '--db.cf-user-events-write-buffer-mb=40',
    ]
    const columnFamilies = ['user_events']
    const program = addTuningOptions(new Command('serve').exitOverride(), { columnFamilies })
    program.parse(own, { from: 'user' })
    expect(program.helpInformation()).not.toContain('--db-cf-')
    const { values } = parseArgs({ args: own, options: tuningParseArgsOptions({ columnFamilies }) })
    expect(Object.values(values)).toEqual(['none', '40'])
    const db = await openFresh({ argv: own, env: false, columnFamilies: { user_events: {} } })
    const { compression, writeBufferMb } = db.tuning().columnFamilies['user_events'] ?? {}
    expect([compression?.value, writeBufferMb?.value]).toEqual(['none', 40])
  })

  it.each([
    [{ columnFamilies: 'users' }, 'ERR_INVALID_ARG_TYPE', 'options.columnFamilies'],
    [{ columnFamilies: [5] }, 'ERR_INVALID_ARG_TYPE', 'options.columnFamilies[0]'],
    [{ families: [] }, 'ERR_INVALID_ARG_VALUE', 'families'],
  ])('both refuse %j', (options, code, said) => {
    const wrong = options as never
    const error = expect.objectContaining({ code, message: expect.stringContaining(said) })
    expect(() => addTuningOptions(new Command(), wrong)).toThrow(error)
    expect(() => tuningParseArgsOptions(wrong)).toThrow(error)
  })

  it('util.parseArgs takes them', async () => {
    const options = { ...tuningParseArgsOptions(), port: { type: 'string' } } as const
    const parsed = parseArgs({ args: argv, options })
    expect(parsed.values).toMatchObject({
      port: '80',
      'db-write-buffer-mb': '32',
      'db.compression': 'lz4',
    })
    for (const name of TUNING_NAMES) {
      expect(Object.keys(options)).toEqual(
        expect.arrayContaining([`db-${flag(name)}`, `db.${flag(name)}`]),
      )
    }
    expect(await opened()).toEqual(expected)
  })
})
