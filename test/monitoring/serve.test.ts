/** `rocksdb-live serve`: exports a secondary of a database that another process writes to. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { Database } from 'rocksdb-live'
import { Program, useDirectory } from '../lifecycle/children'
import { root } from '../support/documents'
import { eventually } from '../support/tools'

const path = useDirectory()
const main = join(root, 'dist', 'cli', 'main.js')
const onPosix = process.platform === 'win32' ? it.skip : it

const running = new Set<ChildProcess>()
afterEach(async () => {
  for (const child of running) {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
})

interface Serving {
  child: ChildProcess
  /** Its output so far. */
  said: { stdout: string; stderr: string }
  ended: Promise<{ code: number | null; signal: string | null }>
}

/** Runs the command, with its temporary directories under the test's. */
function serve(...args: string[]): Serving {
  mkdirSync(path('tmp'), { recursive: true })
  const env = { PATH: process.env['PATH'], TMPDIR: path('tmp') }
  const child = spawn(process.execPath, [main, 'serve', ...args], { env })
  running.add(child)
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child)
    return { code, signal }
  })
  return { child, said, ended }
}

/** Waits until it serves; returns its URL. */
async function urlOf({ child, said }: Serving): Promise<string> {
  return eventually(
    'serving',
    () => {
      if (child.exitCode !== null) throw new Error(`it ended: ${said.stderr}`)
      return /^serving (http:\S+)\/metrics for /m.exec(said.stdout)?.[1]
    },
    () => said.stderr,
  )
}

/** The value of a series, of any database. */
async function read(url: string, series: string): Promise<number | undefined> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const [name, label = ''] = series.split('{')
  const line = text.split('\n').find((one) => one.startsWith(`${name}{`) && one.includes(label))
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')))
}

onPosix(
  'follows a process that writes, and ends cleanly',
  async () => {
    const writer = new Program('exporter', [path('db')])
    const [, primary] = await writer.waitFor('serving')
    const serving = serve(path('db'), '--metrics-port', '0', '--catch-up-seconds=1')
    const url = await urlOf(serving)
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(serving.said.stdout).toContain(`for ${path('db')}\n`)

    const file = 'node_db_level_files{level="0"'
    writer.send('stop')
    await writer.waitFor('known')
    writer.send('flush')
    const size = (await writer.waitFor('flushed'))[1] as number
    const files = await eventually(
      'files',
      async () => (await read(primary as string, file)) || undefined,
    )
    await eventually('the same files', async () => (await read(url, file)) === files || undefined)
    expect(Math.abs(((await read(url, 'node_db_size_bytes')) ?? 0) - size)).toBeLessThanOrEqual(
      size / 100,
    )
    expect(await read(url, 'node_db_keys')).toBeGreaterThan(0)
    expect(await read(url, 'node_db_write_batch_ms_count')).toBe(0)

    const text = await (await fetch(`${url}/metrics`)).text()
    const since =
      Date.now() / 1000 -
      Number(/^node_db_caught_up_timestamp_seconds\{db="db"\} (\S+)$/m.exec(text)?.[1])
    expect(since).toBeLessThan(60)
    const health = await fetch(`${url}/health`)
    expect([health.status, await health.json()]).toMatchObject([200, { status: 'ok' }])
    expect(readdirSync(path('tmp'))).toHaveLength(1)

    serving.child.kill('SIGTERM')
    expect(await serving.ended).toEqual({ code: 0, signal: null })
    expect(serving.said.stderr).toBe('')
    expect(readdirSync(path('tmp'))).toEqual([])
    writer.goOn()
    expect(await writer.ended).toMatchObject({ code: 0, signal: null, stderr: '' })
  },
  90_000,
)

onPosix('exports the groups and families that are asked for', async () => {
  const db = await Database.open(path('db'), { columnFamilies: { users: {}, events: {} } })
  await db.columnFamily('users').put('k', 'v')
  await db.close()
  const groups = '--metrics-groups=families,core'
  const serving = serve(path('db'), '--metrics-port=0', groups, '--metrics-families', 'users')
  const url = await urlOf(serving)
  expect(await read(url, 'node_db_keys{column_family="users"')).toBe(1)
  expect(await read(url, 'node_db_keys{column_family="*"')).toBe(0)
  expect(await read(url, 'node_db_keys{column_family="events"')).toBeUndefined()
  expect(await read(url, 'node_db_size_bytes')).toBeGreaterThan(0)
  expect(await read(url, 'node_db_level_files')).toBeUndefined()
  expect(await read(url, 'node_db_wal_bytes')).toBeUndefined()
  serving.child.kill('SIGTERM')
  expect(await serving.ended).toEqual({ code: 0, signal: null })
})

onPosix.each(['SIGINT', 'SIGHUP'] as const)('%s ends it as well', async (signal) => {
  await (await Database.open(path('db'))).close()
  const serving = serve(path('db'), '--metrics-port=0')
  await urlOf(serving)
  serving.child.kill(signal)
  expect(await serving.ended).toEqual({ code: 0, signal: null })
  expect(readdirSync(path('tmp'))).toEqual([])
})

it.each([
  [['--metrics-port=0'], 2, 'serve takes one path, not 0'],
  [['a', 'b'], 2, 'serve takes one path, not 2'],
  [['a', '--metrics-port', '65536'], 2, '--metrics-port must be a whole number from 0 to 65535'],
  [['a', '--metrics-port=x'], 2, '--metrics-port must be a whole number'],
  [['a', '--host='], 2, '--host must be an address'],
  [['a', '--metrics-groups=core,level'], 2, '--metrics-groups must be of core, writes'],
  [['a', '--catch-up-seconds=0'], 2, '--catch-up-seconds must be a whole number from 1'],
  [['a', '--prot=1'], 2, '--prot'],
  [['no/such/database', '--metrics-port=0'], 1, 'no/such/database'],
])('%j is refused', async (args, status, said) => {
  const serving = serve(...args)
  expect(await serving.ended).toEqual({ code: status, signal: null })
  expect(serving.said.stdout).toBe('')
  expect(serving.said.stderr).toContain(said)
  expect(readdirSync(path('tmp'))).toEqual([])
})

it('says which port is in use, and leaves nothing behind', async () => {
  await (await Database.open(path('db'))).close()
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const serving = serve(path('db'), `--metrics-port=${port}`)
  expect(await serving.ended).toEqual({ code: 1, signal: null })
  expect(serving.said.stderr).toContain(`127.0.0.1 port ${port}: the port is in use`)
  expect(readdirSync(path('tmp'))).toEqual([])
  other.close()
})

it('says what to install where prom-client is not there', async () => {
  const hide = path('hide.cjs')
  writeFileSync(
    hide,
    `const Module = require('node:module')
const resolve = Module._resolveFilename
Module._resolveFilename = function (name, ...rest) {
  if (name === 'prom-client') throw Object.assign(new Error(name), { code: 'MODULE_NOT_FOUND' })
  return resolve.call(this, name, ...rest)
}
`,
  )
  const child = spawn(process.execPath, ['--require', hide, main, 'serve', path('db')])
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [code] = await once(child, 'close')
  expect([code, stderr]).toEqual([1, expect.stringContaining('npm install prom-client')])
})
