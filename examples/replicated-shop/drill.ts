/**
 * The drill: customers order all the time, the writer is killed, and another node takes over. Afterwards every order that
 * was acknowledged must be on every node, the killed one among them.
 *
 *     npm run shop:kill
 *     npm run shop:kill -- --kills 10 --orders 500 --lease-ms 1000
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Placed, place } from './customer'
import { Fleet } from './fleet'
import type { Books, Order } from './shop'

/** How a drill is run. */
export interface DrillOptions {
  directory: string
  kills?: number
  /** Orders before each kill, and after the last one. 200 by default. */
  orders?: number
  leaseMs?: number
  onLine?: (line: string) => void
}

/** One take-over. */
export interface TakeOver {
  killed: string
  writer: string
  /** Orders that were acknowledged before the kill. */
  acknowledged: number
  /** From the kill until a node said that it writes, and until it had taken an order. */
  writesMs: number
  ordersMs: number
}

/** What a drill found. */
export interface Drill {
  takeOvers: TakeOver[]
  acknowledged: number
  problems: string[]
}

const CUSTOMERS = 8
const PATIENCE_MS = 60_000
const ITEMS = ['candle', 'ink', 'lamp', 'pen']

/** Orders all the time, and remembers what was acknowledged. */
class Customers {
  readonly placed = new Map<string, Placed>()
  readonly #urls: readonly string[]
  #ended = false
  #number = 0
  readonly #working: Promise<unknown>

  constructor(urls: readonly string[]) {
    this.#urls = urls
    this.#working = Promise.all(Array.from({ length: CUSTOMERS }, () => this.#work()))
    // Told by `end`.
    this.#working.catch(() => {})
  }

  async #work(): Promise<void> {
    while (!this.#ended) {
      const number = this.#number++
      const item = ITEMS[number % ITEMS.length] as string
      const order: Order = { id: `order-${number}`, item, quantity: 1 + (number % 3) }
      this.placed.set(order.id, await place(order, this.#urls, PATIENCE_MS))
    }
  }

  /** Waits until so many orders more were acknowledged. */
  async more(count: number): Promise<void> {
    const wanted = this.placed.size + count
    await until(`${count} orders`, async () => (this.placed.size >= wanted ? true : undefined))
  }

  /** How long after a moment this node had taken the first order that was asked for since; undefined as long as none. */
  firstAt(node: string, since: number): number | undefined {
    const after = [...this.placed.values()].filter(
      (each) => each.node === node && each.askedAt > since,
    )
    return after.length === 0
      ? undefined
      : Math.min(...after.map((each) => each.answeredAt)) - since
  }

  async end(): Promise<void> {
    this.#ended = true
    await this.#working
  }

  /** The newest order that was asked for; undefined where there is none. */
  get newest(): Placed | undefined {
    return [...this.placed.values()].reduce<Placed | undefined>(
      (newest, each) => (newest === undefined || each.askedAt > newest.askedAt ? each : newest),
      undefined,
    )
  }
}

/** Kills the writer so many times, and looks at every node at the end. */
export async function drill(options: DrillOptions): Promise<Drill> {
  const { directory, kills = 1, orders = 200, leaseMs = 2000, onLine = () => {} } = options
  const fleet = await Fleet.start({ directory, leaseMs, onLine })
  try {
    const customers = new Customers(fleet.peers.map(({ url }) => url))
    const takeOvers: TakeOver[] = []
    for (let kill = 0; kill < kills; kill++) {
      await customers.more(orders)
      const takeOver = await killWriter(fleet, customers)
      takeOvers.push(takeOver)
      onLine(textOf(takeOver))
    }
    await customers.more(orders)
    await customers.end()
    const problems = await audit(fleet, customers)
    return { takeOvers, acknowledged: customers.placed.size, problems }
  } finally {
    await fleet.stop()
  }
}

/** Kills the writer, waits until another node writes and takes orders, and starts the killed one again. */
async function killWriter(fleet: Fleet, customers: Customers): Promise<TakeOver> {
  const index = await writerOf(fleet)
  const acknowledged = customers.placed.size
  const killedAt = performance.now()
  await fleet.kill(index)
  const next = await writerOf(fleet)
  const writesMs = performance.now() - killedAt
  const { name: writer = '' } = fleet.peers[next] ?? {}
  const ordersMs = await until(`an order at ${writer}`, async () =>
    customers.firstAt(writer, killedAt),
  )
  await fleet.startNode(index)
  return { killed: fleet.peers[index]?.name ?? '', writer, acknowledged, writesMs, ordersMs }
}

/** The node that says that it writes. */
async function writerOf({ peers }: Fleet): Promise<number> {
  return until('a writer', async () => {
    const roles = await Promise.all(
      peers.map(async ({ url }) => (await get<{ role: string }>(`${url}/status`))?.role),
    )
    const index = roles.indexOf('writer')
    return index < 0 ? undefined : index
  })
}

/** Every node has every order that was acknowledged, and its books agree. */
async function audit({ peers }: Fleet, customers: Customers): Promise<string[]> {
  const problems: string[] = []
  const { cookie = '' } = customers.newest ?? {}
  const all: Books[] = []
  for (const { name, url } of peers) {
    // What the newest order was acknowledged for, this node has applied before it answers.
    const books = await until(`the books of ${name}`, () => get<Books>(`${url}/books`, cookie))
    const there = new Set(books.orders)
    const lost = [...customers.placed.keys()].filter((id) => !there.has(id))
    if (lost.length > 0) problems.push(`${name} has lost ${lost.join(', ')}`)
    problems.push(...books.problems.map((problem) => `${name}: ${problem}`))
    all.push(books)
  }
  if (new Set(all.map((books) => JSON.stringify(books))).size > 1) {
    problems.push('the nodes have different books')
  }
  return problems
}

async function get<T>(url: string, cookie = ''): Promise<T | undefined> {
  const response = await fetch(url, { headers: { cookie } }).catch(() => undefined)
  return response?.ok
    ? ((await response.json().catch(() => undefined)) as T | undefined)
    : undefined
}

/** Asks again and again, until there is an answer. */
async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > end) throw new Error(`${what}: not in ${PATIENCE_MS} ms`)
    await sleep(10)
  }
}

function textOf({ killed, writer, acknowledged, writesMs, ordersMs }: TakeOver): string {
  return (
    `killed ${killed} with ${acknowledged} orders acknowledged: ${writer} writes after ` +
    `${Math.round(writesMs)} ms, and has taken an order after ${Math.round(ordersMs)} ms`
  )
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '1' },
      orders: { type: 'string', default: '200' },
      'lease-ms': { type: 'string', default: '2000' },
    },
  })
  const directory = mkdtempSync(join(tmpdir(), 'rocksdb-live-shop-'))
  try {
    const { acknowledged, problems } = await drill({
      directory,
      kills: Number(values.kills),
      orders: Number(values.orders),
      leaseMs: Number(values['lease-ms']),
      onLine: (line) => console.log(line),
    })
    for (const problem of problems) console.log('PROBLEM', problem)
    const all = problems.length === 0 ? 'all of them are on all three nodes' : 'see the problems'
    console.log(`${acknowledged} orders acknowledged: ${all}`)
    process.exitCode = problems.length === 0 ? 0 : 1
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  })
}
