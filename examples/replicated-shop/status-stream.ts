/** How a node is, pushed to pages by server-sent events: at each change of roles, and twice a second. */
import type { ServerResponse } from 'node:http'
import type { ShopNode } from './shop'

const EVERY_MS = 500
/** After so long a page connects again. */
const RETRY_MS = 500
const MOST_CLIENTS = 100

export class StatusStream {
  readonly #node: ShopNode
  readonly #clients = new Set<ServerResponse>()
  readonly #timer: NodeJS.Timeout
  readonly #onRole = () => this.#push()

  constructor(node: ShopNode) {
    this.#node = node
    this.#timer = setInterval(() => this.#push(), EVERY_MS)
    node.on('role', this.#onRole)
  }

  /** Sends to this client until it is gone. */
  admit(response: ServerResponse): void {
    if (this.#clients.size >= MOST_CLIENTS) {
      response.writeHead(503, { 'retry-after': '1' }).end()
      return
    }
    this.#clients.add(response)
    response.on('close', () => this.#clients.delete(response))
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write(`retry: ${RETRY_MS}\n\n${this.#text()}`)
  }

  /** Ends all of them. */
  close(): void {
    clearInterval(this.#timer)
    this.#node.off('role', this.#onRole)
    for (const client of this.#clients) client.end()
  }

  #push(): void {
    const text = this.#text()
    for (const client of this.#clients) {
      // Whoever does not read gets a later one.
      if (!client.writableNeedDrain) client.write(text)
    }
  }

  #text(): string {
    return `event: status\ndata: ${JSON.stringify(statusOf(this.#node))}\n\n`
  }
}

/** How a node is, as it can be sent. */
export function statusOf(node: ShopNode) {
  const { error, ...status } = node.status()
  return { ...status, error: error?.message ?? null }
}
