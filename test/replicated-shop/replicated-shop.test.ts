/** The replicated shop of the examples: its drill, and what its nodes answer. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Chromium, itWithChromium } from '../support/chromium'
import { useTempDirectory } from '../support/database'
import { brokenLinks, root } from '../support/documents'
import { natsServer, withServers } from '../support/nats/program'
import { eventually } from '../support/tools'

// Its programs run beside each other, so they are the compiled ones.
const compiled = (name: string) => join(root, 'dist-examples', 'replicated-shop', `${name}.js`)
type Drill = typeof import('../../examples/replicated-shop/drill')
type Fleets = typeof import('../../examples/replicated-shop/fleet')
type Fleet = Fleets['Fleet']['prototype']

const before = process.env['NATS_SERVER']
beforeAll(() => {
  if (natsServer !== undefined) process.env['NATS_SERVER'] = natsServer
})
afterAll(() => {
  if (before === undefined) delete process.env['NATS_SERVER']
  else process.env['NATS_SERVER'] = before
})

let fleet: Fleet | undefined
let said: string[] = []

/** What the nodes say is shown where a test fails. */
async function startFleet(): Promise<Fleet> {
  const { Fleet } = require(compiled('fleet')) as Fleets
  said = []
  const onLine = (line: string) => said.push(line)
  fleet = await Fleet.start({ directory: dir('shop'), leaseMs: 2000, onLine })
  return fleet
}

// Also where a test was out of time: its nodes must not outlive it, nor their files be taken from below them.
afterEach(async () => {
  await fleet?.stop()
  fleet = undefined
}, 120_000)

const dir = useTempDirectory()

/** An answer takes no longer than this: a test that waits for one says so. */
const ANSWER_MS = 60_000

async function ask(url: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...options, signal: AbortSignal.timeout(ANSWER_MS) })
  } catch (error) {
    throw new Error(`${url}: ${error}. The nodes said:\n${said.join('\n')}`)
  }
}

const get = async (url: string, cookie = '') => {
  const response = await ask(url, { headers: { cookie }, redirect: 'manual' })
  return { status: response.status, body: (await response.json()) as never, response }
}

const order = (url: string, body: unknown, redirect: 'follow' | 'manual' = 'follow') =>
  ask(`${url}/orders`, { method: 'POST', body: JSON.stringify(body), redirect })

/** The addresses of the writer and of a follower. */
async function rolesOf(fleet: Fleet): Promise<{ writer: string; follower: string }> {
  return eventually(
    'a writer',
    async () => {
      const all = await Promise.all(
        fleet.peers.map(async ({ url }) => {
          const { role } = (await get(`${url}/status`)).body as { role: string }
          return { url, role }
        }),
      )
      const writer = all.find(({ role }) => role === 'writer')?.url
      const follower = all.find(({ role }) => role === 'follower')?.url
      return writer === undefined || follower === undefined ? undefined : { writer, follower }
    },
    () => said.join('\n'),
  )
}

withServers(
  'loses no order when its writer is killed',
  async () => {
    const { drill } = require(compiled('drill')) as Drill
    const said: string[] = []
    const onLine = (line: string) => said.push(line)
    const found = await drill({ directory: dir('shop'), orders: 50, kills: 2, onLine })
    expect([found.problems, said]).toEqual([[], said])
    expect(found.takeOvers).toHaveLength(2)
    for (const { killed, writer } of found.takeOvers) expect(writer).not.toBe(killed)
    expect(found.acknowledged).toBeGreaterThanOrEqual(150)
  },
  240_000,
)

withServers(
  'sends orders to the writer, and reads what was written anywhere',
  async () => {
    const fleet = await startFleet()
    const { writer, follower } = await rolesOf(fleet)
    const first = { id: 'first', item: 'pen', quantity: 3 }
    const sent = await order(follower, first, 'manual')
    expect([sent.status, sent.headers.get('location')]).toEqual([307, `${writer}/orders`])
    const done = await eventually('the stock', async () => {
      const answer = await order(follower, first)
      return answer.status === 404 ? undefined : answer
    })
    expect([done.status, await done.json()]).toEqual([201, { outcome: 'done' }])
    const cookie = done.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    expect(cookie).toMatch(/^shop_seen=[0-9a-f]{16}\./)
    for (const { url } of fleet.peers) {
      expect(await get(`${url}/orders/first`, cookie)).toMatchObject({ status: 200, body: first })
    }
    const again = await order(follower, first)
    expect([again.status, await again.json()]).toEqual([200, { outcome: 'repeated' }])
    expect((await order(writer, { ...first, id: 'much', quantity: 10_000_000 })).status).toBe(409)
    expect((await order(writer, { ...first, id: 'what', item: 'cat' })).status).toBe(404)
    expect((await order(writer, { ...first, quantity: -1 })).status).toBe(400)
    expect((await order(writer, { ...first, id: 'x'.repeat(20_000) })).status).toBe(400)
    const stranger = await get(`${follower}/stock`, 'shop_seen=no token')
    expect(stranger.status).toBe(503)
    expect(stranger.response.headers.getSetCookie()[0]).toContain('Max-Age=0')
    const books = (await get(`${follower}/books`, cookie)).body
    expect(books).toMatchObject({ orders: ['first'], problems: [] })
    const events = await fetch(`${follower}/events`, { headers: { origin: writer } })
    expect(events.headers.get('access-control-allow-origin')).toBe(writer)
    await events.body?.cancel()
    const foreign = await fetch(`${follower}/events`, { headers: { origin: 'http://else' } })
    expect(foreign.headers.get('access-control-allow-origin')).toBe(null)
    await foreign.body?.cancel()
    const page = await fetch(`${follower}/`)
    expect(page.headers.get('content-security-policy')).toContain(writer)
    expect(await page.text()).toContain('/page.js')
  },
  240_000,
)

withServers(
  'ends in order, whatever its clients hold open',
  async () => {
    const fleet = await startFleet()
    // It never ends its request.
    const clients = fleet.peers.map(({ url }) => connect(Number(new URL(url).port), '127.0.0.1'))
    for (const client of clients) {
      client.on('error', () => {}).write('GET /status HTTP/1.1\r\nhost: ')
    }
    await Promise.all(clients.map((client) => once(client, 'connect')))
    await fleet.stop()
    const ended = said
      .filter((line) => line.includes(' is closed in '))
      .map((line) => line.slice(0, 6))
    expect(ended.sort()).toEqual(['shop-1', 'shop-2', 'shop-3'])
    for (const client of clients) client.destroy()
  },
  240_000,
)

/** What the page shows: the role of each node, and what is sold. */
const SHOWN = `({
  roles: [...document.querySelectorAll('#nodes tbody tr')].map((row) => row.cells[1].textContent),
  sold: document.querySelector('#stock tr[data-item=pen]')?.cells[2].textContent,
  said: document.querySelector('#said')?.textContent,
})`

const withBoth = natsServer === undefined ? withServers : itWithChromium

withBoth(
  'shows the roles of all nodes live, and orders at the writer from the page of a follower',
  async () => {
    const fleet = await startFleet()
    const { writer, follower } = await rolesOf(fleet)
    const browser = await Chromium.open(`${follower}/`)
    const shows = async (what: string, roles: string[], sold: string) => {
      let shown: unknown
      await eventually(
        what,
        async () => {
          const now = (await browser.evaluate(SHOWN)) as { roles: string[]; sold?: string }
          shown = now
          return `${[...now.roles].sort()}` === `${roles}` && now.sold === sold ? true : undefined
        },
        () => JSON.stringify(shown),
      )
    }
    try {
      await shows('all nodes', ['follower', 'follower', 'writer'], '0')
      await browser.evaluate("document.querySelector('#stock tr[data-item=pen] button').click()")
      await shows('the order', ['follower', 'follower', 'writer'], '1')
      await fleet.kill(fleet.peers.findIndex(({ url }) => url === writer))
      await shows('a take-over', ['follower', 'gone', 'writer'], '1')
    } finally {
      await browser.close()
    }
  },
  240_000,
)

it('has a page of links that lead somewhere', () => {
  const folder = join('examples', 'replicated-shop')
  const text = readFileSync(join(root, folder, 'README.md'), 'utf8')
  expect(brokenLinks(text, folder)).toEqual([])
})
