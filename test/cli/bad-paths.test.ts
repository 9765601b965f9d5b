/** Paths that are no database, or a damaged one: what is said, and that nothing is made. */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { backup, directory } from 'rocksdb-live/backup'
import { run, runInside } from '../support/commands'
import { openAt, useTempDirectory } from '../support/database'
import { checksums } from '../support/files'

const dir = useTempDirectory()

/** Every command with arguments behind the path. */
const LOOKS: readonly (readonly [string, ...string[]])[] = [
  ['get', 'key'],
  ['scan'],
  ['count'],
  ['families'],
  ['files'],
  ['stats'],
  ['properties'],
  ['verify'],
]
const WRITES: readonly (readonly [string, ...string[]])[] = [
  ['put', 'key', 'value'],
  ['delete', 'key'],
  ['compact'],
  ['checkpoint', join('no', 'such', 'target')],
]
const ALL = [...LOOKS, ...WRITES]

/** All files below the test's directory, without the logs that whoever tries to write begins anew. */
function filesBelow(): Record<string, string> {
  const all = Object.entries(checksums(dir()))
  return Object.fromEntries(all.filter(([name]) => !/\/LOG[^/]*$/.test(name)))
}

async function expectFailures(path: string, said: string | RegExp, commands = ALL): Promise<void> {
  const before = filesBelow()
  const names = readdirSync(dir())
  for (const [command, ...rest] of commands) {
    const { status, stdout, stderr } = await runInside([command, path, ...rest])
    expect([command, status, stdout]).toEqual([command, 1, ''])
    expect([command, stderr]).toEqual([
      command,
      typeof said === 'string' ? expect.stringContaining(said) : expect.stringMatching(said),
    ])
  }
  expect(filesBelow()).toEqual(before)
  expect(readdirSync(dir())).toEqual(names)
}

async function make(name: string): Promise<string> {
  const db = await openAt(dir(name), { tuning: { blobFiles: true, blobMinSizeKb: 1 } })
  for (let i = 0; i < 100; i++) await db.default.put(`key${i}`, `value${i}`)
  await db.default.put('large', randomBytes(5000))
  await db.flush()
  await db.close()
  return dir(name)
}

const filesOf = (path: string, ending: string) =>
  readdirSync(path).filter((name) => name.endsWith(ending) || name.startsWith(ending))

/** Overwrites bytes in the middle of a file. */
function damage(path: string, at: number): void {
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.from('damaged!'), 0, 8, at)
  closeSync(file)
}

it('nothing there, with what is near', async () => {
  await expectFailures(dir('none'), `there is no "${dir('none')}"`)
  await expectFailures(dir('none', 'deep'), 'nor')
  await make('shop')
  await expectFailures(dir('shp'), `did you mean "${dir('shop')}"?`)
  await expectFailures(dir('elsewhere'), `"${dir('shop')}" is a database`)
  await expectFailures(dir(), `is no database, and "${dir('shop')}" is one`)
  expect(existsSync(dir('none'))).toBe(false)
})

it('a file, an empty directory, a directory of something else', async () => {
  writeFileSync(dir('file'), 'x')
  await expectFailures(dir('file'), 'is a file, and a database is a directory')
  mkdirSync(dir('empty'))
  await expectFailures(dir('empty'), 'is an empty directory')
  expect(readdirSync(dir('empty'))).toEqual([])
  mkdirSync(dir('project'))
  for (const name of ['package.json', 'src', 'a', 'b', 'c']) writeFileSync(dir('project', name), '')
  await expectFailures(dir('project'), /is no database: it has .* and 2 more, and no CURRENT/)
})

it('a link to nowhere, and what lies below a file', async () => {
  symlinkSync(dir('nowhere'), dir('link'))
  await expectFailures(dir('link'), 'is a link, and there is nothing where it leads')
  writeFileSync(dir('file'), 'x')
  await expectFailures(dir('file', 'deep'), 'cannot be read: ENOTDIR')
})

it('a file of a database, and a directory of backups', async () => {
  const path = await make('shop')
  const [table] = filesOf(path, '.sst')
  await expectFailures(join(path, table as string), `it is one of the database "${path}"`)
  const db = await openAt(path)
  await backup(db, directory(dir('backups')))
  await db.close()
  const others = ALL.filter(([command]) => command !== 'verify')
  await expectFailures(
    dir('backups'),
    'has backups: look at them with rocksdb-live backups',
    others,
  )
  expect((await runInside(['verify', dir('backups')])).status).toBe(0)
})

it('the directory of a LevelDB', async () => {
  mkdirSync(dir('level'))
  for (const [name, text] of [
    ['CURRENT', 'MANIFEST-000004\n'],
    ['LOG', ''],
    ['000005.ldb', 'x'.repeat(100)],
    ['MANIFEST-000004', Buffer.from('56f9b8f8', 'hex')],
  ] as const) {
    writeFileSync(dir('level', name), text)
  }
  await expectFailures(dir('level'), /LevelDB/)
})

it('a damaged MANIFEST, CURRENT or table: what to do is said', async () => {
  const path = await make('shop')
  const copy = (name: string) => {
    cpSync(path, dir(name), { recursive: true })
    return dir(name)
  }
  const advice = /rocksdb-live doctor .* says what is left; a backup restores it/
  const manifest = copy('manifest')
  damage(join(manifest, filesOf(manifest, 'MANIFEST')[0] as string), 20)
  await expectFailures(manifest, advice)
  const current = copy('current')
  writeFileSync(join(current, 'CURRENT'), 'nonsense\n')
  await expectFailures(current, advice)
  const cut = copy('cut')
  const table = join(cut, filesOf(cut, '.sst')[0] as string)
  truncateSync(table, statSync(table).size - 10)
  await expectFailures(cut, advice)
  const gone = copy('gone')
  rmSync(join(gone, filesOf(gone, '.sst')[0] as string))
  await expectFailures(gone, advice)
})

it('verify finds what a damaged block and a damaged value are in', async () => {
  const path = await make('shop')
  const [table] = filesOf(path, '.sst')
  const [blob] = filesOf(path, '.blob')
  expect((await runInside(['verify', path])).stdout).toContain('2 files')
  damage(join(path, table as string), 20)
  const one = await runInside(['verify', path])
  expect(one.status).toBe(1)
  expect(one.stdout).toMatch(/1 file damaged\n/)
  expect(one.stdout).toContain(`${join(path, table as string)} (default): `)
  damage(join(path, blob as string), 2000)
  const both = await runInside(['verify', path, '--json'])
  const { damaged } = JSON.parse(both.stdout)
  expect([both.status, damaged]).toEqual([
    1,
    [
      expect.objectContaining({ file: join(path, table as string), columnFamily: 'default' }),
      {
        file: join(path, blob as string),
        columnFamily: 'default',
        problem: 'a value in it is damaged',
      },
    ],
  ])
  await expectFailures(path, /rocksdb-live doctor .* says what is left/, [['scan']])
  const files = await runInside(['files', path, '--json'])
  expect(files.status).toBe(0)
})

it('verify takes flags of what it looks at alone', async () => {
  const path = await make('shop')
  for (const [args, said] of [
    [[path, '--all'], '--all is for backups'],
    [[path, 'id'], 'takes an id of a backup'],
    [['s3://bucket/shop', '-f', 'users'], '--family is for databases'],
  ] as const) {
    const { status, stderr } = await runInside(['verify', ...args])
    expect([status, stderr]).toEqual([2, expect.stringContaining(said)])
  }
})

it('a database of a newer format says so', async () => {
  const db = await openAt(dir('db'))
  for (let i = 0; i < 100; i++) await db.default.put(`key${i}`, 'value')
  await db.flush()
  await db.close()
  const table = dir('db', filesOf(dir('db'), '.sst')[0] as string)
  // The format version stands in the 12 bytes at the end, in front of the magic number.
  const file = openSync(table, 'r+')
  writeSync(file, Buffer.from([99, 0, 0, 0]), 0, 4, statSync(table).size - 12)
  closeSync(file)
  await expectFailures(dir('db'), /newer/, [['scan'], ['get', 'key1'], ['put', 'a', 'b']])
})

it('misuse is told before anything is opened', () => {
  for (const args of [
    ['get'],
    ['get', 'a'],
    ['scan'],
    ['put', 'a'],
    ['delete', 'a'],
    ['scan', 'a', 'b'],
  ]) {
    const { status, stdout, stderr } = run(args)
    expect([args, status, stdout]).toEqual([args, 2, ''])
    expect(stderr).toContain(`${args[0]} takes <path>`)
  }
})
