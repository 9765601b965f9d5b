/** The HTTP server of metrics: its answers, their timing, and its handling of errors. */
import { once } from 'node:events'
import { Agent, type IncomingHttpHeaders, type RequestOptions, request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { Gauge, Registry, register as standard } from 'prom-client'
import {
  collectMetrics,
  type MetricsServer,
  type ServeMetricsOptions,
  serveMetrics,
} from 'rocksdb-live/metrics'
import { openFresh, useTempDirectory } from '../support/database'
import { expectRejection } from '../support/expectations'

useTempDirectory()

let servers: MetricsServer[] = []
afterEach(async () => {
  const all = servers
  servers = []
  await Promise.all(all.map((server) => server.close()))
})

/** A server on a free port, for a registry with one gauge; closed after the test. */
async function serve(options: ServeMetricsOptions = {}): Promise<MetricsServer> {
  const server = await serveMetrics({ port: 0, register: filled(), ...options })
  servers.push(server)
  return server
}

function filled(): Registry {
  const register = new Registry()
  new Gauge({ name: 'answer', help: 'The answer.', registers: [register] }).set(42)
  return register
}

interface Answer {
  status: number | undefined
  headers: IncomingHttpHeaders
  body: string
}

function ask(server: MetricsServer, path: string, options: RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(`${server.url}${path}`, options, async (response) => {
      let body = ''
      for await (const chunk of response.setEncoding('utf8')) body += chunk
      resolve({ status: response.statusCode, headers: response.headers, body })
    })
    asked.on('error', reject).end()
  })
}

describe('/metrics', () => {
  it('is the registry as text, with its content type', async () => {
    const register = filled()
    const server = await serve({ register })
    const { status, headers, body } = await ask(server, '/metrics')
    expect([status, headers['content-type']]).toEqual([200, register.contentType])
    expect(body).toBe(await register.metrics())
    expect(body).toMatch(/^answer 42$/m)
    register.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never)
    const open = await ask(server, '/metrics?collect=all')
    expect(open.headers['content-type']).toBe(Registry.OPENMETRICS_CONTENT_TYPE)
    expect(open.body).toMatch(/# EOF\n$/)
  })

  it("is prom-client's own registry where none is given", async () => {
    const gauge = new Gauge({ name: 'of_the_default_registry', help: 'Here.' })
    try {
      gauge.set(1)
      const { body } = await ask(await serve({ register: undefined }), '/metrics')
      expect(body).toMatch(/^of_the_default_registry 1$/m)
    } finally {
      standard.removeSingleMetric('of_the_default_registry')
    }
  })

  it('has headers alone for HEAD', async () => {
    const server = await serve()
    const { headers } = await ask(server, '/metrics')
    const head = await ask(server, '/metrics', { method: 'HEAD' })
    expect([head.status, head.body]).toEqual([200, ''])
    expect(head.headers['content-length']).toBe(headers['content-length'])
  })

  it.each([
    ['/', 'GET', 404],
    ['/metrics/', 'GET', 404],
    ['//', 'GET', 404],
    ['/%zz', 'POST', 404],
    ['/metrics', 'POST', 405],
    ['/health', 'DELETE', 405],
  ])('%s, asked by %s, is %d', async (path, method, expected) => {
    const { status, headers } = await ask(await serve(), path, { method })
    expect(status).toBe(expected)
    expect(headers['allow']).toBe(expected === 405 ? 'GET, HEAD' : undefined)
  })

  it('is 500 with the reason where the registry fails, and goes on', async () => {
    let fails = true
    const register = filled()
    const collect = () => {
      if (fails) throw new Error('no such luck')
    }
    new Gauge({ name: 'lucky', help: 'Sometimes.', registers: [register], collect })
    const server = await serve({ register })
    const failed = await ask(server, '/metrics')
    expect([failed.status, failed.body]).toEqual([500, 'metrics failed: no such luck\n'])
    fails = false
    expect((await ask(server, '/metrics')).status).toBe(200)
  })

  it('is 500 where a registry gives no text, and ends where its type is no header', async () => {
    const none = await serve({
      register: { contentType: 'text/plain', metrics: async () => undefined as unknown as string },
    })
    expect((await ask(none, '/metrics')).status).toBe(500)
    const bad = await serve({ register: { contentType: 'a\nb', metrics: async () => '' } })
    await expect(ask(bad, '/metrics')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect((await ask(bad, '/health')).status).toBe(200)
  })

  it('is 503 at the deadline where a scrape hangs, and the next one is a new one', async () => {
    const never = new Promise<string>(() => {})
    let scrapes = 0
    const metrics = () => (scrapes++ === 0 ? never : Promise.resolve('fine 1\n'))
    const server = await serve({ register: { contentType: 'text/plain', metrics }, deadlineMs: 20 })
    const late = await Promise.all([ask(server, '/metrics'), ask(server, '/metrics')])
    for (const { status, body } of late) {
      expect([status, body]).toEqual([503, expect.stringContaining('not ready after 20 ms')])
    }
    expect(scrapes).toBe(1)
    expect(await ask(server, '/metrics')).toMatchObject({ status: 200, body: 'fine 1\n' })
  })
})

it('answers every scrape while a database closes, and has none of its series then', async () => {
  const register = filled()
  const db = await openFresh()
  collectMetrics(db, { register, maxAgeMs: 0 })
  const server = await serve({ register })
  expect((await ask(server, '/metrics')).body).toMatch(/^node_db_size_bytes\{/m)
  const scrapes = Array.from({ length: 20 }, () => ask(server, '/metrics'))
  const closed = db.close()
  const more = Array.from({ length: 20 }, () => ask(server, '/metrics'))
  const health = Array.from({ length: 5 }, () => ask(server, '/health'))
  await closed
  for (const { status, body } of await Promise.all([...scrapes, ...more])) {
    expect([status, body]).toEqual([200, expect.stringContaining('answer 42')])
  }
  for (const { status } of await Promise.all(health)) expect(status).toBe(200)
  const { body } = await ask(server, '/metrics')
  expect(body).not.toMatch(/^node_db_/m)
  expect((await ask(server, '/health')).body).toBe('{"status":"ok","databases":[]}\n')
})

describe('/health', () => {
  it('tells of each database', async () => {
    const one = await openFresh()
    const other = await openFresh()
    const server = await serve({ databases: [one, other] })
    const { status, headers, body } = await ask(server, '/health')
    expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8'])
    const well = { health: 'ok', cause: null, writesStopped: false }
    expect(JSON.parse(body)).toEqual({
      status: 'ok',
      databases: [
        { path: one.path, ...well },
        { path: other.path, ...well },
      ],
    })
    await other.close()
    const after = await ask(server, '/health')
    expect(after.status).toBe(503)
    expect(JSON.parse(after.body)).toEqual({
      status: 'unhealthy',
      databases: [
        { path: one.path, ...well },
        { path: other.path, ...well, health: 'closed' },
      ],
    })
  })

  it('is 503 while writes are stopped, and 200 again', async () => {
    // Level 0 stops writes at two files, and nothing compacts them.
    const columnFamily = {
      compaction_style: 'kCompactionStyleNone',
      level0_file_num_compaction_trigger: 2,
      level0_slowdown_writes_trigger: 2,
      level0_stop_writes_trigger: 2,
    }
    const db = await openFresh({ columnFamilies: { full: { rocksdb: { columnFamily } } } })
    const server = await serve({ databases: [db] })
    for (const key of ['a', 'b']) {
      await db.columnFamily('full').put(key, 'value')
      await db.flush('full')
    }
    const { status, body } = await ask(server, '/health')
    expect(status).toBe(503)
    expect(JSON.parse(body).databases[0]).toMatchObject({ health: 'ok', writesStopped: true })
    await db.dropColumnFamily('full')
    expect((await ask(server, '/health')).status).toBe(200)
  })

  it('is 200 where there is no database', async () => {
    const { status, body } = await ask(await serve(), '/health')
    expect([status, JSON.parse(body)]).toEqual([200, { status: 'ok', databases: [] }])
  })
})

describe('where it listens', () => {
  it('says the host and the port where the port is in use', async () => {
    const { port } = await serve()
    const failure = serveMetrics({ port, register: filled() })
    await expect(failure).rejects.toMatchObject({
      name: 'MetricsServerError',
      code: 'EADDRINUSE',
      host: '127.0.0.1',
      port,
      message: expect.stringContaining(`127.0.0.1 port ${port}: the port is in use`),
    })
    await expect(failure).rejects.toBeInstanceOf(Error)
  })

  it.each([
    ['203.0.113.1', 'EADDRNOTAVAIL', 'this machine does not have that address'],
    ['no such host', 'ENOTFOUND', 'there is no host of that name'],
  ])('fails for %s', async (host, code, said) => {
    const failure = serveMetrics({ host, port: 0, register: filled() })
    await expect(failure).rejects.toMatchObject({ code, host, port: 0 })
    await expect(failure).rejects.toThrow(said)
  })

  it('is on loopback, at the port that it says', async () => {
    const server = await serve()
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`)
    expect(server.port).toBeGreaterThan(0)
  })
})

describe('closing', () => {
  it('ends idle connections, and can be said twice', async () => {
    const server = await serve()
    const agent = new Agent({ keepAlive: true })
    await ask(server, '/metrics', { agent })
    await Promise.all([server.close(), server.close(), server[Symbol.asyncDispose]()])
    await expect(ask(server, '/metrics')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    agent.destroy()
    const again = await serve({ port: server.port })
    expect(again.port).toBe(server.port)
  })

  it('answers a scrape in flight with 503', async () => {
    let begun = () => {}
    const running = new Promise<void>((resolve) => {
      begun = resolve
    })
    const metrics = () => {
      begun()
      return new Promise<string>(() => {})
    }
    const server = await serve({ register: { contentType: 'text/plain', metrics } })
    const answer = ask(server, '/metrics', { agent: new Agent({ keepAlive: true }) })
    await running
    await server.close()
    expect(await answer).toMatchObject({ status: 503, body: expect.stringContaining('closing') })
  })

  it('does not wait for a client that says nothing', async () => {
    const server = await serve()
    const { connect } = await import('node:net')
    const socket = connect(server.port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write('GET /metrics HTTP/1.1\r\nhost: x\r\n')
    const ended = once(socket, 'close')
    socket.on('error', () => {})
    socket.resume()
    await server.close()
    await ended
  })
})

describe('wrong options', () => {
  it.each<[ServeMetricsOptions, string]>([
    [{ port: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ port: 65_536 }, 'ERR_OUT_OF_RANGE'],
    [{ port: 1.5 }, 'ERR_OUT_OF_RANGE'],
    [{ port: '9090' as never }, 'ERR_INVALID_ARG_TYPE'],
    [{ host: 1 as never }, 'ERR_INVALID_ARG_TYPE'],
    [{ host: '' }, 'ERR_INVALID_ARG_VALUE'],
    [{ deadlineMs: 0 }, 'ERR_OUT_OF_RANGE'],
    [{ unref: 1 as never }, 'ERR_INVALID_ARG_TYPE'],
    [{ register: {} as never }, 'ERR_INVALID_ARG_TYPE'],
    [{ register: null as never }, 'ERR_INVALID_ARG_TYPE'],
    [{ databases: {} as never }, 'ERR_INVALID_ARG_TYPE'],
    [{ databases: [{}] as never }, 'ERR_INVALID_ARG_TYPE'],
    [{ prot: 9090 } as never, 'ERR_INVALID_ARG_VALUE'],
    [null as never, 'ERR_INVALID_ARG_TYPE'],
  ])('%j', async (options, code) => {
    await expectRejection(serveMetrics(options), code)
  })
})

it('finds a port in use by something else as well', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  try {
    await expect(serveMetrics({ port, register: filled() })).rejects.toThrow(`port ${port}`)
  } finally {
    other.close()
  }
})
