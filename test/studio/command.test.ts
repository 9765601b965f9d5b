/** The command studio, run as a program, and what the package carries of the page. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Database } from 'rocksdb-live'
import { useTempDirectory } from '../support/database'
import { root } from '../support/documents'
import { ask, until } from './support'

const dir = useTempDirectory()
const main = join(root, 'dist', 'cli', 'main.js')
const env = { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'] }

let children: ChildProcess[] = []
afterEach(async () => {
  const all = children
  children = []
  for (const child of all) {
    if (child.exitCode !== null) continue
    child.kill('SIGINT')
    await once(child, 'exit')
  }
})

/** Starts the command, and waits for its address. */
async function start(...words: string[]) {
  const child = spawn(process.execPath, [main, 'studio', ...words], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let text = ''
  for (const pipe of [child.stdout, child.stderr]) {
    pipe?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
    })
  }
  const found = () => /^http:\S+$/m.exec(text)?.[0]
  await until(() => found() !== undefined || child.exitCode !== null)
  const url = found() ?? ''
  const port = Number(/:(\d+)\//.exec(url)?.[1])
  return {
    child,
    url,
    port,
    text: () => text,
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}

async function filled(): Promise<string> {
  const path = dir('db')
  await using db = await Database.open(path, {
    columnFamilies: { users: { key: 'utf8', value: 'json' } },
  })
  await db.columnFamily('users').put('ada', { at: 1 })
  return path
}

const users = { family: 'users', keyFormat: 'utf8', valueFormat: 'json' }

it('opens to read only, and ends at Ctrl-C', async () => {
  const path = await filled()
  const studio = await start(path, '--no-open', '--key', 'utf8')
  expect(studio.text()).toContain('opened to read only')
  const { json: about } = await ask(studio, 'about')
  expect(about).toMatchObject({ mode: 'read-only', write: false, families: 2 })
  expect((await ask(studio, 'rows', users)).json.rows).toHaveLength(1)
  const { json: names } = await ask(studio, 'families')
  expect(names.families).toContainEqual({ name: 'users', key: 'utf8', value: 'auto' })
  expect((await ask(studio, 'write', { edits: [] })).json.message).toContain('without --write')
  expect((await ask(studio, 'findings')).json.rules).toBeGreaterThan(10)
  // No lock was taken.
  await (await Database.open(path)).close()
  studio.child.kill('SIGINT')
  await once(studio.child, 'exit')
  expect(studio.child.exitCode).toBe(0)
}, 60_000)

it('writes where that was said, and follows a service that has it open', async () => {
  const path = await filled()
  const writer = await start(path, '--no-open', '--write')
  const edit = { type: 'put', ...users, key: 'bob', value: '2', before: null }
  expect((await ask(writer, 'write', { edits: [edit] })).json).toEqual({ written: true })
  // Another one beside it follows, and says why it cannot write.
  const second = await start(path, '--no-open', '--write')
  const { json: about } = await ask(second, 'about')
  expect(about).toMatchObject({
    mode: 'secondary',
    write: false,
    holder: expect.stringContaining(String(writer.child.pid)),
  })
  expect(about.whyNot).toContain('another process has it open')
  await ask(writer, 'write', { edits: [{ ...edit, key: 'eve' }] })
  await until(async () => (await ask(second, 'rows', users)).json.rows.length === 3)
}, 60_000)

it('shows a database that is damaged, with what the doctor finds', async () => {
  const path = await filled()
  for (const name of readdirSync(path)) {
    if (name.startsWith('MANIFEST'))
      writeFileSync(join(path, name), 'nothing of the sort'.repeat(10))
  }
  const studio = await start(path, '--no-open')
  const { json: about } = await ask(studio, 'about')
  expect(about.failure).toMatchObject({ code: 'ERR_CORRUPTION' })
  const { status, json: found } = await ask(studio, 'findings')
  expect({ status, list: Array.isArray(found.findings) }).toEqual({ status: 200, list: true })
  expect((await ask(studio, 'rows', users)).status).toBeGreaterThanOrEqual(500)
}, 60_000)

it('says what is wrong, and exits', async () => {
  const path = await filled()
  const run = (...words: string[]) => {
    const { status, stderr } = spawnSync(process.execPath, [main, 'studio', ...words], {
      env,
      encoding: 'utf8',
    })
    return { status, stderr }
  }
  const taken = await start(path, '--no-open')
  expect(run(path, '--no-open', '--port', String(taken.port))).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('in use'),
  })
  expect(run(dir('nothing'))).toMatchObject({ status: 1 })
  expect(run()).toMatchObject({ status: 2 })
  expect(run(path, '--port', 'x')).toMatchObject({ status: 2 })
  expect(run(path, '--key', 'utf9')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('utf8'),
  })
}, 60_000)

it('has a page of 200 KiB at most, compressed', () => {
  const folder = join(root, 'dist', 'studio', 'page')
  const names = readdirSync(folder)
  expect(names.sort()).toEqual(['icon.svg', 'index.html', 'studio.css', 'studio.js'])
  const packed = names.map(
    (name) => gzipSync(readFileSync(join(folder, name)), { level: 9 }).length,
  )
  expect(packed.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(200 * 1024)
  // Nothing of it is fetched from elsewhere.
  const script = readFileSync(join(folder, 'studio.js'), 'utf8')
  expect(script).not.toMatch(/\b(eval|Function)\(/)
  expect(
    [...script.matchAll(/https?:\/\/[\w.-]+/g)]
      .map(([url]) => url)
      .filter((url) => !url.includes('www.w3.org')),
  ).toEqual([])
})
