/** An HTTP server for Prometheus: `/metrics` of a registry, and `/health` of databases. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  invalidValue,
  optionalBoolean,
  optionalInteger,
  optionalString,
  readOptions,
} from '../base/arguments'
import type { Database } from '../database'
import type { Replica } from '../replica/types'
import type { DoctorReport } from '../types/doctor'
import { type DatabaseHealth, healthOf, isWell, readDatabases } from './health'
import { collectedIn, type MetricsRegister, readRegister } from './register'
import { doctorOf } from './reports'
import { Scraper } from './scraper'

/** Options of `serveMetrics`. */
export interface ServeMetricsOptions {
  /** The port. 9090 by default; 0 takes any free one. */
  port?: number | undefined
  /**
   * The address to listen on. `'127.0.0.1'` by default: nothing here asks who is calling, so that
   * other addresses are for networks whose members may all read the metrics.
   */
  host?: string | undefined
  /** What to serve. prom-client's own default registry by default. */
  register?: MetricsRegister | undefined
  /**
   * The databases that `/health` tells of, and replicas, whose databases are replaced at times. By
   * default those whose metrics are collected in the registry at the time of the request.
   */
  // biome-ignore lint/suspicious/noExplicitAny: databases of any families are meant
  databases?: readonly (Database<any> | Replica<any>)[] | undefined
  /**
   * `/health` answers 503 where a replica may be further behind than so many milliseconds, and where
   * that is not known. No limit by default.
   */
  maxStalenessMs?: number | undefined
  /**
   * Also serve `/doctor`: the report of `db.doctor()` of each of these databases, as JSON. It has paths, names of
   * families and lines of LOG, and takes longer than a scrape. False by default.
   */
  doctor?: boolean | undefined
  /** Milliseconds after which a scrape that is not ready is answered with 503. 9000 by default. */
  deadlineMs?: number | undefined
  /** Lets the process end although the server is listening. False by default. */
  unref?: boolean | undefined
}

/** A running server of metrics. */
export interface MetricsServer {
  /** Where it listens, without a path: `http://127.0.0.1:9090`. */
  readonly url: string
  /** The port it listens on. */
  readonly port: number
  /** Stops listening and ends all connections, within a second. Closing again is no error. */
  close(): Promise<void>
  /** `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * A server of metrics that could not listen: its port is in use, or its address is not ours.
 *
 * @example
 * ```ts
 * const server = await serveMetrics({ port: 9090 }).catch((error) => {
 *   if (error instanceof MetricsServerError && error.code === 'EADDRINUSE') return undefined
 *   throw error
 * })
 * ```
 */
export class MetricsServerError extends Error {
  /** The system's code: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, `ENOTFOUND`, … */
  readonly code: string
  /** The address that was asked for. */
  readonly host: string
  /** The port that was asked for. */
  readonly port: number

  constructor(host: string, port: number, cause: NodeJS.ErrnoException) {
    super(`cannot serve metrics on ${host} port ${port}: ${reasonOf(cause)}`, { cause })
    this.name = 'MetricsServerError'
    this.code = cause.code ?? 'UNKNOWN'
    this.host = host
    this.port = port
  }
}

/** Prometheus gives up after 10 s where nothing else is configured (`scrape_timeout`). */
const DEADLINE_MS = 9_000
/** For requests in flight at `close` to get their answer. */
const CLOSE_MS = 1_000
const TEXT = 'text/plain; charset=utf-8'
const JSON_TYPE = 'application/json; charset=utf-8'

interface Answer {
  status: number
  type: string
  body: string
}

/** What the server is made of, once it is checked. */
interface Parts {
  scraper: Scraper
  health: () => DatabaseHealth[]
  maxStalenessMs: number | undefined
  doctor: (() => Promise<DoctorReport[]>) | undefined
}

/**
 * Serves a registry's metrics over HTTP.
 *
 * - `/metrics`: what `register.metrics()` returns, with the registry's content type. 500 where that
 *   fails, 503 where it is not ready after `deadlineMs` or the server is closing.
 * - `/health`: `{ status, databases: [{ path, health, cause, writesStopped }] }`; 200, or 503 where
 *   writes of a database are stopped, it has a background error or is closed. That of a replica has
 *   `replica: { role, epoch, stalenessMs, writer, error }` besides; 503 while it fetches a snapshot, and with
 *   `maxStalenessMs` where it may be further behind.
 * - `/doctor`, with `doctor: true`: `{ databases: [report] }`, the reports of `db.doctor()`.
 *
 * Resolves once the server listens, and rejects with a `MetricsServerError` where it cannot. The
 * server keeps the process alive, as any server does, unless `unref` is said.
 *
 * @example
 * ```ts
 * await using server = await serveMetrics({ port: 9090, host: '127.0.0.1' })
 * console.log(server.url) // http://127.0.0.1:9090
 * ```
 */
export async function serveMetrics(options?: ServeMetricsOptions): Promise<MetricsServer> {
  const known = [
    'port',
    'host',
    'register',
    'databases',
    'maxStalenessMs',
    'deadlineMs',
    'unref',
    'doctor',
  ]
  const given = readOptions('options', options, known)
  const port = optionalInteger('options.port', given['port'], { max: 65_535, default: 9090 })
  const host = readHost(given['host'])
  const deadline = { min: 1, max: 3_600_000, default: DEADLINE_MS }
  const deadlineMs = optionalInteger('options.deadlineMs', given['deadlineMs'], deadline)
  const unref = optionalBoolean('options.unref', given['unref'], false)
  const register = readRegister('options.register', given['register'])
  const databases = readDatabases('options.databases', given['databases'])
  const doctor = optionalBoolean('options.doctor', given['doctor'], false)
  const served = () => [...(databases ?? collectedIn(register))]
  const parts: Parts = {
    scraper: new Scraper(register, deadlineMs),
    health: () => served().map(healthOf),
    doctor: doctor ? doctorOf(served) : undefined,
    maxStalenessMs: readStaleness(given['maxStalenessMs']),
  }
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 })
  server.on('request', (request, response) => {
    respond(request, parts)
      .then((answer) => send(server, request, response, answer))
      .catch(() => response.destroy()) // such as an invalid content type
  })
  server.listen({ host, port })
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new MetricsServerError(host, port, error as NodeJS.ErrnoException)
  }
  // For example too many open files at an accept. Without a listener it would end the process.
  server.on('error', (error) => process.emitWarning(`The metrics server failed: ${error.message}`))
  if (unref) server.unref()
  return runningServer(server, host, parts.scraper)
}

function readStaleness(value: unknown): number | undefined {
  return optionalInteger('options.maxStalenessMs', value, { min: 0, default: undefined })
}

/** Node takes an empty host for every address of the machine. */
function readHost(value: unknown): string {
  const host = optionalString('options.host', value, '127.0.0.1')
  if (host === '') throw invalidValue('options.host', host, 'must be an address or a host name')
  return host
}

function runningServer(server: Server, host: string, scraper: Scraper): MetricsServer {
  const { port } = server.address() as AddressInfo
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= shut(server, scraper)
    return closing
  }
  const name = host.includes(':') ? `[${host}]` : host
  return { url: `http://${name}:${port}`, port, close, [Symbol.asyncDispose]: close }
}

/** Answers what is in flight, and ends what is then still open. */
async function shut(server: Server, scraper: Scraper): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  scraper.close()
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS)
  await closed
  clearTimeout(timer)
}

async function respond({ method, url = '/' }: IncomingMessage, parts: Parts): Promise<Answer> {
  const [path] = url.split('?', 1)
  const isDoctor = path === '/doctor' && parts.doctor !== undefined
  if (path !== '/metrics' && path !== '/health' && !isDoctor) {
    return { status: 404, type: TEXT, body: 'Not found. There are /metrics and /health.\n' }
  }
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, type: TEXT, body: 'Only GET and HEAD.\n' }
  }
  try {
    if (isDoctor) {
      const body = `${JSON.stringify({ databases: await parts.doctor?.() })}\n`
      return { status: 200, type: JSON_TYPE, body }
    }
    return path === '/metrics' ? await parts.scraper.scrape() : healthAnswer(parts)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { status: 500, type: TEXT, body: `${path.slice(1)} failed: ${reason}\n` }
  }
}

function healthAnswer({ health, maxStalenessMs }: Parts): Answer {
  const databases = health()
  const well = databases.every((each) => isWell(each, maxStalenessMs))
  const body = `${JSON.stringify({ status: well ? 'ok' : 'unhealthy', databases })}\n`
  return { status: well ? 200 : 503, type: JSON_TYPE, body }
}

function send(
  server: Server,
  { method }: IncomingMessage,
  response: ServerResponse,
  { status, type, body }: Answer,
): void {
  response.statusCode = status
  response.setHeader('content-type', type)
  response.setHeader('content-length', Buffer.byteLength(body))
  response.setHeader('cache-control', 'no-store')
  if (status === 405) response.setHeader('allow', 'GET, HEAD')
  if (!server.listening) response.setHeader('connection', 'close')
  response.end(method === 'HEAD' ? undefined : body)
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'the port is in use by another server; choose another, or 0 for any free one'
    case 'EACCES':
      return 'this user may not listen on that port; those from 1024 on are for everyone'
    case 'EADDRNOTAVAIL':
      return 'this machine does not have that address'
    case 'ENOTFOUND':
      return 'there is no host of that name'
    default:
      return message
  }
}
