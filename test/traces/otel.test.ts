import { createServer, get as httpGet } from 'node:http'
import type { AddressInfo } from 'node:net'
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { counter, Database, json } from 'rocksdb-live'
import { backup, directory } from 'rocksdb-live/backup'
import { type Instrumentation, instrument } from 'rocksdb-live/otel'
import { openFresh, useTempDirectory } from '../support/database'

const path = useTempDirectory()
const exporter = new InMemorySpanExporter()
const tracerProvider = new BasicTracerProvider({
  spanProcessors: [new SimpleSpanProcessor(exporter)],
})
const tracer = tracerProvider.getTracer('test')
const manager = new AsyncLocalStorageContextManager()

let tracing: Instrumentation | undefined

beforeAll(() => {
  context.setGlobalContextManager(manager.enable())
})
afterAll(() => {
  context.disable()
  propagation.disable()
})
beforeEach(() => exporter.reset())
afterEach(() => tracing?.stop())

const FAMILIES = {
  users: { key: 'utf8', value: 'utf8' },
  people: { key: 'utf8', value: json<{ name: string }>() },
  visits: { key: 'utf8', value: counter() },
  sessions: { key: 'utf8', value: 'utf8', expires: { afterMs: 60_000 } },
} as const
const openWithFamilies = () => openFresh({ columnFamilies: FAMILIES })

const spans = (): ReadableSpan[] => exporter.getFinishedSpans()
const named = (name: string): ReadableSpan => {
  const found = spans().filter((span) => span.name === name)
  expect(found).toHaveLength(1)
  return found[0] as ReadableSpan
}
const parentOf = (span: ReadableSpan) => span.parentSpanContext?.spanId

it('puts the operations of a request under its span', async () => {
  const db = await openWithFamilies()
  const users = db.columnFamily('users')
  await users.put('ada', 'lovelace')
  tracing = instrument(db, { tracerProvider })
  const server = createServer((request, response) => {
    void tracer.startActiveSpan(`GET ${request.url}`, async (span) => {
      const name = await users.get('ada')
      await db.transaction(async (tx) => {
        await tx.get(users, 'ada')
        tracer.startSpan('mine').end()
        tx.put(users, 'bob', 'marley')
      })
      for await (const row of users.entries()) void row
      span.end()
      response.end(name)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const ask = (at: string) =>
    new Promise<string>((resolve) => {
      httpGet({ port, host: '127.0.0.1', path: at, agent: false }, (answer) => {
        answer.setEncoding('utf8').on('data', resolve)
      })
    })
  expect(await Promise.all([ask('/a'), ask('/b')])).toEqual(['lovelace', 'lovelace'])
  await new Promise((resolve) => server.close(resolve))

  for (const at of ['/a', '/b']) {
    const request = named(`GET ${at}`)
    const mine = spans().filter(
      (span) => span.spanContext().traceId === request.spanContext().traceId,
    )
    const below = (parent: ReadableSpan) =>
      mine.filter((span) => parentOf(span) === parent.spanContext().spanId).map(({ name }) => name)
    expect(below(request).sort()).toEqual(['get users', 'scan users', 'transaction'])
    const [transaction] = mine.filter(({ name }) => name === 'transaction') as [ReadableSpan]
    expect(below(transaction).sort()).toEqual(['commit', 'get users', 'mine'])
    expect(mine).toHaveLength(7)
  }
})

it('names what it says by the conventions', async () => {
  const db = await openWithFamilies()
  const users = db.columnFamily('users')
  tracing = instrument(db, { tracerProvider })
  await users.put('ada', 'lovelace')
  await users.getMany(['ada', 'bob'])
  await db.batch().put(users, 'a', '1').write()
  await db.batch().put(users, 'a', '1').put(users, 'b', '2').write({ sync: true })
  const [put, many, one, two] = spans() as [ReadableSpan, ReadableSpan, ReadableSpan, ReadableSpan]
  const base = { 'db.system.name': 'rocksdb', 'db.namespace': db.path }
  expect([put.name, many.name, one.name]).toEqual(['put users', 'getMany users', 'batch'])
  expect(put.kind).toBe(SpanKind.INTERNAL)
  expect(put.instrumentationScope.name).toBe('rocksdb-live')
  expect(put.attributes).toMatchObject({
    ...base,
    'db.collection.name': 'users',
    'db.operation.name': 'put',
    'rocksdb.bytes': 11,
  })
  expect(many.attributes).toMatchObject({
    'db.operation.batch.size': 2,
    'db.response.returned_rows': 1,
    'rocksdb.cache_hit': true,
  })
  expect(one.attributes).not.toHaveProperty(['db.operation.batch.size'])
  expect(one.attributes).not.toHaveProperty(['db.collection.name'])
  expect(two.attributes).toMatchObject({ 'db.operation.batch.size': 2 })
  expect(two.attributes['rocksdb.queue_ms']).toBeGreaterThanOrEqual(0)
  expect(two.attributes['rocksdb.wal_ms']).toBeGreaterThan(0)
  for (const span of spans()) expect(span.duration[0] * 1e9 + span.duration[1]).toBeGreaterThan(0)
})

it('says of an error what code it has, and no more', async () => {
  const db = await openWithFamilies()
  const users = db.columnFamily('users')
  tracing = instrument(db, { tracerProvider, spanKind: 'client', namespace: 'shop' })
  await users.get('a', { signal: AbortSignal.abort() }).catch(() => {})
  const thrown = Object.assign(new Error('secret'), { code: 'a secret code' })
  await db.transaction(() => Promise.reject(thrown)).catch(() => {})
  const [get, transaction] = spans() as [ReadableSpan, ReadableSpan]
  expect(get.attributes).toMatchObject({ 'error.type': 'ERR_ABORTED', 'db.namespace': 'shop' })
  expect(get.kind).toBe(SpanKind.CLIENT)
  expect(get.status).toEqual({ code: SpanStatusCode.ERROR })
  expect(transaction.attributes).toMatchObject({ 'error.type': 'Error' })
  expect(JSON.stringify(transaction.attributes)).not.toContain('secret')
})

it('never has a key or a value', async () => {
  const secret = 'S3CRET'
  tracing = instrument(undefined, { tracerProvider })
  const db = await Database.open(path('db'), { columnFamilies: FAMILIES })
  const users = db.columnFamily('users')
  const people = db.columnFamily('people')
  const visits = db.columnFamily('visits')
  const sessions = db.columnFamily('sessions')
  const given = { gte: secret, lt: `${secret}z` }
  await users.put(secret, secret)
  users.putSync(`${secret}2`, secret)
  await people.put(secret, { name: secret })
  await visits.increment(secret)
  await sessions.put(secret, secret)
  await sessions.touch(secret)
  await sessions.expiresAt(secret)
  await users.get(secret)
  users.getSync(secret)
  await users.getMany([secret, secret])
  await users.has(secret)
  await users.getInto(secret, Buffer.alloc(100))
  await users.first(given)
  await users.last(given)
  await users.count(given)
  for await (const row of users.entries(given)) void row
  for (const row of users.keysSync(given)) void row
  for await (const page of users.pages(given)) void page
  const cursor = users.cursor(given)
  cursor.seek(secret)
  cursor.next(1)
  cursor.close()
  await db.write([{ type: 'put', columnFamily: users, key: secret, value: secret }])
  const checks = [{ columnFamily: users, key: secret, equals: secret }]
  await db.compareAndWrite({ checks, operations: [] })
  await db.transaction(async (tx) => {
    await tx.get(users, secret, { forUpdate: true })
    tx.put(users, secret, secret)
  })
  await users.deleteRange(secret, `${secret}a`)
  await users.clear(given)
  await db.flush()
  await db.compactRange(users, given)
  await db.checkpoint(path('copy'))
  await backup(db, directory(path('backups')))
  // Those that fail, whose messages quote what they were given.
  const wrong = { [secret]: secret } as never
  await users.put(wrong, secret).catch(() => {})
  await users.put(secret, wrong).catch(() => {})
  await users.get(secret, { [secret]: secret } as never).catch(() => {})
  await users.deleteRange(`${secret}b`, secret).catch(() => {})
  await db.compareAndWrite({ checks: [wrong], operations: [] }).catch(() => {})
  await db.transaction(() => Promise.reject(new Error(secret))).catch(() => {})
  await db.transaction(() => Promise.reject({ code: `${secret} `, name: '' })).catch(() => {})
  await people.merge(secret, { name: secret }).catch(() => {})
  await db.close()
  await users.get(secret).catch(() => {})

  const names = new Set(spans().map(({ attributes }) => attributes['db.operation.name']))
  expect(names.size).toBeGreaterThan(22)
  expect(spans().filter(({ attributes }) => 'error.type' in attributes).length).toBeGreaterThan(6)
  const told = spans().map(({ name, attributes, events, status, links }) =>
    JSON.stringify({ name, attributes, events, status, links }),
  )
  expect(told.filter((text) => text.includes(secret))).toEqual([])
})

it('records how long operations took, in seconds', async () => {
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({
    exporter: metricExporter,
    exportIntervalMillis: 1 << 30,
  })
  const meterProvider = new MeterProvider({ readers: [reader] })
  const db = await openWithFamilies()
  const users = db.columnFamily('users')
  tracing = instrument(db, { tracerProvider, meterProvider, minDurationMs: 60_000 })
  for (let i = 0; i < 10; i++) await users.get('a')
  await users.get('a', { signal: AbortSignal.abort() }).catch(() => {})
  await db.transaction(() => {})
  expect(spans().map(({ name }) => name)).toEqual(['transaction'])
  await reader.forceFlush()
  const [metric] = metricExporter.getMetrics()[0]?.scopeMetrics[0]?.metrics ?? []
  expect(metric?.descriptor).toMatchObject({ name: 'db.client.operation.duration', unit: 's' })
  const points = (metric?.dataPoints ?? []) as {
    attributes: Record<string, unknown>
    value: { count: number; sum: number; buckets: { boundaries: number[] } }
  }[]
  const gets = points.filter(({ attributes }) => attributes['db.operation.name'] === 'get')
  expect(gets.map(({ value }) => value.count).sort()).toEqual([1, 10])
  expect(gets.map(({ attributes }) => attributes['error.type'])).toContain('ERR_ABORTED')
  const conventional = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]
  expect(gets[0]?.value.buckets.boundaries).toEqual(expect.arrayContaining(conventional))
  await meterProvider.shutdown()
})

it('is of one database, until it is stopped', async () => {
  const [db, other] = [await openWithFamilies(), await openWithFamilies()]
  using all = instrument(db, { tracerProvider })
  await other.columnFamily('users').get('a')
  expect(spans()).toEqual([])
  await db.columnFamily('users').get('a')
  expect(spans()).toHaveLength(1)
  let inside = 0
  await db.transaction(() => {
    all.stop()
    inside = spans().length
  })
  await db.columnFamily('users').get('a')
  expect(inside).toBe(2)
  expect(spans().map(({ name }) => name)).toEqual(['get users', 'transaction'])
  all.stop()
})

it('takes the providers of the process where it is given none', async () => {
  trace.setGlobalTracerProvider(tracerProvider)
  try {
    const db = await openWithFamilies()
    tracing = instrument()
    await db.columnFamily('users').get('a')
    expect(spans().map(({ name }) => name)).toEqual(['get users'])
  } finally {
    trace.disable()
  }
})

it('refuses options that it cannot use', () => {
  expect(() => instrument({} as never)).toThrow(TypeError)
  expect(() => instrument(undefined, { minDurationMs: -1 })).toThrow(RangeError)
  expect(() => instrument(undefined, { minDurationMs: '1' as never })).toThrow(TypeError)
  expect(() => instrument(undefined, { spanKind: 'server' as never })).toThrow(TypeError)
  expect(() => instrument(undefined, { tracerProvider: {} as never })).toThrow(TypeError)
  expect(() => instrument(undefined, { namespace: 1 as never })).toThrow(TypeError)
  expect(() => instrument(undefined, { tracer: 1 } as never)).toThrow(TypeError)
})
