/**
 * Pushes the rows of a prefix to pages, by server-sent events: those that are there, and what happens to them. Each
 * client has a watch of its own. One that reads slowly is sent what its connection takes; when too much waits for it,
 * that is dropped, and all rows are sent again.
 */
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { ColumnFamily, WatchEvent } from 'rocksdb-live'

/** A family whose rows are sent: values as JSON. */
export type LiveFamily<Value> = Pick<ColumnFamily<string, Value, string, Value>, 'watch'>

export interface LiveOptions {
  /** Rows whose keys begin with this. */
  prefix: string
  /** Any free one by default. */
  port?: number
  /** 127.0.0.1 by default. */
  host?: string
  /** Clients at a time; others are sent away for a while. 100 by default. */
  maxClients?: number
  /** Bytes of changes that wait for one client, besides what its connection has taken. 256 KiB by default. */
  maxBufferedBytes?: number
  /** Milliseconds in which clients are to take what they were sent when this is closed. 5000 by default. */
  graceMs?: number
}

const FOLDER = join(__dirname, '..', '..', 'examples', 'live')
const FILES: Record<string, [file: string, type: string]> = {
  '/': ['page.html', 'text/html; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
}
/** A connection that is silent for longer may be closed by what is in between. */
const HEARTBEAT_MS = 15_000
/** After so long a page connects again. */
const RETRY_MS = 1000

const hex = (end: string | Buffer) => Buffer.from(end).toString('hex')

/** An event as it is sent. */
function textOf(event: WatchEvent<string, unknown>): string {
  switch (event.type) {
    // A comment: it keeps the connection.
    case 'progress':
      return ':\n\n'
    case 'put':
      return message('put', { key: event.key, value: event.value })
    case 'delete':
      return message('delete', { key: event.key })
    // In hexadecimal digits, which have the order of the bytes; texts in JavaScript have another one.
    case 'deleteRange':
      return message('deleteRange', { gte: hex(event.gte), lt: hex(event.lt) })
    default:
      return message(event.type, {})
  }
}

function message(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

/** A server for one prefix of one family. */
export class LiveServer<Value> {
  readonly #family: LiveFamily<Value>
  readonly #options: LiveOptions
  readonly #server: Server
  readonly #clients = new Map<AbortController, Promise<void>>()
  #closing = false

  private constructor(family: LiveFamily<Value>, options: LiveOptions) {
    this.#family = family
    this.#options = options
    this.#server = createServer((request, response) => this.#answer(request, response))
  }

  /** Resolves once it listens. */
  static async start<Value>(
    family: LiveFamily<Value>,
    options: LiveOptions,
  ): Promise<LiveServer<Value>> {
    const server = new LiveServer(family, options)
    server.#server.listen(options.port ?? 0, options.host ?? '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Clients that are connected. */
  get clients(): number {
    return this.#clients.size
  }

  /** Ends what all clients are sent, and resolves once they are gone. The database may be closed then. */
  async close(): Promise<void> {
    this.#closing = true
    const closed = new Promise((resolve) => this.#server.close(resolve))
    const late = setTimeout(() => this.#server.closeAllConnections(), this.#options.graceMs ?? 5000)
    for (const client of this.#clients.keys()) client.abort()
    await Promise.all([closed, ...this.#clients.values()])
    clearTimeout(late)
  }

  #answer({ method, url }: IncomingMessage, response: ServerResponse): void {
    // So that nothing is left open when this is closed.
    response.shouldKeepAlive = false
    const { pathname } = new URL(url ?? '/', 'http://localhost')
    const file = FILES[pathname]
    if (method !== 'GET') response.writeHead(405, { allow: 'GET' }).end()
    else if (pathname === '/events') this.#admit(response)
    else if (file === undefined) response.writeHead(404).end()
    else {
      response.writeHead(200, {
        'content-type': file[1],
        'content-security-policy': "default-src 'self'",
      })
      createReadStream(join(FOLDER, file[0])).pipe(response)
    }
  }

  #admit(response: ServerResponse): void {
    const { maxClients = 100 } = this.#options
    if (this.#closing || this.#clients.size >= maxClients) {
      response.writeHead(503, { 'retry-after': String(RETRY_MS / 1000) }).end()
      return
    }
    const client = new AbortController()
    response.on('close', () => client.abort())
    const pushed = this.#push(response, client.signal).finally(() => this.#clients.delete(client))
    this.#clients.set(client, pushed)
  }

  /** Sends rows and changes until the client is gone, this is closed, or the database is. */
  async #push(response: ServerResponse, signal: AbortSignal): Promise<void> {
    const { prefix, maxBufferedBytes = 256 * 1024 } = this.#options
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    // Rows that the page has of an earlier connection may be gone.
    response.write(`retry: ${RETRY_MS}\n\n${message('reset', {})}`)
    const options = { prefix, signal, maxBufferedBytes, initial: true, heartbeatMs: HEARTBEAT_MS }
    try {
      for await (const event of this.#family.watch(options)) {
        if (!response.write(textOf(event))) await once(response, 'drain', { signal })
      }
    } catch (error) {
      // The page connects again, and begins anew.
      if (!signal.aborted) console.error('a client was sent away:', error)
    } finally {
      response.end()
    }
  }
}
