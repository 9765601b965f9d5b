/** The live page of the examples: what it sends, to whom, how it ends, and what Chromium shows. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type LiveOptions, LiveServer } from '../../examples/live/server'
import { Chromium, itWithChromium } from '../support/chromium'
import { openFresh, useTempDirectory } from '../support/database'
import { root } from '../support/documents'
import { eventually } from '../support/tools'

// Before the one that closes databases.
const servers: LiveServer<unknown>[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const dir = useTempDirectory()

const open = async () => {
  const db = await openFresh({ columnFamilies: { rows: { key: 'utf8', value: 'json' } } })
  return db.columnFamily('rows')
}

type Family = Awaited<ReturnType<typeof open>>

async function start(family: Family, options: Partial<LiveOptions> = {}) {
  const server = await LiveServer.start(family, { prefix: 'a/', ...options })
  servers.push(server)
  return server
}

type Sent = [event: string, data: unknown]

/** What a server sends to one client. */
class Client {
  readonly response: IncomingMessage
  readonly #sent: AsyncGenerator<Sent>

  private constructor(response: IncomingMessage) {
    this.response = response
    this.#sent = this.#read()
  }

  static async connect({ port }: { port: number }): Promise<Client> {
    const [response] = await once(get({ port, path: '/events', agent: false }), 'response')
    return new Client(response)
  }

  async *#read(): AsyncGenerator<Sent> {
    let text = ''
    for await (const piece of this.response.setEncoding('utf8')) {
      const messages = (text + piece).split('\n\n')
      text = messages.pop() as string
      for (const message of messages) {
        const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(message) ?? []
        if (event !== undefined) yield [event, JSON.parse(data as string)]
      }
    }
  }

  async next(): Promise<Sent | undefined> {
    return (await this.#sent.next()).value
  }

  async take(count: number): Promise<Sent[]> {
    const all: Sent[] = []
    while (all.length < count) all.push((await this.next()) as Sent)
    return all
  }
}

const put = (key: string, value: unknown): Sent => ['put', { key, value }]
const hex = (text: string) => Buffer.from(text).toString('hex')

describe('the server', () => {
  it('sends the rows of the prefix, and what happens to them', async () => {
    const rows = await open()
    await rows.put('a/1', { n: 1 })
    await rows.put('b/1', 'not this')
    const client = await Client.connect(await start(rows))
    expect(client.response.headers['content-type']).toBe('text/event-stream')
    expect(await client.take(3)).toEqual([['reset', {}], put('a/1', { n: 1 }), ['ready', {}]])
    await rows.put('a/2', 'line\nbreak')
    await rows.put('b/2', 'not this')
    await rows.delete('a/1')
    await rows.deleteRange('a', 'a/5')
    expect(await client.take(3)).toEqual([
      put('a/2', 'line\nbreak'),
      ['delete', { key: 'a/1' }],
      ['deleteRange', { gte: hex('a/'), lt: hex('a/5') }],
    ])
  })

  it('drops what waits for a client that does not read, and begins anew with it', async () => {
    const rows = await open()
    const server = await start(rows, { maxBufferedBytes: 100_000 })
    const client = await Client.connect(server)
    expect(await client.take(2)).toEqual([
      ['reset', {}],
      ['ready', {}],
    ])
    // More than the connection takes.
    const large = 'x'.repeat(1 << 20)
    for (let i = 0; i < 64; i++) await rows.put('a/large', large)
    await rows.put('a/large', 'small')
    await rows.put('a/after', 1)
    const names: string[] = []
    const shown = new Map<string, unknown>()
    // `ready` ends the rows of the new beginning; what was written later comes behind it.
    const isDone = () =>
      names.lastIndexOf('ready') > names.lastIndexOf('reset') && shown.has('a/after')
    while (!isDone()) {
      const [name, data] = (await client.next()) as Sent
      names.push(name)
      const { key, value } = data as { key: string; value: unknown }
      if (name === 'reset') shown.clear()
      if (name === 'put') shown.set(key, value)
    }
    expect(names).toContain('reset')
    expect(names).toContain('ready')
    expect(shown.get('a/large')).toBe('small')
  }, 60_000)

  it('sends away those that are too many, until there is room', async () => {
    const rows = await open()
    const server = await start(rows, { maxClients: 1 })
    const client = await Client.connect(server)
    const url = `http://127.0.0.1:${server.port}/events`
    const refused = await fetch(url)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    client.response.destroy()
    await eventually('room', () => (server.clients === 0 ? true : undefined))
    const { status, body } = await fetch(url)
    expect(status).toBe(200)
    await body?.cancel()
  })

  it('knows its page, and nothing else', async () => {
    const url = `http://127.0.0.1:${(await start(await open())).port}`
    const page = await fetch(`${url}/`)
    expect([page.status, page.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ])
    expect(await page.text()).toContain('<script src="/page.js"')
    expect((await fetch(`${url}/page.js`)).status).toBe(200)
    expect((await fetch(`${url}/../server.ts`)).status).toBe(404)
    expect((await fetch(`${url}/events`, { method: 'POST' })).status).toBe(405)
  })

  it('ends its clients when it is closed, also one that does not read', async () => {
    const rows = await open()
    const server = await start(rows, { graceMs: 100 })
    const [reads, idle] = [await Client.connect(server), await Client.connect(server)]
    await reads.take(2)
    idle.response.pause()
    const large = 'x'.repeat(1 << 20)
    for (let i = 0; i < 32; i++) await rows.put('a/large', large)
    const ended = (async () => {
      while ((await reads.next()) !== undefined);
    })().catch(() => {})
    idle.response.on('error', () => {})
    await server.close()
    await ended
    expect(server.clients).toBe(0)
  })
})

it('the program ends with SIGTERM, while a client is connected', async () => {
  const program = join(root, 'dist-examples', 'live', 'main.js')
  const args = [program, '--port', '0', '--data-dir', dir('live'), '--every-ms', '1']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  const lines = createInterface({ input: child.stdout })
  const [address] = await once(lines, 'line')
  const client = await Client.connect({ port: Number(new URL(address).port) })
  await client.take(5)
  child.kill('SIGTERM')
  const [last] = await once(lines, 'line')
  while ((await client.next()) !== undefined);
  expect([last, await ended]).toEqual(['closed', [0, null]])
})

describe('the page', () => {
  /** What it shows, as texts. */
  const SHOWN = `({
    state: document.querySelector('#state')?.value,
    rows: [...document.querySelectorAll('tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent)),
  })`

  /** Waits until the page shows this. */
  const shows = async (browser: Chromium, state: string, rows: string[][]) => {
    const wanted = JSON.stringify({ state, rows })
    let shown: string
    await eventually(
      `the page shows ${wanted}`,
      async () => {
        shown = JSON.stringify(await browser.evaluate(SHOWN))
        return shown === wanted ? true : undefined
      },
      () => shown,
    )
  }

  itWithChromium(
    'shows rows as they are, live, and over an end of the server',
    async () => {
      const rows = await open()
      const html = '<img src=x onerror="document.title=1">'
      await rows.put('a/1', { n: 1 })
      await rows.put('a/3', html)
      let server = await start(rows)
      const { port } = server
      const browser = await Chromium.open(`http://127.0.0.1:${port}/`)
      try {
        await shows(browser, 'live', [
          ['a/1', '{"n":1}'],
          ['a/3', html],
        ])
        // In the order of the database, which is not that of JavaScript.
        await rows.put('a/\u{10000}', 4)
        await rows.put('a/\uffff', 3)
        await rows.put('a/2', 'new')
        await rows.put('a/1', { n: 2 })
        await shows(browser, 'live', [
          ['a/1', '{"n":2}'],
          ['a/2', 'new'],
          ['a/3', html],
          ['a/\uffff', '3'],
          ['a/\u{10000}', '4'],
        ])
        await rows.delete('a/2')
        await rows.deleteRange('a/3', 'a/\u{10000}')
        const rest = [
          ['a/1', '{"n":2}'],
          ['a/\u{10000}', '4'],
        ]
        await shows(browser, 'live', rest)
        await server.close()
        // What it had stays to be seen.
        await shows(browser, 'connecting', rest)
        await rows.delete('a/1')
        await rows.put('a/5', 'meanwhile')
        server = await start(rows, { port })
        await shows(browser, 'live', [
          ['a/5', 'meanwhile'],
          ['a/\u{10000}', '4'],
        ])
        expect(await browser.evaluate('document.title')).toBe('Live rows')
      } finally {
        await browser.close()
      }
    },
    120_000,
  )
})
