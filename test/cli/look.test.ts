/** The commands that look: on a closed database, and beside a service. They write nothing, and it goes on. */
import { counter, json, tuple } from 'rocksdb-live'
import { onTerminal, type Ran, run, runInside, runWell } from '../support/commands'
import { openAt, useTempDirectory } from '../support/database'
import { checksums } from '../support/files'
import { startService } from '../support/service'

const dir = useTempDirectory()
const path = () => dir('shop')

/** Tables on two levels, rows that no table has yet, counters, rows that expire, keys of parts. */
async function make(): Promise<void> {
  const db = await openAt(path(), {
    columnFamilies: {
      users: { key: 'utf8', value: json<object>() },
      orders: { key: tuple('utf8', 'uint64'), value: 'utf8' },
      visits: { key: 'utf8', value: counter() },
      sessions: { key: 'utf8', value: 'utf8', expires: true },
      sums: { mergeOperator: 'uint64add' },
    },
  })
  const users = db.columnFamily('users')
  for (let i = 0; i < 100; i++) await users.put(`user${i}`, { n: i })
  await db.flush()
  await db.compactRange('users')
  for (const region of ['eu', 'us']) {
    for (let i = 0n; i < 3n; i++) await db.columnFamily('orders').put([region, i], `${region}${i}`)
  }
  await db.columnFamily('visits').increment('/home', 41n)
  await db.columnFamily('visits').increment('/home')
  const sessions = db.columnFamily('sessions')
  await sessions.put('live', 'x', { expiresAt: new Date('2100-01-01T00:00:00Z') })
  await sessions.put('gone', 'y', { expiresAt: new Date('2001-01-01T00:00:00Z') })
  await sessions.put('forever', 'z')
  const one = Buffer.alloc(8)
  one.writeBigUInt64LE(1n)
  for (let i = 0; i < 3; i++) await db.columnFamily('sums').merge('total', one)
  await db.flush()
  await users.put('zoe', { last: true })
  await db.close()
}

const ORDERS = ['-f', 'orders', '--key', 'tuple:utf8,uint64']

/** Every command, its arguments behind the path, and what it prints. */
const COMMANDS: [command: string, args: readonly string[], said: string | RegExp][] = [
  ['get', ['zoe', '-f', 'users'], '{"last":true}\n'],
  ['get', ['zoe', '-f', 'users', '-v', 'json', '--json'], '{"key":"zoe","value":{"last":true}}\n'],
  ['get', ['eu,1', ...ORDERS], 'eu1\n'],
  ['get', ['65750000000000000000', '-f', 'orders', '--hex'], /^$/],
  ['get', ['6575000000000000000001', '-f', 'orders', '--hex'], '657531\n'],
  ['get', ['/home', '-f', 'visits'], '42\n'],
  ['get', ['total', '-f', 'sums', '--json'], '{"key":"total","value":"3"}\n'],
  ['get', ['live', '-f', 'sessions', '--expires'], 'x\nexpires: 2100-01-01T00:00:00.000Z\n'],
  ['get', ['gone', '-f', 'sessions'], /^$/],
  ['scan', ['-f', 'visits'], '/home\t42\n'],
  ['scan', [...ORDERS, '--prefix', 'us'], 'us,0\tus0\nus,1\tus1\nus,2\tus2\n'],
  ['scan', [...ORDERS, '--gt', 'eu', '--lte', '["us","1"]', '--keys'], 'us,0\nus,1\n'],
  ['scan', [...ORDERS, '-r', '-n', '1', '--json'], '{"key":["us","2"],"value":"us2"}\n'],
  [
    'scan',
    ['-f', 'users', '--gte', 'user98', '--lt', 'user990'],
    'user98\t{"n":98}\nuser99\t{"n":99}\n',
  ],
  [
    'scan',
    ['-f', 'sessions', '--expires'],
    'forever\tz\tnever\nlive\tx\t2100-01-01T00:00:00.000Z\n',
  ],
  [
    'scan',
    ['-f', 'sessions', '--expires', '--json', '-n', '1'],
    '{"key":"forever","value":"z","expiresAt":null}\n',
  ],
  ['count', ['-f', 'users'], '101\n'],
  ['count', ['-f', 'users', '--prefix', 'user1', '--json'], '{"count":11}\n'],
  ['count', ['-f', 'sessions'], '2\n'],
  ['count', ['-f', 'users', '--estimate'], '101\n'],
  ['families', [], /^family +rows .*\n(.*\n)*sessions .*rows expire\n(.*\n)*visits .*counters\n/],
  ['families', ['--json'], /"name": "sums",(.*\n)*.*"mergeOperator": "uint64add"/],
  [
    'files',
    [],
    /^orders: 1 file, .*, 6 entries\n +0x6575.*\nL0 .*1 file .*\n\n(.*\n)*L6 +█+ +1 file /,
  ],
  [
    'files',
    ['-f', 'users', '--json'],
    /^\{"kind":"table","columnFamily":"users"(.*\n)*.*"smallestKey":"user0","largestKey":"user99"\}\n/,
  ],
  ['stats', [], /^path +.*\n(.*\n)*users +~101 .*L6 1\n/],
  ['stats', ['--json'], /"estimatedRows": \d+/],
  ['properties', ['-f', 'users'], /^rocksdb\. +value\nestimate-num-keys +101 /],
  ['properties', ['estimate-num-keys', '-f', 'users'], '101\n'],
  ['properties', ['-f', 'users', '--json'], /"rocksdb.num-files-at-level6": 1/],
  ['properties', ['cfstats', '-f', 'users', '--json'], /"compaction.L6.NumFiles": "1\.?0*"/],
  ['verify', [], /: [56] files, .* read, nothing is wrong\n$/],
  ['verify', ['-f', 'users', '--json'], /"files": [12],(.*\n)*.*"damaged": \[\]/],
  ['tuning', ['--json'], /"preset"/],
]

async function expectAll(ran: (args: readonly string[]) => Ran | Promise<Ran>): Promise<void> {
  for (const [command, args, said] of COMMANDS) {
    const { status, stdout, stderr } = await ran([command, path(), ...args])
    const where = [command, ...args].join(' ')
    if (typeof said === 'string') expect([where, stdout]).toEqual([where, said])
    else expect([where, said.test(stdout) ? said : stdout]).toEqual([where, said])
    const absent = String(said) === '/^$/'
    expect([where, status, stderr]).toEqual([
      where,
      absent ? 3 : 0,
      absent ? expect.any(String) : '',
    ])
  }
}

it('they read a closed database, and change not a byte of it', async () => {
  await make()
  const before = checksums(path())
  await expectAll(runInside)
  expect(checksums(path())).toEqual(before)
}, 180_000)

it('they read beside a service, which goes on', async () => {
  await make()
  const service = await startService(path())
  await service.put('a', '1')
  // The service has a log of its own.
  const files = () => ({ ...checksums(path()), LOG: '' })
  const before = files()
  await expectAll(run)
  expect(files()).toEqual(before)
  expect(runWell('get', path(), 'a')).toBe('1\n')
  await service.put('a', '2')
  expect(runWell('get', path(), 'a')).toBe('2\n')
  await service.call('db', 'flush')
  await service.put('a', '3')
  expect(runWell('scan', path())).toBe('a\t3\n')
  if (process.platform === 'linux') {
    const { openedBy } = JSON.parse(runWell('stats', path(), '--json'))
    expect(openedBy).toContain(`another process (${service.pid}: `)
  }
  await service.end()
}, 180_000)

describe('on a terminal', () => {
  it('has colours, unless NO_COLOR asks for none', async () => {
    await make()
    const args = ['scan', path(), '-f', 'users', '-n', '2']
    expect((await onTerminal(80, args)).stdout).toContain('\x1b[1muser0\x1b[0m')
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
      const { stdout } = await onTerminal(80, args, env as never)
      expect(stdout).toBe('user0  {"n":0}\nuser1  {"n":1}\n')
    }
  })

  it('prints the first rows alone where no limit is given, and says so', async () => {
    const db = await openAt(path())
    for (let i = 0; i < 101; i++) await db.default.put(`key${i}`, '')
    await db.close()
    const NO = { NO_COLOR: '1' }
    const first = await onTerminal(80, ['scan', path()], NO)
    expect(first.stdout.split('\n')).toHaveLength(101)
    expect(first.stderr).toBe('the first 100 rows; --limit 0 prints all\n')
    for (const limit of ['0', '101', '200']) {
      const { stdout, stderr } = await onTerminal(80, ['scan', path(), '--limit', limit], NO)
      expect([stdout.split('\n').length, stderr]).toEqual([102, ''])
    }
  })

  it.each([40, 80, 200])('fits rows into %d columns', async (columns) => {
    const db = await openAt(path())
    await db.default.put('k'.repeat(300), 'v'.repeat(300))
    await db.default.put('a', '日本語'.repeat(100))
    await db.default.put('b', 'x'.repeat(100_000))
    await db.flush()
    await db.close()
    const { stdout } = await onTerminal(columns, ['scan', path()], { NO_COLOR: '1' })
    const lines = stdout.split('\n').slice(0, -1)
    expect(lines).toHaveLength(3)
    for (const line of lines) {
      const wide = [...line].filter((character) => character > '\u2fff').length
      expect(line.length + wide).toBeLessThanOrEqual(columns)
    }
    expect(stdout).toMatch(/… 900 bytes\n/)
    expect(stdout).toMatch(/… 100\.0 kB\n/)
    for (const command of ['files', 'families', 'stats']) {
      const { stdout: text } = await onTerminal(columns, [command, path()], { NO_COLOR: '1' })
      expect(text).not.toBe('')
      if (command === 'files') {
        expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(
          columns,
        )
      }
    }
  })
})

it('draws each level, and overlapping files below each other', async () => {
  const db = await openAt(path(), {
    rocksdb: { columnFamily: { disable_auto_compactions: true } },
  })
  const key = (i: number) => `key${String(i).padStart(4, '0')}`
  const flush = async (from: number, to: number) => {
    for (let i = from; i <= to; i++) await db.default.put(key(i), 'value')
    await db.flush()
  }
  await flush(0, 999)
  await db.compactRange('default')
  await flush(0, 99)
  await flush(500, 599)
  await flush(550, 699)
  for (let i = 0; i < 10; i++) await flush(200, 300)
  await db.close()
  const { stdout } = await onTerminal(100, ['files', path()], { NO_COLOR: '1' })
  const lines = stdout.split('\n')
  expect(lines[0]).toMatch(/^default: 14 files, .*, 2,360 entries$/)
  expect(lines[1]).toMatch(/^ {4}key0000 +key0999$/)
  expect(lines[2]).toMatch(/^L0 {2}█+ +▓+ +█+ +13 files +\S+ kB {2}\d+ s/)
  expect(lines.slice(3, 8).every((line) => /^ {4}[ █▓]+$/.test(line))).toBe(true)
  expect(lines[8]).toMatch(/^ {4}and \d more below each other$/)
  expect(lines[9]).toMatch(/^L6 {2}█{50,} {2,}1 file /)
  const list = await onTerminal(200, ['files', path(), '--list'], { NO_COLOR: '1' })
  expect(list.stdout).toMatch(
    /\nfile +level +size +entries +age +compression +first key +last key\n0000/,
  )
})
