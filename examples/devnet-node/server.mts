/** What the node answers over HTTP. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isIP } from 'node:net'
import type { Registry } from 'prom-client'
import { blockHash, transactionId } from './encoding.mjs'
import type { Address } from './flags.mjs'
import { hex } from './hash.mjs'
import type { DevnetNode } from './node.mjs'
import type { Block, Tip } from './types.mjs'

/** Blocks that one request may mine. */
export const MAX_MINED = 1000

/** A server that is listening. */
export interface NodeServer {
  /** `http://127.0.0.1:9090` */
  readonly url: string
  /** Answers what is in flight, and ends all connections. */
  close(): Promise<void>
}

/** A status, and what is said. */
interface Answer {
  status: number
  /** As JSON; a `Buffer` or text as it is. */
  body: unknown
  type?: string
  allow?: string
}

type Handler = (request: IncomingMessage, url: URL) => Answer | Promise<Answer>

/** Requests name a path only; this stands before it. */
const BASE = 'http://node'

const JSON_TYPE = 'application/json; charset=utf-8'

/** Starts to listen; fails where the address is in use. Port 0 takes any free one. */
export async function serveNode(
  node: DevnetNode,
  register: Registry,
  { host, port }: Address,
): Promise<NodeServer> {
  const routes = routesOf(node, register)
  const server = createServer((request, response) => {
    answer(routes, request).then(
      (said) => send(response, request, said),
      (error: Error) => send(response, request, { status: 500, body: { error: error.message } }),
    )
  })
  server.listen({ host, port })
  await once(server, 'listening')
  const { port: taken } = server.address() as AddressInfo
  const url = `http://${isIP(host) === 6 ? `[${host}]` : host}:${taken}`
  return { url, close: () => shut(server) }
}

function routesOf(node: DevnetNode, register: Registry): [string, RegExp, Handler][] {
  return [
    ['GET', /^\/metrics$/, async () => metrics(register)],
    ['GET', /^\/health$/, () => health(node)],
    ['GET', /^\/chain\/tip$/, () => ({ status: 200, body: tipJson(node.chain.tip) })],
    ['GET', /^\/block\/([^/]*)$/, (_, url) => block(node, url.pathname.slice('/block/'.length))],
    ['POST', /^\/dev\/mine$/, (request, url) => mine(node, request, url)],
  ]
}

async function answer(
  routes: [string, RegExp, Handler][],
  request: IncomingMessage,
): Promise<Answer> {
  const asked = request.url ?? '/'
  if (!URL.canParse(asked, BASE)) return failed(400, 'what is asked for is no path')
  const url = new URL(asked, BASE)
  const found = routes.find(([, path]) => path.test(url.pathname))
  if (found === undefined) return failed(404, `there is no ${url.pathname}`)
  const [method, , handler] = found
  const verb = request.method === 'HEAD' ? 'GET' : request.method
  if (verb === method) return handler(request, url)
  const allow = method === 'GET' ? 'GET, HEAD' : method
  return { ...failed(405, `${url.pathname} takes ${allow}`), allow }
}

async function metrics(register: Registry): Promise<Answer> {
  return { status: 200, body: await register.metrics(), type: register.contentType }
}

/** 503 where the store takes no writes: a load balancer then asks another node. */
function health({ store, chain, stopping }: DevnetNode): Answer {
  const { health, healthCause } = store.db
  const well = health === 'ok' && !stopping
  const status = stopping ? 'stopping' : well ? 'ok' : 'unhealthy'
  const body = { status, height: chain.tip.height, store: { health, cause: healthCause ?? null } }
  return { status: well ? 200 : 503, body }
}

async function block({ store }: DevnetNode, asked: string): Promise<Answer> {
  if (/^\d{1,15}$/.test(asked)) return found(await store.blockByHeight(Number(asked)))
  if (/^[0-9a-fA-F]{64}$/.test(asked)) {
    return found(await store.blockByHash(Buffer.from(asked, 'hex')))
  }
  return failed(400, 'a block is asked for by its height, or by the 64 digits of its hash')
}

const found = (block: Block | undefined): Answer =>
  block ? { status: 200, body: blockJson(block) } : failed(404, 'there is no such block')

/** Mines `?blocks=1`. Only for programs on this machine, and not for pages in its browsers. */
async function mine(node: DevnetNode, request: IncomingMessage, url: URL): Promise<Answer> {
  if (!isLoopback(request.socket.remoteAddress) || request.headers.origin !== undefined) {
    return failed(403, 'blocks are mined for programs on this machine only')
  }
  const text = url.searchParams.get('blocks') ?? '1'
  const blocks = Number(text)
  if (!/^\d+$/.test(text) || blocks < 1 || blocks > MAX_MINED) {
    return failed(400, `blocks must be a whole number from 1 to ${MAX_MINED}`)
  }
  if (node.stopping) return failed(503, 'the node is stopping')
  const hashes: string[] = []
  await node.mine(blocks, ({ header }) => hashes.push(hex(blockHash(header))))
  return { status: 200, body: { mined: hashes, tip: tipJson(node.chain.tip) } }
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(?:::1|(?:::ffff:)?127(?:\.\d+){3})$/.test(address)
}

const failed = (status: number, error: string): Answer => ({ status, body: { error } })

const tipJson = ({ height, hash, work, reorgCount }: Tip) => ({
  height,
  hash: hex(hash),
  cumulativeWork: work.toString(),
  reorgCount,
})

function blockJson({ header, transactions }: Block) {
  return {
    hash: hex(blockHash(header)),
    header: {
      ...header,
      previous: hex(header.previous),
      merkleRoot: hex(header.merkleRoot),
      bits: `0x${header.bits.toString(16)}`,
      nonce: hex(header.nonce),
    },
    transactions: transactions.map((transaction) => ({
      txid: hex(transactionId(transaction)),
      coinbase: transaction.inputs.length === 0,
      inputs: transaction.inputs.map(({ txid, index, key }) => ({
        txid: hex(txid),
        index,
        key: hex(key),
      })),
      outputs: transaction.outputs.map(({ amount, owner }) => ({ amount, owner: hex(owner) })),
    })),
  }
}

function send(response: ServerResponse, request: IncomingMessage, said: Answer): void {
  const { status, body, type, allow } = said
  const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`
  response.writeHead(status, {
    'content-type': type ?? JSON_TYPE,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...(allow === undefined ? {} : { allow }),
  })
  response.end(request.method === 'HEAD' ? undefined : text)
}

async function shut(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), 1000)
  await closed
  clearTimeout(timer)
}
