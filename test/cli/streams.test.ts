/** `scan` into pipes that close, of values that are large, until Ctrl-C, and never raw to a terminal. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { onTerminal, PROGRAM, run, runWell, start } from '../support/commands'
import { openAt, useTempDirectory } from '../support/database'
import { eventually } from '../support/tools'

const dir = useTempDirectory()
const path = () => dir('db')

/** More than a pipe, and what is read ahead, hold. */
async function makeLarge(): Promise<void> {
  const db = await openAt(path())
  const value = 'v'.repeat(1000)
  for (let i = 0; i < 20_000; i++) db.default.putSync(`key${String(i).padStart(6, '0')}`, value)
  await db.close()
}

it('ends in order where whoever reads has seen enough', async () => {
  await makeLarge()
  const child = start('scan', path())
  const stderr: string[] = []
  child.stderr.on('data', (data) => stderr.push(String(data)))
  const [first] = await once(child.stdout, 'data')
  expect(String(first)).toMatch(/^key000000\tv+\n/)
  child.stdout.destroy()
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(stderr).toEqual([])
}, 60_000)

const onLinux = process.platform === 'linux' ? it : it.skip
onLinux('says that not all was printed where the disk is full', async () => {
  const db = await openAt(path())
  await db.default.put('a', '1')
  await db.close()
  const full = openSync('/dev/full', 'w')
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM, 'scan', path()], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  })
  closeSync(full)
  const said = /^rocksdb-live: standard output: ENOSPC.*\n$/
  expect([status, stderr]).toEqual([1, expect.stringMatching(said)])
})

it('waits for whoever reads slowly, and loses nothing', async () => {
  await makeLarge()
  const child = start('scan', path(), '--full')
  child.stdout.pause()
  const sum = createHash('sha256')
  for await (const part of child.stdout) {
    sum.update(part as Buffer)
    await new Promise(setImmediate)
  }
  const whole = createHash('sha256')
  for (let i = 0; i < 20_000; i++) {
    whole.update(`key${String(i).padStart(6, '0')}\t${'v'.repeat(1000)}\n`)
  }
  expect(sum.digest('hex')).toBe(whole.digest('hex'))
}, 60_000)

it('Ctrl-C ends it, and says so', async () => {
  await makeLarge()
  const child = start('scan', path())
  const stderr: string[] = []
  child.stderr.on('data', (data) => stderr.push(String(data)))
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  child.stdout.resume()
  expect(await once(child, 'exit')).toEqual([130, null])
  expect(stderr.join('')).toBe('rocksdb-live: ended by SIGINT\n')
}, 60_000)

it('Ctrl-C ends a count, a verification and a compaction', async () => {
  await makeLarge()
  for (const command of ['count', 'verify', 'compact']) {
    const child = start(command, path())
    // Whenever it comes: it has ended by itself, or was ended in order.
    const ended = once(child, 'exit')
    await eventually(`${command} runs`, () => child.pid)
    await new Promise((resolve) => setTimeout(resolve, 50))
    child.kill('SIGINT')
    const [status, signal] = await ended
    expect([command, signal === 'SIGINT' || [0, 130].includes(status as number)]).toEqual([
      command,
      true,
    ])
  }
  expect(runWell('count', path())).toBe('20000\n')
}, 60_000)

describe('values of 100 MB', () => {
  const SIZE = 100_000_000

  it('are cut, with their size, and whole where that is asked for', async () => {
    const db = await openAt(path(), { tuning: { blobFiles: true } })
    await db.default.put('large', Buffer.alloc(SIZE, 'x'))
    await db.default.put('small', 'y')
    await db.close()
    const cut = runWell('scan', path())
    expect(cut.length).toBeLessThan(70_000)
    expect(cut).toMatch(/^large\tx{1000,}… \(100\.0 MB\)\nsmall\ty\n$/)
    const { stdout } = await onTerminal(80, ['scan', path()], { NO_COLOR: '1' })
    expect(stdout).toMatch(/^large {2}x+… 100\.0 MB\nsmall {2}y\n$/)
    const got = await onTerminal(80, ['get', path(), 'large'], { NO_COLOR: '1' })
    expect(got.stdout).toMatch(/^x{1000,}… \(100\.0 MB\)\n$/)
    expect(runWell('scan', path(), '--full', '-n', '1')).toHaveLength(SIZE + 'large\t\n'.length)
    expect(runWell('get', path(), 'large', '--raw')).toHaveLength(SIZE)
    expect(JSON.parse(runWell('get', path(), 'large', '--json')).value).toHaveLength(SIZE)
  }, 120_000)
})

it('nothing that is stored reaches a terminal raw', async () => {
  const evil = 'a\x1b[2J\x1b]0;title\x07\r\b\x9b31m\u202eb'
  const db = await openAt(path(), { columnFamilies: { [`f${evil}`]: {} } })
  for (const family of [db.default, db.columnFamily(`f${evil}`)]) {
    await family.put(evil, evil)
    await family.put(`x${'\x1b[31m'.repeat(100)}`, `{"a":"\x1b[31m"}`)
    await family.put('json', JSON.stringify({ [evil]: evil }))
    await family.put('large', evil.repeat(20_000))
  }
  await db.flush()
  await db.close()
  const commands = [
    ['scan', path()],
    ['scan', path(), '--full'],
    ['scan', path(), '-k', 'utf8', '-v', 'utf8'],
    ['scan', path(), '-f', `f${evil}`, '-v', 'json'],
    ['get', path(), 'json', '-v', 'json'],
    ['get', path(), 'large', '-v', 'utf8'],
    ['get', path(), 'large', '-v', 'utf8', '--full'],
    ['get', path(), evil, '-k', 'utf8', '-v', 'utf8'],
    ['families', path()],
    ['files', path(), '-k', 'utf8', '--list'],
    ['files', path()],
    ['stats', path()],
    ['verify', path()],
    ['scan', path(), '-f', evil],
    ['get', path(), evil],
    ['get', evil, 'x'],
  ]
  for (const args of commands) {
    const { stdout, stderr } = await onTerminal(100, args, { NO_COLOR: '1' })
    // What progress is taken away with is the command's own.
    const printed = (stdout + stderr).replaceAll('\r\u001b[K', '')
    const raw = /(?!\n)[\p{Cc}\u202e]/u.exec(printed)
    expect([args.slice(0, 1), raw?.[0]]).toEqual([args.slice(0, 1), undefined])
  }
})

it('rows are one line each, whatever is in them, and come back from JSON', async () => {
  const db = await openAt(path())
  const rows = [
    ['a\tb\nc', 'd\te\nf'],
    ['ä"\\', "'\u2028"],
    ['\u0000', '\ufffd'],
  ] as const
  for (const [key, value] of rows) await db.default.put(key, value)
  await db.default.put(Buffer.from('ff', 'hex'), Buffer.from('fe', 'hex'))
  await db.close()
  for (const line of runWell('scan', path()).split('\n').slice(0, -1)) {
    expect(line.split('\t')).toHaveLength(2)
  }
  const { stdout, stderr } = run(['scan', path(), '--json', '-k', 'utf8', '-v', 'utf8'])
  expect(stderr).toBe('in hexadecimal: 1 key that is not utf8, 1 value that is not utf8\n')
  const parsed = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(parsed).toContainEqual({ keyHex: 'ff', valueHex: 'fe' })
  for (const [key, value] of rows) expect(parsed).toContainEqual({ key, value })
})

it('2,000 families are listed, and one of them is scanned', async () => {
  const columnFamilies = Object.fromEntries(
    Array.from({ length: 2000 }, (_, i) => [`family-${String(i).padStart(4, '0')}`, {}]),
  )
  const db = await openAt(path(), { columnFamilies })
  await db.columnFamily('family-1999').put('a', '1')
  await db.close()
  const lines = runWell('families', path()).split('\n')
  expect(lines).toHaveLength(1 + 2001 + 3)
  expect(lines.at(-2)).toBe('2,001 families, about 1 rows, 0 bytes')
  expect(runWell('scan', path(), '-f', 'family-1999')).toBe('a\t1\n')
  const { status, stderr } = run(['scan', path(), '-f', 'family-19999'])
  expect(status).toBe(1)
  expect(stderr).toMatch(/did you mean "family-1999"\? .* has 2001 families\n$/)
}, 300_000)
