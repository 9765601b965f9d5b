/**
 * A shop that survives the loss of a machine: three nodes, each with all rows, over a log that three servers keep.
 *
 *     npm run shop                      # http://127.0.0.1:3001/, :3002, :3003
 *     npm run shop -- --port 8080       # :8080, :8081, :8082
 *     npm run shop:kill                 # kills the writer, and says how another node took over: drill.ts
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Fleet } from './fleet'

const { values: asked } = parseArgs({
  options: {
    'data-dir': { type: 'string', default: join('data', 'replicated-shop') },
    port: { type: 'string', default: '3001' },
    'lease-ms': { type: 'string', default: '2000' },
  },
})

async function main(): Promise<void> {
  const first = Number(asked.port)
  const stopped = new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve)
  })
  const fleet = await Fleet.start({
    directory: asked['data-dir'],
    leaseMs: Number(asked['lease-ms']),
    onLine: (line) => console.log(line),
    ...(first === 0 ? {} : { ports: [first, first + 1, first + 2] }),
  })
  for (const { url } of fleet.peers) console.log(`${url}/`)
  await stopped
  await fleet.stop()
  console.log('closed')
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
