/**
 * A service whose requests are traced: each prints its span, and those of what it did in the database below it.
 *
 *     npm run traced -- 3000
 *     curl -X POST -d Ada http://127.0.0.1:3000/users/1
 *     curl http://127.0.0.1:3000/users/1
 *     curl http://127.0.0.1:3000/users
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  ConsoleSpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { Database } from 'rocksdb-live'
import { instrument } from 'rocksdb-live/otel'

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
trace.setGlobalTracerProvider(
  new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(new ConsoleSpanExporter())],
  }),
)
const tracer = trace.getTracer('users')

// Before the database is opened, so that its opening has a span.
const tracing = instrument()
const db = await Database.open(join('data', 'users'), {
  columnFamilies: {
    users: { key: 'utf8', value: 'utf8' },
    names: { key: 'utf8', value: 'utf8' },
  },
})
const users = db.columnFamily('users')
const names = db.columnFamily('names')

/** Names are given once: both rows are there, or none. */
async function create(id: string, name: string): Promise<boolean> {
  return db.transaction(async (tx) => {
    if ((await tx.has(users, id)) || (await tx.has(names, name))) return false
    tx.put(users, id, name)
    tx.put(names, name, id)
    return true
  })
}

async function answer(request: IncomingMessage): Promise<[status: number, body: string]> {
  const [, kind, id] = (request.url ?? '').split('/')
  if (kind !== 'users') return [404, 'nothing here\n']
  if (id === undefined) {
    const all: string[] = []
    for await (const name of users.values({ limit: 100 })) all.push(name)
    return [200, `${all.join(', ')}\n`]
  }
  if (request.method === 'POST') {
    return (await create(id, await text(request))) ? [201, 'made\n'] : [409, 'taken\n']
  }
  const name = await users.get(id)
  return name === undefined ? [404, 'nobody\n'] : [200, `${name}\n`]
}

/** What `@opentelemetry/instrumentation-http` would do. */
function traced(request: IncomingMessage, response: ServerResponse): void {
  tracer.startActiveSpan(`${request.method}`, { kind: SpanKind.SERVER }, async (span) => {
    let [status, body] = [500, 'it failed\n']
    try {
      ;[status, body] = await answer(request)
    } catch (error) {
      console.error(error)
      span.setStatus({ code: SpanStatusCode.ERROR })
    }
    span.setAttribute('http.response.status_code', status)
    span.end()
    response.writeHead(status).end(body)
  })
}

const server = createServer(traced)
server.listen(Number(process.argv[2] ?? 3000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close(async () => {
      await db.close()
      tracing.stop()
    })
    server.closeAllConnections()
  })
}
