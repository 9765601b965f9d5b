/** The programs in the guides to running a service, and what the guides say about them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Database } from '../../lib'
import { blocksOf, brokenLinks, Home, root } from '../support/documents'

const GUIDES = ['processes', 'containers', 'limits', 'permissions', 'shutdown', 'testing']
const textOf = (guide: string) => readFileSync(join(root, 'docs', `${guide}.md`), 'utf8')
const shell = process.platform === 'win32' ? it.skip : it

/** The blocks whose first line is the name of a file, by that name. */
function filesOf(guide: string): Map<string, string> {
  const blocks = blocksOf(textOf(guide)).filter(({ language }) => language === 'js')
  const named = blocks.map(({ text }) => [/^\/\/ (\S+)\n/.exec(text)?.[1] ?? '', text] as const)
  return new Map(named.filter(([name]) => name !== ''))
}

function lay(home: Home, guide: string): void {
  for (const [name, text] of filesOf(guide)) home.write(name, text)
}

let home: Home
beforeEach(() => {
  home = new Home()
})
afterEach(() => home.remove())

it.each(GUIDES)('the links of %s lead somewhere', (guide) => {
  expect(brokenLinks(textOf(guide), 'docs')).toEqual([])
})

describe('processes.md', () => {
  const blocks = blocksOf(textOf('processes'))
  const commands = blocks.flatMap(({ language, text }, at) =>
    language === 'sh' ? [{ text, output: blocks[at + 1]?.text ?? '' }] : [],
  )

  it('runs each of its programs', () => {
    const all = commands.map(({ text }) => text).join('')
    for (const name of ['workers.mjs', 'readers.mjs']) expect(all).toContain(`node ${name}`)
  })

  shell.each(commands)(
    '$text',
    ({ text, output }) => {
      lay(home, 'processes')
      expect(home.shell(text)).toBe(output)
    },
    60_000,
  )

  it('has a configuration for PM2 that waits longer for "ready" than the database for its lock', () => {
    lay(home, 'processes')
    const { apps } = createRequire(__filename)(home.file('ecosystem.config.cjs'))
    const [, wait = ''] = /waitForLockMs: ([\d_]+)/.exec(textOf('shutdown')) ?? []
    expect(apps[0]).toMatchObject({ exec_mode: 'fork', instances: 1, wait_ready: true })
    expect(apps[0].listen_timeout).toBeGreaterThan(Number(wait.replaceAll('_', '')))
  })

  it('says what the error says', async () => {
    const program = `require('rocksdb-live').Database.open('data').then(() => console.log('open'))
      setInterval(() => {}, 1e6)`
    const holder = spawn(process.execPath, ['-e', program], { cwd: home.path })
    try {
      await once(holder.stdout, 'data')
      const error = await Database.open(home.file('data')).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'ERR_LOCKED', retryable: true })
      const advice = /has it open: .*/.exec(textOf('processes'))?.[0]
      expect(String(error)).toContain(advice)
    } finally {
      holder.kill('SIGKILL')
      await once(holder, 'close')
    }
  }, 30_000)
})

describe('shutdown.md', () => {
  /** Starts the server and returns its port, once it listens. */
  async function start(): Promise<{ server: ChildProcess; port: string; lines: string[] }> {
    lay(home, 'shutdown')
    const env = { ...process.env, PORT: '0' }
    const server = spawn(process.execPath, ['server.mjs'], {
      cwd: home.path,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines: string[] = []
    const output = createInterface({ input: server.stdout as NodeJS.ReadableStream })
    output.on('line', (line) => lines.push(line))
    const [line] = await once(output, 'line')
    return { server, port: /\d+$/.exec(line)?.[0] ?? '', lines }
  }

  /** Connects, and sends the beginning of a request. */
  async function begin(port: string, text: string): Promise<Socket> {
    const socket = connect(Number(port), 'localhost')
    await once(socket, 'connect')
    socket.write(text)
    return socket
  }

  /** The server's answer until it closes the connection. */
  async function answerOf(socket: Socket): Promise<string> {
    let text = ''
    for await (const part of socket) text += part
    return text
  }

  /** Resolves once nobody listens. */
  async function refused(port: string): Promise<void> {
    for (;;) {
      const socket = connect(Number(port), 'localhost')
      const failed = await once(socket, 'connect').catch(() => 'refused')
      socket.destroy()
      if (failed === 'refused') return
    }
  }

  const requestOf = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n`

  shell.each(['SIGTERM', 'SIGINT'] as const)(
    'on %s, the server answers, closes and ends',
    async (signal) => {
      const { server, port, lines } = await start()
      try {
        const closed = once(server, 'close')
        const idle = await begin(port, `${requestOf('/idle')}\r\n`)
        await once(idle, 'data')
        const during = await begin(port, requestOf('/during'))
        // Two round trips later, the server has read the beginning of that request.
        for (const path of ['/one', '/two']) {
          const other = await begin(port, `${requestOf(path)}Connection: close\r\n\r\n`)
          expect(await answerOf(other)).toContain('stored\n')
        }
        server.kill(signal)
        await refused(port)
        during.write('\r\n')
        expect(await answerOf(during)).toMatch(/^HTTP\/1\.1 200 OK.*stored\n/s)
        expect((await closed).slice(0, 2)).toEqual([0, null])
        expect(lines.at(-1)).toBe('closed')
        const db = await Database.open(home.file('data'))
        for (const path of ['/idle', '/during', '/one', '/two']) {
          expect(String(await db.default.get(Buffer.from(path)))).toBe('seen')
        }
        await db.close()
      } finally {
        server.kill('SIGKILL')
      }
    },
    60_000,
  )
})

describe('permissions.md', () => {
  const flag = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission'
  const musl = '--allow-fs-read=/etc/alpine-release'
  const program = `
    const { Database } = require('rocksdb-live')
    Database.open('data').then(async (db) => {
      await db.default.put(Buffer.from('a'), Buffer.from('b'))
      await db.close()
      console.log('written')
    })`

  function run(...flags: string[]): string {
    home.write('program.cjs', program)
    const reads = [home.path, root].map((path) => `--allow-fs-read=${realpathSync(path)}`)
    return home.node(flag, ...reads, ...flags, 'program.cjs')
  }

  it('names the flags with which a database is opened, and written without --allow-fs-write', () => {
    expect(textOf('permissions')).toContain(`--allow-addons --allow-fs-read="$PWD" ${musl}`)
    expect(run('--allow-addons', musl)).toBe('written\n')
  }, 60_000)

  it('says what happens without them', () => {
    const refusal = /Cannot load native addon because loading addons is disabled/
    expect(textOf('permissions')).toMatch(refusal)
    expect(() => run(musl)).toThrow(refusal)
    expect(() => run(musl)).toThrow(/Start node with --allow-addons/)
    expect(() => run(musl)).not.toThrow(/Install the package again/)
    // On other systems node-gyp-build does not look for musl.
    if (process.platform === 'linux') expect(() => run('--allow-addons')).toThrow(/restricted/)
  }, 60_000)

  shell('has every file of a database, and their modes', async () => {
    const path = home.file('data')
    const before = process.umask(0o027)
    try {
      const db = await Database.open(path)
      await db.default.put(Buffer.from('a'), Buffer.from('b'))
      await db.flush()
      await db.close()
    } finally {
      process.umask(before)
    }
    const rows = textOf('permissions').match(/^\| `[^|]*/gm) ?? []
    const names = rows.flatMap((row) =>
      [...row.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    )
    const known = names.map((name) => name.replaceAll('.', '\\.').replaceAll('*', '.*'))
    const files = readdirSync(path)
    expect(files.filter((name) => !new RegExp(`^(${known.join('|')})$`).test(name))).toEqual([])
    const modeOf = (...parts: string[]) => statSync(join(path, ...parts)).mode & 0o777
    expect(modeOf()).toBe(0o700)
    expect(files.filter((name) => modeOf(name) !== 0o640)).toEqual([])
  })
})
