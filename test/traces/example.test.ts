/** examples/traced-service over HTTP: its spans, as it prints them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { useTempDirectory } from '../support/database'
import { root } from '../support/documents'
import { eventually } from '../support/tools'

const dir = useTempDirectory()
let service: ChildProcess | undefined
let said = ''

async function start(): Promise<string> {
  said = ''
  const main = join(root, 'dist-examples/traced-service/main.mjs')
  service = spawn(process.execPath, [main, '0'], {
    cwd: dir('home'),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  service.stdout?.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  return eventually('its address', () => /^http:\S+$/m.exec(said)?.[0])
}

afterEach(() => service?.kill('SIGKILL'))

it('prints the spans of a request, those of the database below it', async () => {
  mkdirSync(dir('home'))
  const url = await start()
  const ask = async (path: string, body?: string) => {
    const asked = body === undefined ? {} : { method: 'POST', body }
    const response = await fetch(url + path, { ...asked, headers: { connection: 'close' } })
    return response.text()
  }
  expect(await ask('/users/1', 'Ada')).toBe('made\n')
  expect(await ask('/users/2', 'Ada')).toBe('taken\n')
  expect(await ask('/users/1')).toBe('Ada\n')
  expect(await ask('/users')).toBe('Ada\n')
  const ended = once(service as ChildProcess, 'exit')
  service?.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  service = undefined
  const names = [...said.matchAll(/^ {2}name: '(.*)'/gm)].map(([, name]) => name)
  expect(names).toEqual([
    'open',
    ...['has users', 'has names', 'commit', 'transaction', 'POST'],
    ...['has users', 'has names', 'commit', 'transaction', 'POST'],
    ...['get users', 'GET'],
    ...['scan users', 'GET'],
    'close',
  ])
  expect(said).not.toContain('Ada')
})
