/** A customer: orders from any node, follows it to the writer, and asks again until there is an answer. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Order, Outcome } from './shop'

/** An order that a node has answered. */
export interface Placed {
  outcome: Outcome
  /** Which node has taken it. */
  node: string
  /** When it was asked for the last time, and answered, by `performance.now()`. */
  askedAt: number
  answeredAt: number
  /** For reads that must see it. */
  cookie: string
}

const PAUSE_MS = 20
const PATIENCE_MS = 10_000

/** Places an order at one of these nodes. It has a name, so asking again never does it twice. */
export async function place(
  order: Order,
  urls: readonly string[],
  untilMs: number,
): Promise<Placed> {
  const until = performance.now() + untilMs
  for (let turn = Math.floor(Math.random() * urls.length); ; turn++) {
    const askedAt = performance.now()
    const response = await post(urls[turn % urls.length] as string, order)
    if (response !== undefined && [200, 201, 409].includes(response.status)) {
      const { outcome } = (await response.json()) as { outcome: Outcome }
      const answeredAt = performance.now()
      const [cookie = ''] = response.headers.getSetCookie().map((each) => each.split(';')[0] ?? '')
      return { outcome, node: response.headers.get('x-node') ?? '', askedAt, answeredAt, cookie }
    }
    if (performance.now() > until) throw new Error(`no node has taken the order ${order.id}`)
    await sleep(PAUSE_MS)
  }
}

/** Undefined where the node is not there, or goes away meanwhile. */
async function post(url: string, order: Order): Promise<Response | undefined> {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const request = { method: 'POST', body: JSON.stringify(order), signal }
  return fetch(`${url}/orders`, request).catch(() => undefined)
}
