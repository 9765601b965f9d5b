/** `rocksdb-live doctor`, as a program; and what `serve --doctor` serves. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Database, type DoctorReport } from 'rocksdb-live'
import { useTempDirectory } from '../support/database'
import { root } from '../support/documents'
import { eventually } from '../support/tools'

const path = useTempDirectory()
const main = join(root, 'dist', 'cli', 'main.js')

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'doctor', ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

async function make(): Promise<string> {
  await using db = await Database.open(path('db'), { env: false })
  await db.default.put('key', 'value')
  await db.flush()
  return db.path
}

describe('rocksdb-live doctor', () => {
  it('ends with 0 where nothing is wrong', async () => {
    const { status, stdout, stderr } = run(await make())
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('nobody has it open')
    expect(stdout).toContain('could not be judged')
  })

  it('ends with 4 where something is, with evidence, cause and remedy', async () => {
    const directory = await make()
    rmSync(join(directory, 'CURRENT'))
    const { status, stdout } = run(directory)
    expect(status).toBe(4)
    expect(stdout).toMatch(/^CRITICAL {2}damaged-files$/m)
    for (const label of ['evidence', 'cause', 'remedy', 'option', 'guide'])
      expect(stdout).toContain(`  ${label}  `)
  })

  it('prints JSON, which is the report', async () => {
    const directory = await make()
    const { stdout } = run('--json', directory)
    const report = JSON.parse(stdout) as DoctorReport
    expect(report).toMatchObject({ path: directory, opened: 'read-only' })
    expect(report.rules).toHaveLength(31)
  })

  it.each([[[]], [['a', 'b']], [['--no-such-flag', 'a']], [['--deadline-seconds', 'soon', 'a']]])(
    'ends with 2 for %j',
    (args) => {
      expect(run(...args)).toMatchObject({ status: 2, stdout: '' })
    },
  )

  it('ends with 1 where there is no database', () => {
    expect(run(path('none'))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('there is no'),
    })
    mkdirSync(path('empty'))
    expect(run(path('empty'))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('there is no database'),
    })
  })

  it('never prints what moves a cursor, and breaks lines', async () => {
    const directory = await make()
    appendFileSync(
      join(directory, 'LOG'),
      `IO error: Too many open files \x1b[2J\x07 ${'long '.repeat(100)}\n`,
    )
    const { stdout } = run(directory)
    expect(stdout).toContain('\\x1b[2J')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f]/)
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100)
  })

  it('lists clear rules, and measures the disk, where asked', async () => {
    const { stdout } = run('--all', '--probe', await make())
    expect(stdout).toMatch(/^ {2}clear {2}wal-grows$/m)
    expect(stdout).toMatch(/^ {2}clear {2}slow-sync$|slow-sync/m)
  })
})

it('serve --doctor serves it as JSON', async () => {
  const directory = await make()
  const child = spawn(process.execPath, [
    main,
    'serve',
    directory,
    '--metrics-port',
    '0',
    '--doctor',
  ])
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const url = await eventually('serving', () => /serving (\S+)\/metrics/.exec(said)?.[1])
  const answer = await fetch(`${url}/doctor`)
  const { databases } = (await answer.json()) as { databases: DoctorReport[] }
  expect(databases).toMatchObject([{ path: directory, opened: 'secondary' }])
  expect(databases[0]?.rules).toHaveLength(31)
  const ended = once(child, 'close')
  child.kill('SIGTERM')
  await ended
})
