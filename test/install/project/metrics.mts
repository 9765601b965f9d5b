// A service that serves its metrics, and asks for them as Prometheus does.
import { register } from 'prom-client'
import { Database } from 'rocksdb-live'
import { collectMetrics, serveMetrics } from 'rocksdb-live/metrics'

await using db = await Database.open(process.argv[2] ?? '')
collectMetrics(db)
await db.default.put(Buffer.from('key'), Buffer.from('value'))
const server = await serveMetrics({ port: 0, register })
const answer = await fetch(`${server.url}/metrics`)
const text = await answer.text()
await server.close()
const size = text.split('\n').find((line) => /^node_db_size_bytes/.test(line))
console.log(JSON.stringify({ contentType: answer.headers.get('content-type'), size }))
