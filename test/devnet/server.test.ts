/** The node's answers over HTTP, and its metrics while it mines. */
import { readdirSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { networkInterfaces } from 'node:os'
import { hex } from '../../examples/devnet-node/hash.mjs'
import { collectNodeMetrics } from '../../examples/devnet-node/metrics.mjs'
import { chainDirectory, DevnetNode, type NodeOptions } from '../../examples/devnet-node/node.mjs'
import { type NodeServer, serveNode } from '../../examples/devnet-node/server.mjs'
import { track, useTempDirectory } from '../support/database'

const dir = useTempDirectory()
let server: NodeServer | undefined

afterEach(() => server?.close())

async function start(options: Partial<NodeOptions> = {}, host = '127.0.0.1'): Promise<DevnetNode> {
  const node = track(await DevnetNode.open({ dataDir: dir('data'), env: false, ...options }))
  server = await serveNode(node, collectNodeMetrics(node), { host, port: 0 })
  return node
}

const url = (path: string) => `${server?.url}${path}`

async function ask(path: string, init: RequestInit = {}) {
  const response = await fetch(url(path), init)
  const text = await response.text()
  return { status: response.status, headers: response.headers, text }
}

async function askJson(path: string, init?: RequestInit) {
  const { status, text } = await ask(path, init)
  return { status, body: JSON.parse(text) }
}

/** The value of a series; NaN if it does not exist. */
async function metric(name: string, labels = ''): Promise<number> {
  const { text } = await ask('/metrics')
  const line = text.split('\n').find((one) => one.startsWith(`${name}${labels} `))
  return Number(line?.split(' ')[1])
}

/** Scrapes until a series has a value: figures may be a second old. */
async function metricReaches(name: string, labels: string, value: number): Promise<void> {
  const deadline = Date.now() + 10_000
  while ((await metric(name, labels)) !== value) {
    if (Date.now() > deadline) expect([name, await metric(name, labels)]).toEqual([name, value])
    await new Promise((resolve) => setImmediate(resolve))
  }
}

it('tells of its health, its tip and its blocks', async () => {
  const node = await start()
  await node.mine(15)
  const { height, hash, work } = node.chain.tip
  const tip = { height, hash: hex(hash), cumulativeWork: work.toString(), reorgCount: 0 }
  expect(await askJson('/chain/tip')).toEqual({ status: 200, body: tip })
  expect(await askJson('/health')).toEqual({
    status: 200,
    body: { status: 'ok', height: 15, store: { health: 'ok', cause: null } },
  })
  const byHeight = await askJson('/block/15')
  expect(byHeight).toMatchObject({ status: 200, body: { hash: hex(hash), header: { height: 15 } } })
  expect(await askJson(`/block/${hex(hash)}`)).toEqual(byHeight)
  expect(await askJson(`/block/${hex(hash).toUpperCase()}`)).toEqual(byHeight)
  expect(byHeight.body.transactions.map((one: { coinbase: boolean }) => one.coinbase)).toContain(
    false,
  )
})

it.each([
  ['GET', '/block/16', 404, 'no such block'],
  ['GET', `/block/${'0'.repeat(64)}`, 404, 'no such block'],
  ['GET', '/block/', 400, 'by its height'],
  ['GET', '/block/-1', 400, 'by its height'],
  ['GET', '/block/1e3', 400, 'by its height'],
  ['GET', `/block/${'9'.repeat(16)}`, 400, 'by its height'],
  ['GET', '/block/%00', 400, 'by its height'],
  ['GET', '/nothing', 404, 'there is no /nothing'],
  ['POST', '/chain/tip', 405, 'takes GET, HEAD'],
  ['GET', '/dev/mine', 405, 'takes POST'],
  ['POST', '/dev/mine?blocks=0', 400, 'from 1 to 1000'],
  ['POST', '/dev/mine?blocks=1001', 400, 'from 1 to 1000'],
  ['POST', '/dev/mine?blocks=x', 400, 'from 1 to 1000'],
])('%s %s is %d', async (method, path, status, said) => {
  const node = await start()
  const { tip } = node.chain
  const answer = await askJson(path, { method })
  expect(answer.status).toBe(status)
  expect(answer.body.error).toContain(said)
  expect(node.chain.tip).toEqual(tip)
})

it('answers HEAD, and says what a path takes', async () => {
  await start()
  const { status, text, headers } = await ask('/chain/tip', { method: 'HEAD' })
  expect({ status, text }).toEqual({ status: 200, text: '' })
  expect(Number(headers.get('content-length'))).toBeGreaterThan(50)
  expect((await ask('/dev/mine')).headers.get('allow')).toBe('POST')
})

it('survives a path that is no URL', async () => {
  await start()
  const status = await new Promise((resolve, reject) => {
    request(url('/'), { path: '//[' }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end()
  })
  expect(status).toBe(400)
  expect((await ask('/health')).status).toBe(200)
})

it('mines for programs on this machine, one request after the other', async () => {
  const node = await start()
  const answers = await Promise.all([
    askJson('/dev/mine', { method: 'POST' }),
    askJson('/dev/mine?blocks=20', { method: 'POST' }),
    askJson('/dev/mine?blocks=5', { method: 'POST' }),
  ])
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(new Set(answers.flatMap(({ body }) => body.mined)).size).toBe(26)
  expect(node.chain.tip.height).toBe(26)
})

it('mines for no page in a browser, and for no other machine', async () => {
  const node = await start({}, '0.0.0.0')
  const { port } = new URL(url('/'))
  const page = { method: 'POST', headers: { origin: 'http://evil.example' } }
  server = { ...(server as NodeServer), url: `http://127.0.0.1:${port}` }
  expect(await askJson('/dev/mine', page)).toMatchObject({ status: 403 })
  const other = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)
  if (other !== undefined) {
    server = { ...server, url: `http://${other.address}:${port}` }
    expect(await askJson('/dev/mine', { method: 'POST' })).toMatchObject({ status: 403 })
    expect(await askJson('/chain/tip')).toMatchObject({ status: 200 })
  }
  expect(node.chain.tip.height).toBe(0)
})

it('is not healthy, and mines nothing, while it stops', async () => {
  const node = await start()
  node.stop()
  expect(await askJson('/health')).toMatchObject({ status: 503, body: { status: 'stopping' } })
  expect(await askJson('/dev/mine', { method: 'POST' })).toMatchObject({ status: 503 })
})

it('fails to listen where the port is in use', async () => {
  const node = await start()
  const port = Number(new URL(url('/')).port)
  const second = serveNode(node, undefined as never, { host: '127.0.0.1', port })
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

describe('the metrics', () => {
  it('are there and right while it mines', async () => {
    const node = await start()
    const mining = node.mine(400)
    const heights: number[] = []
    while (heights.at(-1) !== 400) heights.push(await metric('devnet_chain_height'))
    await mining
    expect(new Set(heights).size).toBeGreaterThan(2)
    expect(heights).toEqual([...heights].sort((a, b) => a - b))
    const db = '{db="chain"}'
    await metricReaches('node_db_write_batch_ms_count', db, 400)
    // Including the first block, which was written before the metrics were collected.
    await metricReaches('node_db_wal_writes_total', db, 401)
    expect(await metric('node_db_write_batch_ms_bucket', '{db="chain",le="+Inf"}')).toBe(400)
    expect(await metric('node_db_write_batch_ms_sum', db)).toBeGreaterThan(0)
    expect(await metric('node_db_wal_synced_total', db)).toBe(0)
    expect(await metric('node_db_compaction_jobs', db)).toBe(node.store.runningCompactions())
    expect(await metric('devnet_chain_work')).toBe(401 * 4)
    expect(await metric('devnet_reorganizations_total')).toBe(0)
    const size = await metric('node_db_size_bytes', db)
    expect(Math.abs(size / filesOf(chainDirectory(dir('data'))) - 1)).toBeLessThan(0.01)
  })

  it('count the syncs of blocks that wait for the disk', async () => {
    const node = await start({ sync: true })
    await node.mine(20)
    // One per block, including the first.
    await metricReaches('node_db_wal_synced_total', '{db="chain"}', 21)
  })
})

/** Bytes of tables and WAL files. */
function filesOf(path: string): number {
  const names = readdirSync(path).filter((name) => /\.(sst|log)$/.test(name))
  return names.reduce((sum, name) => sum + statSync(`${path}/${name}`).size, 0)
}
