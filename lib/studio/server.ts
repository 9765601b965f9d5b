/** A server of its own for the page. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bracketed, isLoopback } from './guard'
import { handlerOf, type StudioHandler } from './handler'
import type { StudioRequest } from './options'
import type { Subject } from './subject'

/** A running server of the page. */
export interface StudioServer {
  /** The page's address, with the token: whoever has it sees all rows. */
  readonly url: string
  /** The port it listens on. */
  readonly port: number
  /** Stops listening and ends all connections, within a second. Closing again is no error. */
  close(): Promise<void>
  /** `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * A studio that could not listen: its port is in use, or its address is not ours.
 *
 * @example
 * ```ts
 * const studio = await serveStudio(db, { port: 7070 }).catch((error) => {
 *   if (error instanceof StudioServerError && error.code === 'EADDRINUSE') return undefined
 *   throw error
 * })
 * ```
 */
export class StudioServerError extends Error {
  /** The system's code: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, `ENOTFOUND`, … */
  readonly code: string
  /** The address that was asked for. */
  readonly host: string
  /** The port that was asked for. */
  readonly port: number

  constructor(host: string, port: number, cause: NodeJS.ErrnoException) {
    super(`cannot serve the studio on ${host} port ${port}: ${reasonOf(cause)}`, { cause })
    this.name = 'StudioServerError'
    this.code = cause.code ?? 'UNKNOWN'
    this.host = host
    this.port = port
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return 'the port is in use by another server; 0 takes any free one'
  if (code === 'EACCES') return 'this user may not listen on that port'
  if (code === 'EADDRNOTAVAIL') return 'this machine does not have that address'
  if (code === 'ENOTFOUND') return 'there is no host of that name'
  return message
}

/** For requests in flight at `close` to get their answer. */
const CLOSE_MS = 1_000
const MOST_CONNECTIONS = 64

/** @internal Listens for browsers. */
export async function serve(
  subject: Subject,
  request: StudioRequest & { port: number; host: string },
): Promise<StudioServer> {
  const { host, port } = request
  // Others reach it by the address that it listens on.
  const hosts = isLoopback(host) ? request.hosts : [...request.hosts, host]
  const handler = handlerOf(subject, { ...request, hosts })
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, handler)
  server.maxConnections = MOST_CONNECTIONS
  server.listen({ host, port })
  try {
    await once(server, 'listening')
  } catch (error) {
    handler.close()
    throw new StudioServerError(host, port, error as NodeJS.ErrnoException)
  }
  server.on('error', (error) => process.emitWarning(`The studio's server failed: ${error.message}`))
  return running(server, handler, host)
}

function running(server: Server, handler: StudioHandler, host: string): StudioServer {
  const { port } = server.address() as AddressInfo
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= shut(server, handler)
    return closing
  }
  const url = `http://${bracketed(host)}:${port}/#token=${handler.token}`
  return { url, port, close, [Symbol.asyncDispose]: close }
}

async function shut(server: Server, handler: StudioHandler): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  handler.close()
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS)
  await closed
  clearTimeout(timer)
}
