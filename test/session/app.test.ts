/** examples/sessions, a real express app over HTTP: stopped, killed, started again. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { useTempDirectory } from '../support/database'
import { root } from '../support/documents'

const dir = useTempDirectory()
let app: ChildProcess | undefined
let url = ''
let cookie = ''

async function start(): Promise<void> {
  const main = join(root, 'dist-examples/sessions/main.js')
  app = spawn(process.execPath, [main, '0'], {
    cwd: dir('home'),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await once(app.stdout as NodeJS.ReadableStream, 'data')
  url = String(said).trim()
}

/** Ends the app; resolves to its exit code. */
async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
  const ended = once(app as ChildProcess, 'exit')
  app?.kill(signal)
  const [code] = await ended
  app = undefined
  return code as number | null
}

async function ask(path: string, method = 'GET'): Promise<string> {
  const headers = { cookie, connection: 'close' }
  const response = await fetch(url + path, { method, headers })
  const given = response.headers.get('set-cookie')
  if (given !== null) cookie = given.split(';')[0] as string
  return response.text()
}

beforeEach(async () => {
  mkdirSync(dir('home'))
  cookie = ''
  await start()
})
afterEach(async () => {
  if (app !== undefined) await end('SIGKILL')
})

it('keeps its sessions when it is stopped, and when it is killed', async () => {
  expect(await ask('/')).toBe('who are you?\n')
  expect(await ask('/login/ada', 'POST')).toBe('hello ada\n')
  expect(await ask('/')).toBe('ada, visit 1\n')

  expect(await end('SIGTERM')).toBe(0)
  await start()
  expect(await ask('/')).toBe('ada, visit 2\n')
  expect(await ask('/touch')).toBe('touched\n')

  for (const visit of [3, 4, 5]) {
    expect(await ask('/')).toBe(`ada, visit ${visit}\n`)
    expect(await end('SIGKILL')).toBeNull()
    await start()
  }
  expect(await ask('/')).toBe('ada, visit 6\n')

  const adas = cookie
  expect(await ask('/login/bob', 'POST')).toBe('hello bob\n')
  expect(cookie).not.toBe(adas)
  const bobs = cookie
  cookie = adas
  expect(await ask('/')).toBe('who are you?\n')
  cookie = bobs
  expect(await ask('/logout', 'POST')).toBe('bye\n')
  await end('SIGKILL')
  await start()
  cookie = bobs
  expect(await ask('/')).toBe('who are you?\n')
}, 120_000)
