/** The shop over HTTP, as each node serves it. */
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { RocksDBError } from 'rocksdb-live'
import { forget, remember, seenBy } from './seen'
import { notWriter, type Order, type Shop, UnknownItem } from './shop'
import { StatusStream, statusOf } from './status-stream'

/** A node, as others find it. */
export interface Peer {
  name: string
  url: string
}

export interface ServiceOptions {
  port: number
  /** All nodes, this one among them. */
  peers: readonly Peer[]
}

const FOLDER = join(__dirname, '..', '..', 'examples', 'replicated-shop')
const FILES: Record<string, [file: string, type: string]> = {
  '/': ['page.html', 'text/html; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
}
const MOST_BYTES = 10_000
/** How long a read waits for what its customer has seen. */
const FRESH_MS = 5000
/** For requests that are under way when it closes. */
const CLOSE_MS = 1000

/** Its database is replaced or closed at this moment, or has not read of its families yet. */
const PASSING = ['ERR_CLOSED', 'ERR_INVALID_ARG_VALUE']

/** The request is not understood. */
class BadRequest extends Error {}

export class ShopService {
  readonly #shop: Shop
  readonly #peers: readonly Peer[]
  readonly #server: Server
  readonly #status: StatusStream

  private constructor(shop: Shop, peers: readonly Peer[]) {
    this.#shop = shop
    this.#peers = peers
    this.#status = new StatusStream(shop.node)
    this.#server = createServer((request, response) => {
      // So that nothing is left open when this is closed.
      response.shouldKeepAlive = false
      this.#answer(request, response).catch((error) => this.#fail(response, error))
    })
  }

  /** Resolves once it listens, on loopback. */
  static async start(shop: Shop, { port, peers }: ServiceOptions): Promise<ShopService> {
    const service = new ShopService(shop, peers)
    service.#server.listen(port, '127.0.0.1')
    await once(service.#server, 'listening')
    return service
  }

  /** Ends what is open, and resolves once nothing is. */
  async close(): Promise<void> {
    this.#status.close()
    const closed = new Promise((resolve) => this.#server.close(resolve))
    // A client may keep its connection for as long as it likes.
    const late = setTimeout(() => this.#server.closeAllConnections(), CLOSE_MS)
    await closed
    clearTimeout(late)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '/' } = request
    const { pathname } = new URL(url, 'http://localhost')
    this.#admitPeers(request, response)
    response.setHeader('x-node', this.#shop.node.status().node)
    if (method === 'POST' && pathname === '/orders') return this.#order(request, response)
    if (method !== 'GET') return send(response, 405, { error: 'GET, or POST /orders' })
    const file = FILES[pathname]
    if (file !== undefined) return this.#sendFile(response, ...file)
    if (pathname === '/nodes') return send(response, 200, this.#peers)
    if (pathname === '/status') return send(response, 200, statusOf(this.#shop.node))
    if (pathname === '/events') return this.#status.admit(response)
    if (pathname === '/stock' || pathname === '/books' || pathname.startsWith('/orders/')) {
      return this.#read(pathname, request, response)
    }
    send(response, 404, { error: 'there is no such page' })
  }

  /** The pages of all nodes may ask each of them. */
  #admitPeers({ headers: { origin } }: IncomingMessage, response: ServerResponse): void {
    response.setHeader('vary', 'origin')
    if (origin === undefined || !this.#peers.some(({ url }) => url === origin)) return
    response.setHeader('access-control-allow-origin', origin)
    response.setHeader('access-control-allow-credentials', 'true')
  }

  #sendFile(response: ServerResponse, file: string, type: string): void {
    const others = this.#peers.map(({ url }) => url).join(' ')
    response.writeHead(200, {
      'content-type': type,
      'content-security-policy': `default-src 'self'; connect-src 'self' ${others}`,
    })
    createReadStream(join(FOLDER, file)).pipe(response)
  }

  /** Only the writer takes orders: the others say where it is. */
  async #order(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { node } = this.#shop
    if (node.role !== 'writer') return this.#toWriter(response)
    const order = orderOf(await bodyOf(request))
    try {
      const outcome = await this.#shop.order(order)
      remember(response, node.token())
      send(response, outcome === 'sold out' ? 409 : outcome === 'done' ? 201 : 200, { outcome })
    } catch (error) {
      if (!(error instanceof RocksDBError)) throw error
      // It was not done: another node writes now.
      if (notWriter(error) && error.outcome !== 'unknown') return this.#toWriter(response)
      // Nobody knows yet whether it was done: its name makes asking again harmless.
      later(response, error.message)
    }
  }

  #toWriter(response: ServerResponse): void {
    const { writer, node } = this.#shop.node.status()
    if (writer?.url === undefined || writer.node === node) later(response, 'nobody writes')
    else {
      response.setHeader('location', `${writer.url}/orders`)
      send(response, 307, { writer })
    }
  }

  /** Any node answers, once it has what this customer has seen. */
  async #read(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const after = seenBy(request)
    try {
      if (after !== undefined) await this.#shop.node.fresh({ after, timeoutMs: FRESH_MS })
    } catch (error) {
      const { code, message } = error as RocksDBError
      // Of another log, or no token at all.
      if (code !== 'ERR_STALE' && code !== 'ERR_CLOSED') forget(response)
      return later(response, message)
    }
    if (path === '/stock') return send(response, 200, (await this.#shop.books()).stock)
    if (path === '/books') return send(response, 200, await this.#shop.books())
    const order = await this.#shop.find(decodeURIComponent(path.slice('/orders/'.length)))
    if (order === undefined) send(response, 404, { error: 'there is no such order' })
    else send(response, 200, order)
  }

  #fail(response: ServerResponse, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    if (response.headersSent) response.destroy()
    else if (error instanceof BadRequest || error instanceof URIError)
      send(response, 400, { error: message })
    else if (error instanceof UnknownItem) send(response, 404, { error: `no item ${message}` })
    else if (PASSING.includes((error as RocksDBError).code)) later(response, message)
    else send(response, 500, { error: message })
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(`${JSON.stringify(body)}\n`)
}

/** Asked again in a second, here or elsewhere, it may well be done. */
function later(response: ServerResponse, error: string): void {
  response.setHeader('retry-after', '1')
  send(response, 503, { error })
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const piece of request.setEncoding('utf8')) {
    body += piece
    if (body.length > MOST_BYTES) throw new BadRequest('an order is shorter')
  }
  return body
}

function orderOf(body: string): Order {
  let given: Partial<Order> | null
  try {
    given = JSON.parse(body)
  } catch {
    throw new BadRequest('an order is JSON')
  }
  const { id, item, quantity } = given ?? {}
  const named = typeof id === 'string' && id !== '' && id.length <= 100 && typeof item === 'string'
  if (!named || !Number.isSafeInteger(quantity) || (quantity as number) < 1) {
    throw new BadRequest('an order is { id, item, quantity }')
  }
  return { id, item, quantity: quantity as number }
}
