/** The commands that write: on a closed database; beside a service they fail, and name it. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { counter, json } from 'rocksdb-live'
import { FORMATS_FILE, readFormats } from '../../lib/formats/remembered'
import { run, runWell } from '../support/commands'
import { openAt, useTempDirectory } from '../support/database'
import { checksums } from '../support/files'
import { startService } from '../support/service'

const dir = useTempDirectory()
const path = () => dir('shop')

async function make(): Promise<void> {
  const db = await openAt(path(), {
    columnFamilies: {
      users: { key: 'utf8', value: json<object>() },
      visits: { key: 'utf8', value: counter() },
      sessions: { key: 'utf8', value: 'utf8', expires: true },
    },
  })
  await db.columnFamily('users').put('ada', { n: 1 })
  await db.close()
}

const WRITES: [command: string, args: (path: string) => string[]][] = [
  ['put', (at) => [at, 'key', 'value']],
  ['put', (at) => [at, 'key', 'value', '--create']],
  ['delete', (at) => [at, 'key']],
  ['compact', (at) => [at]],
  ['checkpoint', (at) => [at, `${at}-copy`]],
]

it.each(WRITES)(
  '%s beside a service fails, names it, and changes nothing',
  async (command, args) => {
    await make()
    const service = await startService(path())
    await service.put('key', '1')
    const before = checksums(path())
    const { status, stdout, stderr } = run([command, ...args(path())])
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toContain('This command writes, and one process at a time may')
    if (process.platform === 'linux') expect(stderr).toContain(`another process (${service.pid}: `)
    expect(checksums(path())).toEqual(before)
    expect(existsSync(`${path()}-copy`)).toBe(false)
    await service.put('key', '2')
    await service.end()
  },
)

it('rows are written, read and deleted', async () => {
  await make()
  runWell('put', path(), 'bob', '{"n":2}', '-f', 'users', '-v', 'json')
  expect(runWell('get', path(), 'bob', '-f', 'users')).toBe('{"n":2}\n')
  runWell('put', path(), '', '')
  expect(runWell('scan', path())).toBe('""\t""\n')
  runWell('delete', path(), '')
  runWell('delete', path(), 'ada', 'bob', 'nobody', '-f', 'users')
  expect(runWell('count', path(), '-f', 'users')).toBe('0\n')
  runWell('put', path(), '00ff', '0102', '--hex')
  expect(runWell('scan', path(), '--json')).toBe('{"keyHex":"00ff","valueHex":"0102"}\n')
  const wrong = run(['get', path(), '00ff', '-k', 'hex', '-v', 'uint64'])
  expect(wrong).toEqual({
    status: 0,
    stdout: '0x0102\n',
    stderr: 'in hexadecimal: 1 value that is not uint64\n',
  })
  expect(runWell('scan', path(), '--json', '--hex')).toBe('{"key":"00ff","value":"0102"}\n')
}, 60_000)

it('values come from standard input, of any bytes', async () => {
  await make()
  const bytes = Buffer.from('00ff0a1b5b', 'hex')
  expect(run(['put', path(), 'raw', '-', '--raw'], { input: bytes }).status).toBe(0)
  const db = await openAt(path(), { mode: 'read-only' })
  expect(await db.default.get('raw')).toEqual(bytes)
  await db.close()
  expect(run(['put', path(), 'n', '-', '-v', 'uint64'], { input: '5\n' }).status).toBe(0)
  expect(runWell('get', path(), 'n', '-v', 'uint64')).toBe('5\n')
  expect(run(['put', path(), 'text', '-'], { input: 'a\n' }).status).toBe(0)
  expect(runWell('get', path(), 'text', '--raw')).toBe('a\n')
  // Nothing is written where the value was forgotten.
  expect(run(['put', path(), 'none'])).toMatchObject({ status: 2 })
  expect(run(['get', path(), 'none']).status).toBe(3)
}, 60_000)

it('counters are set, and added to', async () => {
  await make()
  const get = () => runWell('get', path(), '/home', '-f', 'visits')
  runWell('put', path(), '/home', '40', '-f', 'visits')
  runWell('put', path(), '/home', '2', '-f', 'visits', '--merge')
  expect(get()).toBe('42\n')
  const { status, stderr } = run(['put', path(), '/home', 'x', '-f', 'visits'])
  expect([status, stderr]).toEqual([
    2,
    expect.stringContaining('"x" is not counter: a whole number'),
  ])
  expect(get()).toBe('42\n')
}, 60_000)

it('rows of families whose rows expire have a lifetime', async () => {
  await make()
  runWell('put', path(), 'a', 'x', '-f', 'sessions', '--ttl-seconds', '3600')
  const row = JSON.parse(runWell('scan', path(), '-f', 'sessions', '--expires', '--json'))
  expect(Math.abs(Date.parse(row.expiresAt) - Date.now() - 3_600_000)).toBeLessThan(600_000)
  const { status, stderr } = run(['put', path(), 'a', 'x', '-f', 'users', '--ttl-seconds', '1'])
  expect([status, stderr]).toEqual([1, expect.stringContaining('do not expire')])
}, 60_000)

it('a database and a family are made with --create alone', async () => {
  const { status, stderr } = run(['put', dir('new'), 'a', '1'])
  expect([status, stderr]).toEqual([1, expect.stringContaining('--create makes one')])
  expect(readdirSync(dir())).toEqual([])
  runWell('put', dir('new'), 'a', '1', '--create', '-f', 'users')
  expect(runWell('scan', dir('new'), '-f', 'users')).toBe('a\t1\n')
  const other = run(['put', dir('new'), 'a', '1', '-f', 'user'])
  expect([other.status, other.stderr]).toEqual([
    1,
    expect.stringContaining('did you mean "users"?'),
  ])
}, 60_000)

it('compact says what it did, of one family or of all', async () => {
  const db = await openAt(path(), {
    columnFamilies: { users: {} },
    rocksdb: { columnFamily: { disable_auto_compactions: true } },
  })
  for (let n = 0; n < 3; n++) {
    for (let i = 0; i < 100; i++) await db.columnFamily('users').put(`key${i}`, `value${n}`)
    await db.flush()
  }
  await db.close()
  const args = ['--db-compression', 'none']
  expect(runWell('compact', path(), '-f', 'users', '--bottommost', ...args)).toMatch(
    /^users: 3 files of .* before, 1 file of .* after\n$/,
  )
  const [file] = runWell('files', path(), '--json').trim().split('\n')
  expect(JSON.parse(file as string)).toMatchObject({ entries: 100, compression: 'none' })
  const report = JSON.parse(runWell('compact', path(), '--json'))
  expect(report.map((each: { columnFamily: string }) => each.columnFamily)).toEqual([
    'default',
    'users',
  ])
  const bounded = run(['compact', path(), '--prefix', 'key1'])
  expect([bounded.status, bounded.stderr]).toEqual([2, expect.stringContaining('needs --family')])
  runWell('compact', path(), '-f', 'users', '--prefix', 'key1')
}, 60_000)

it('checkpoint makes a database of its own, in a new directory', async () => {
  await make()
  expect(runWell('checkpoint', path(), dir('copy'))).toBe(`${dir('copy')}\n`)
  runWell('delete', path(), 'ada', '-f', 'users')
  expect(runWell('get', dir('copy'), 'ada', '-f', 'users')).toBe('{"n":1}\n')
  for (const target of [dir('copy'), path()]) {
    const { status, stderr } = run(['checkpoint', path(), target])
    expect([status, stderr]).toEqual([1, expect.stringContaining('exists')])
  }
}, 60_000)

describe('formats', () => {
  it('are remembered where that is asked for, beside a service as well', async () => {
    await make()
    const service = await startService(path())
    const args = ['scan', path(), '-f', 'users']
    expect(runWell(...args)).toBe('ada\t{"n":1}\n')
    expect(existsSync(dir('shop', FORMATS_FILE))).toBe(false)
    expect(runWell(...args, '-k', 'hex', '--remember')).toBe('616461\t{"n":1}\n')
    expect(runWell(...args, '-v', 'json', '--remember', '--json')).toBe(
      '{"key":"616461","value":{"n":1}}\n',
    )
    expect(readFormats(path())).toEqual(new Map([['users', { key: 'hex', value: 'json' }]]))
    expect(runWell(...args)).toBe('616461\t{"n":1}\n')
    expect(runWell(...args, '-k', 'utf8')).toBe('ada\t{"n":1}\n')
    expect(runWell('get', path(), '616461', '-f', 'users')).toContain('"n": 1')
    await service.end()
    expect(runWell('verify', path())).toContain('nothing is wrong')
  }, 60_000)

  it.each<[string[], string]>([
    [['--remember'], '--remember needs'],
    [['-k', 'utf'], 'did you mean utf8?'],
    [['-k', 'counter'], 'codec of keys'],
    [['-k', 'uint32', '--gte', 'x'], '"x" is not uint32'],
    [['-k', 'tuple:utf8,uint32', '--prefix', 'a,b,c'], 'has 3 parts'],
    [['-k', 'uint32', '--prefix', '5'], '--prefix is for keys that are bytes, text or tuples'],
    [['--limit', 'x'], '--limit must be a whole number'],
    [['--keys', '--expires'], 'exclude each other'],
    [['--lmit', '1'], '--lmit'],
  ])('scan %j is misuse: %s', async (args, said) => {
    await make()
    const { status, stdout, stderr } = run(['scan', path(), ...args])
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringContaining(said)])
  })

  it('of a newer version are refused by name', async () => {
    await make()
    writeFileSync(dir('shop', FORMATS_FILE), '{"version":9}')
    const { status, stderr } = run(['scan', path()])
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/rocksdb-live\.json is of version 9/),
    ])
  })
})
