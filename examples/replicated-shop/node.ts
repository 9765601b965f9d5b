/** One node of the shop: a process that has all rows, and serves them. fleet.ts starts three. */
import { parseArgs } from 'node:util'
import { RocksDBError } from 'rocksdb-live'
import { directory } from 'rocksdb-live/backup'
import { jetstream, openReplica } from 'rocksdb-live/replica'
import { type Peer, ShopService } from './service'
import { families, Shop, type ShopNode } from './shop'

const { values: asked } = parseArgs({
  options: {
    name: { type: 'string', default: '' },
    'data-dir': { type: 'string', default: '' },
    snapshots: { type: 'string', default: '' },
    nats: { type: 'string', default: '' },
    port: { type: 'string', default: '0' },
    // All nodes, as JSON.
    peers: { type: 'string', default: '[]' },
    'lease-ms': { type: 'string', default: '2000' },
  },
})

const say = (...words: unknown[]) => process.stdout.write(`${words.join(' ')}\n`)

/** Servers that have just started may not be of one mind yet: it is tried again. */
async function openNode(port: number, signal: AbortSignal): Promise<ShopNode> {
  for (;;) {
    try {
      return await openReplica(asked['data-dir'], {
        log: jetstream({ servers: asked.nats.split(','), stream: 'shop', replicas: 3 }),
        snapshots: directory(asked.snapshots),
        columnFamilies: families,
        node: asked.name,
        url: `http://127.0.0.1:${port}`,
        leaseMs: Number(asked['lease-ms']),
        heartbeatMs: 200,
        signal,
      })
    } catch (error) {
      if (!(error instanceof RocksDBError && error.retryable)) throw error
      say(asked.name, 'does not open yet:', error.message)
    }
  }
}

async function main(): Promise<void> {
  const stopped = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopped.abort())
  // Whoever has started it is gone.
  process.stdin.once('close', () => stopped.abort()).resume()
  process.stdout.on('error', () => stopped.abort())
  const port = Number(asked.port)
  await using node = await openNode(port, stopped.signal)
  const shop = new Shop(node)
  const onRole = () => {
    const { role, epoch, writer } = node.status()
    say(asked.name, 'is', role, 'in epoch', epoch, ...(writer ? [`and ${writer.node} writes`] : []))
    if (role === 'writer')
      shop.stockUp().catch((error) => say(asked.name, 'failed:', error.message))
  }
  node.on('role', onRole)
  node.on('failure', ({ error }) => say(asked.name, 'failed:', error.message))
  node.on('database', ({ reason }) => say(asked.name, `began again from a snapshot (${reason})`))
  onRole()
  const service = await ShopService.start(shop, { port, peers: JSON.parse(asked.peers) as Peer[] })
  say('ready', asked.name)
  if (!stopped.signal.aborted) {
    await new Promise((resolve) => stopped.signal.addEventListener('abort', resolve))
  }
  await service.close()
  process.stdin.destroy()
}

main().catch((error: unknown) => {
  console.error(asked.name, error)
  process.exitCode = 1
})
