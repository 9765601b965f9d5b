/**
 * A page that shows rows as they change: stock that is bought and sold, in RocksDB.
 *
 *     npm run live
 *     npm run live -- --port 8080 --every-ms 50
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Database, json } from 'rocksdb-live'
import { LiveServer } from './server'

const { values: asked } = parseArgs({
  options: {
    'data-dir': { type: 'string', default: join('data', 'live') },
    port: { type: 'string', default: '3000' },
    'every-ms': { type: 'string', default: '300' },
  },
})

const GOODS = ['pen', 'ink', 'paper', 'ribbon', 'lamp', 'candle', 'map', 'compass', 'rope', 'tin']

async function main(): Promise<void> {
  const db = await Database.open(asked['data-dir'], {
    columnFamilies: { stock: { key: 'utf8', value: json<{ left: number }>() } },
  })
  const stock = db.columnFamily('stock')
  const server = await LiveServer.start(stock, { prefix: 'shop/', port: Number(asked.port) })
  console.log(`http://127.0.0.1:${server.port}/`)

  const trade = async () => {
    const key = `shop/${GOODS[Math.floor(Math.random() * GOODS.length)]}`
    const left = Math.floor(Math.random() * 20)
    if (left === 0) await stock.delete(key)
    else await stock.put(key, { left })
  }
  const trading = setInterval(() => trade().catch(console.error), Number(asked['every-ms']))

  const stop = async () => {
    clearInterval(trading)
    await server.close()
    await db.close()
    console.log('closed')
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
