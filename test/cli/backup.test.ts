/** The commands backup, backups, restore and verify, run as programs. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Database } from 'rocksdb-live'
import { directory, startBackups } from 'rocksdb-live/backup'
import { openFresh, useTempDirectory } from '../support/database'
import { root } from '../support/documents'
import { eventually } from '../support/tools'

const dir = useTempDirectory()
const main = join(root, 'dist', 'cli', 'main.js')
const onPosix = process.platform === 'win32' ? it.skip : it

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  })
  return { status, stdout, stderr }
}

function runWell(...args: string[]): string {
  const { status, stdout, stderr } = run(...args)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

const idsIn = (target: string): string[] =>
  JSON.parse(runWell('backups', target, '--json')).map(({ id }: { id: string }) => id)

/** A database with one row, which is closed. */
async function make(name: string, value: string): Promise<string> {
  const db = await Database.open(dir(name))
  await db.default.put('key', value)
  await db.flush()
  await db.close()
  return dir(name)
}

async function valueIn(path: string): Promise<string> {
  const db = await Database.open(path, { mode: 'read-only' })
  try {
    return String(await db.default.get('key'))
  } finally {
    await db.close()
  }
}

describe('they are misused', () => {
  it.each([
    [['backup', 'a'], 'backup takes <path> <target>, not "a"'],
    [['backup', 'a', ''], 'backup takes <path> <target>'],
    [['backup', 'a', 'b', '--rate-limit-mb=-1'], '--rate-limit-mb must be a number above 0'],
    [['backup', 'a', 'b', '--rate-limit-mb=0'], '--rate-limit-mb must be a number above 0'],
    [['backup', 'a', 'b', '--concurrency=65'], '--concurrency must be a whole number from 1 to 64'],
    [['backup', 'a', 'b', '--nonsense'], '--nonsense'],
    [['backup', 'a', 'ftp://host/b'], 'is no directory, and does not begin with s3://'],
    [['backup', 'a', 's3://'], 'must be s3://<bucket>/<prefix>'],
    [['backup', 'a', 's3://shop/x', '--s3-endpoint=host'], '--s3-endpoint must be a URL'],
    [['backup', 'a', 'b', '--s3-path-style'], 'is for targets that begin with s3://'],
    [['backups'], 'backups takes <target>, not nothing'],
    [['backups', 'a', '--keep-last=0'], '--keep-last must be a whole number from 1'],
    [['backups', 'a', '--keep-daily=x'], '--keep-daily must be a whole number from 1'],
    [['backups', 'a', '--delete=x', '--keep-last=1'], 'exclude each other'],
    [['restore', 'a'], 'restore takes <target> <path>, not "a"'],
    [['restore', 'a', 'b', '--at=2026-11-28'], 'is no time with a zone'],
    [['restore', 'a', 'b', '--at=2026-11-28T18:00:00'], 'is no time with a zone'],
    [['restore', 'a', 'b', '--at=2026-13-28T18:00:00Z'], 'is no time with a zone'],
    [['verify', 'a', 'b', 'c'], 'verify takes <path> [id]'],
    [['verify', 'a', 'b', '--all'], 'exclude each other'],
  ])('%j: %s', (args, said) => {
    const { status, stdout, stderr } = run(...args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain(said)
  })
})

it.each(['backup', 'backups', 'restore', 'verify'])('%s --help has every flag', (name) => {
  const help = runWell(name, '--help')
  expect(help).toContain(`Usage: rocksdb-live ${name}`)
  for (const flag of ['--json', '--help', '--s3-endpoint']) expect(help).toContain(`  ${flag}`)
})

it('backs up, lists, verifies and restores a database', async () => {
  const path = await make('db', 'first')
  const target = dir('target')
  const first = runWell('backup', path, target).split('\n')[0] ?? ''
  const made = JSON.parse(runWell('backup', path, target, '--json', '--concurrency=1'))
  expect(made).toMatchObject({ id: first, sequence: expect.stringMatching(/^\d+$/) })
  expect(made.bytesShared).toBeGreaterThan(0)

  const db = await Database.open(path)
  await db.default.put('key', 'second')
  await db.close()
  const second = runWell('backup', path, target).split('\n')[0] ?? ''
  expect(idsIn(target)).toEqual([first, second])
  const table = runWell('backups', target).split('\n')
  expect(table[0]).toMatch(/^id +time +size +files +restorable until$/)
  expect(table[1]).toMatch(new RegExp(`^${first} +\\d{4}-\\S+Z +\\S+ \\S+ +\\d+ +\\d{4}-\\S+Z$`))

  expect(runWell('verify', target)).toMatch(
    new RegExp(`^${second}: \\d+ objects, .* read, nothing is wrong\n$`),
  )
  const reports = JSON.parse(runWell('verify', target, '--all', '--sizes', '--json'))
  expect(reports.map(({ id }: { id: string }) => id)).toEqual([second, first])
  expect(reports.every(({ bytesRead }: { bytesRead: number }) => bytesRead === 0)).toBe(true)

  expect(runWell('restore', target, dir('dry'), '--dry-run')).toContain(`backup ${second}`)
  expect(existsSync(dir('dry'))).toBe(false)
  expect(JSON.parse(runWell('restore', target, dir('new'), '--json'))).toMatchObject({
    id: second,
    dryRun: false,
  })
  expect(await valueIn(dir('new'))).toBe('second')
  runWell('restore', target, dir('old'), '--at', first)
  expect(await valueIn(dir('old'))).toBe('first')

  expect(runWell('backups', target, '--keep-last=1')).toContain(`removed ${first}\n`)
  expect(idsIn(target)).toEqual([second])
  expect(JSON.parse(runWell('backups', target, '--delete', second, '--json'))).toMatchObject({
    removed: [second],
  })
  expect(runWell('backups', target)).toBe(`directory ${target} has no backups\n`)
}, 60_000)

it('says what is not there', async () => {
  const path = await make('db', 'value')
  const target = dir('target')
  expect(runWell('backups', dir('none'), '--json')).toBe('[]\n')
  expect(existsSync(dir('none'))).toBe(false)
  expect(run('verify', dir('none'))).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('has no backup'),
  })
  expect(run('restore', dir('none'), dir('new'))).toMatchObject({ status: 1 })
  expect(run('backup', dir('none'), target)).toMatchObject({ status: 1 })
  runWell('backup', path, target)
  for (const args of [
    ['backups', target, '--delete=nothing'],
    ['verify', target, 'nothing'],
    ['restore', target, dir('new'), '--at=nothing'],
    ['restore', target, dir('new'), '--at=2020-01-01T00:00:00Z'],
  ]) {
    const { status, stdout, stderr } = run(...args)
    expect([args, status, stdout]).toEqual([args, 1, ''])
    expect(stderr).toMatch(/^rocksdb-live: directory .*(has no backup|reaches back to)/)
  }
}, 60_000)

it('refuses a target of another database, and a directory that is not empty', async () => {
  const [one, two] = [await make('one', '1'), await make('two', '2')]
  runWell('backup', one, dir('target'))
  expect(run('backup', two, dir('target'))).toEqual({
    status: 1,
    stdout: '',
    stderr: `rocksdb-live: directory ${dir('target')} has the backups of another database: give this one a target of its own\n`,
  })
  const before = readdirSync(two)
  const refused = run('restore', dir('target'), two)
  expect(refused.status).toBe(1)
  expect(refused.stderr).toContain('Name a directory that is not there, or empty')
  expect(readdirSync(two)).toEqual(before)
}, 60_000)

it('names damaged objects, and restores nothing of them', async () => {
  const target = dir('target')
  const id = runWell('backup', await make('db', 'value'), target).split('\n')[0] ?? ''
  const [name = ''] = readdirSync(join(target, 'sst'))
  const file = join(target, 'sst', name)
  const bytes = readFileSync(file)
  const said = (...args: string[]) => {
    const { status, stdout } = run('verify', target, ...args)
    return [status, stdout.split('\n')[1]]
  }
  bytes[20] = (bytes[20] ?? 0) ^ 1
  writeFileSync(file, bytes)
  expect(run('verify', target, id, '--sizes').status).toBe(0)
  expect(said()).toEqual([1, expect.stringContaining(`  sst/${name}: `)])
  expect(run('restore', target, dir('new'))).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(`sst/${name} in directory ${target} is damaged`),
  })
  expect(existsSync(dir('new'))).toBe(false)
  truncateSync(file, bytes.length - 1)
  expect(said('--sizes')).toEqual([1, expect.stringContaining(`  sst/${name}: it has `)])
  rmSync(file)
  const { stdout, status } = run('verify', target, '--json')
  expect(status).toBe(1)
  expect(JSON.parse(stdout)[0].problems).toEqual([
    { key: `sst/${name}`, problem: 'it is not there' },
  ])

  // As docs/backup.md says.
  runWell('backups', target, '--delete', id)
  runWell('backup', dir('db'), target)
  runWell('verify', target)
}, 60_000)

it('restores between whole backups, at a time and at a token', async () => {
  const db = await openFresh({ tuning: { changesRetainMb: 16 } })
  const target = dir('target')
  const stream = await startBackups(db, directory(target), { everyMs: 1 })
  await stream.flushed()
  await db.default.put('key', 'first')
  await stream.flushed()
  const { token = '' } = stream.status()
  await db.default.put('key', 'second')
  await stream.flushed()
  await stream.stop()
  const restored = JSON.parse(runWell('restore', target, dir('token'), '--at', token, '--json'))
  expect(restored.segments).toBeGreaterThan(0)
  expect(await valueIn(dir('token'))).toBe('first')
  expect(runWell('restore', target, dir('latest'))).toMatch(
    /\d+ commits? of \d+ segments? after it/,
  )
  expect(await valueIn(dir('latest'))).toBe('second')
  // A command beside the service, into the target of its continuous backups.
  runWell('backup', db.path, target)
  const [listed] = JSON.parse(runWell('backups', target, '--json'))
  const at = new Date(listed.untilMs).toISOString()
  runWell('restore', target, dir('time'), '--at', at)
  expect(await valueIn(dir('time'))).toBe('second')
}, 60_000)

describe('beside a process that writes', () => {
  const children = new Set<ChildProcess>()
  afterEach(async () => {
    for (const child of children) {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
    }
    children.clear()
  })

  function start(...args: string[]): ChildProcess {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    children.add(child)
    return child
  }

  /** Writes rows 0, 1, 2, … and prints each number once it is acknowledged. */
  const WRITER = `
    const { Database } = require(${JSON.stringify(root)})
    Database.open(process.argv[1], { tuning: { writeBufferMb: 16 } }).then(async (db) => {
      for (let n = 0; ; n++) {
        await db.batch().put(db.default, 'a' + n, Buffer.alloc(5000)).put(db.default, 'b' + n, Buffer.alloc(10)).write()
        process.stdout.write(n + '\\n')
      }
    })`

  it('has everything that was acknowledged before, and no half of a batch', async () => {
    const writer = start('-e', WRITER, dir('db'))
    let written = -1
    writer.stdout?.on('data', (text) => {
      written = Number(String(text).trimEnd().split('\n').at(-1))
    })
    await eventually('rows', () => (written >= 500 ? true : undefined))
    const before = written
    const { status, stdout, stderr } = await ended(start(main, 'backup', dir('db'), dir('target')))
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^\S+\n/)
    runWell('restore', dir('target'), dir('new'))
    const db = await Database.open(dir('new'), { mode: 'read-only' })
    try {
      let rows = 0
      while (await db.default.has(`a${rows}`)) {
        expect([rows, await db.default.has(`b${rows}`)]).toEqual([rows, true])
        rows++
      }
      expect(rows).toBeGreaterThan(before)
      expect(await db.default.count()).toBe(2 * rows)
    } finally {
      await db.close()
    }
  }, 60_000)

  onPosix(
    'ends in order with 130 after Ctrl-C, and leaves no backup',
    async () => {
      await make('db', 'x'.repeat(100_000))
      // At 1 kB a second it does not end by itself.
      const copy = start(main, 'backup', dir('db'), dir('target'), '--rate-limit-mb=0.001')
      await eventually('its beginning', () => (existsSync(dir('target')) ? true : undefined))
      const end = ended(copy)
      copy.kill('SIGINT')
      const { status, stderr } = await end
      expect({ status, stderr }).toEqual({ status: 130, stderr: expect.stringContaining('SIGINT') })
      expect(runWell('backups', dir('target'), '--json')).toBe('[]\n')
      runWell('backup', dir('db'), dir('target'))
      runWell('verify', dir('target'))
    },
    60_000,
  )

  onPosix(
    'does not end where nobody reads what it says',
    async () => {
      await make('db', 'value')
      mkdirSync(dir('work'))
      const copy = start(main, 'backup', dir('db'), dir('target'))
      copy.stdout?.destroy()
      copy.stderr?.destroy()
      const [status] = await once(copy, 'exit')
      expect(status).toBe(0)
      expect(idsIn(dir('target'))).toHaveLength(1)
    },
    60_000,
  )
})

/** What a command has said, and its exit status. */
async function ended(child: ChildProcess) {
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text
    })
  }
  const [status] = await once(child, 'close')
  return { status, ...said }
}
