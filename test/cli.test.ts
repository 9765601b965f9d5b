/** The `rocksdb-live` command, as it is run: the compiled program in a process of its own. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Database, type TuningReport } from 'rocksdb-live'
import { TUNING_NAMES } from '../lib/tuning'
import { flagName } from '../lib/tuning/names'
import { openFresh, useTempDirectory } from './support/database'

const program = join(__dirname, '..', 'dist', 'cli', 'main.js')

function run(words: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  })
  return { status, stdout, stderr }
}

const reportOf = (words: string[], env?: Record<string, string>) =>
  JSON.parse(run([...words, '--json'], env).stdout) as TuningReport

describe('rocksdb-live', () => {
  const at = useTempDirectory()

  it('shows a flag for every option in its help', () => {
    const { status, stdout } = run(['--help'])
    expect(status).toBe(0)
    const missing = TUNING_NAMES.filter((name) => !stdout.includes(`--db-${flagName(name)} `))
    expect(missing).toEqual([])
  })

  it('shows every option in its table, with value and source', () => {
    const { status, stdout } = run(['tuning', '--db-write-buffer-mb', '512', '--db-wal', 'off'])
    expect(status).toBe(0)
    expect(TUNING_NAMES.filter((name) => !stdout.includes(`\n${name} `))).toEqual([])
    expect(stdout).toMatch(/writeBufferMb +512 +command-line flag --db-write-buffer-mb/)
    expect(stdout).toMatch(/atomic_flush = true/)
  })

  it('takes a file, variables and flags, the later over the earlier', () => {
    const file = at('node.toml')
    writeFileSync(file, '[db]\nblock_cache_mb = 100\nwrite_buffer_mb = "32MB"\nreadahead_mb = 8\n')
    const env = { PQPRIV_DB_WRITE_BUFFER_MB: '64', PQPRIV_DB_READAHEAD_MB: '16' }
    const { options } = reportOf(['tuning', '--config', file, '--db.readahead-mb=32'], env)
    expect(options.blockCacheMb.value).toBe(100)
    expect(options.blockCacheMb.layer).toBe('file')
    expect(options.writeBufferMb.value).toBe(64)
    expect(options.writeBufferMb.source).toContain('PQPRIV_DB_WRITE_BUFFER_MB')
    expect(options.readaheadMb.value).toBe(32)
    expect(options.readaheadMb.layer).toBe('commandLine')
  })

  it('says what RocksDB holds of a database that another process has open', async () => {
    const db = await openFresh({ columnFamilies: { events: {} }, env: false })
    const { options } = reportOf(['tuning', db.path, '--db-write-buffer-mb', '48'])
    expect(options.writeBufferMb.value).toBe(48)
    expect(options.writeBufferMb.rocksdb.inForce).toBe(String(48 * 1024 * 1024))
  })

  it.each([
    [
      '--toml',
      (text: string, path: string) => {
        writeFileSync(path, text)
        return reportOf(['tuning', '--config', path])
      },
    ],
    [
      '--env',
      (text: string) => {
        const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
        const pairs = lines.map((line) => line.split('=', 2) as [string, string])
        return reportOf(['tuning'], Object.fromEntries(pairs))
      },
    ],
  ])('prints %s that makes the same tuning again', (format, again) => {
    const words = ['--db-preset', 'production', '--db-memory-budget-mb', '1024', '--db-wal', 'off']
    const wanted = reportOf(['tuning', ...words])
    const { stdout } = run(['tuning', ...words, format])
    const made = again(stdout, at('again.toml'))
    const values = ({ options }: TuningReport) =>
      TUNING_NAMES.map((name) => [name, options[name].value])
    expect(values(made)).toEqual(values(wanted))
    expect(made.preset).toBe('production')
  })

  it.each([
    [['tuning', '--db-write-bufer-mb', '1'], 1, /write-buffer-mb/],
    [['tuning', '--db-compression', 'zip'], 1, /compression/],
    [['tuning', '/nowhere/at/all'], 1, /no database/],
    [['tune'], 2, /no command "tune"/],
    [['tuning', '--jsn'], 2, /--jsn/],
    [['tuning', '--json', '--toml'], 2, /exclude/],
    [['tuning', 'a', 'b'], 2, /unexpected "b"/],
  ])('refuses %j', (words, code, text) => {
    const { status, stdout, stderr } = run(words)
    expect([status, stdout]).toEqual([code, ''])
    expect(stderr).toMatch(text)
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  it('leaves a database as it was', async () => {
    const db = await openFresh({ env: false })
    await db.default.put('key', 'value')
    const { path } = db
    await db.close()
    expect(run(['tuning', path]).status).toBe(0)
    await using again = await Database.open(path, { env: false })
    expect(String(await again.default.get('key'))).toBe('value')
  })
})
