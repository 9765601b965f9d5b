/** Requests and answers, with bounds for both: bytes, time, and clients that stop reading. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Failure } from './protocol'

/** Bytes of a request's body, at most. */
export const MOST_BODY_BYTES = 20 << 20
/** For a body to arrive, and for an answer to be taken. */
const SLOW_MS = 30_000

/** A request that is answered with a status other than 200. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

/** Sets what every answer has. */
export function setHeaders(response: ServerResponse): void {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value)
}

/** Ends the connection of a client that has not taken its answer in time. */
export function boundTime(response: ServerResponse, limitMs = SLOW_MS): void {
  const timer = setTimeout(() => response.destroy(), limitMs)
  timer.unref()
  response.once('close', () => clearTimeout(timer))
}

/** The JSON of a request's body. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim()
  if (type !== 'application/json') {
    throw new Refused(415, 'ERR_UNSUPPORTED', 'requests are application/json')
  }
  // A body parser of the service was before us.
  const parsed = (request as { body?: unknown }).body
  if (parsed !== undefined) return parsed
  const text = await textOf(request)
  try {
    return JSON.parse(text)
  } catch {
    throw new Refused(400, 'ERR_INVALID_ARGUMENT', 'the body is not JSON')
  }
}

const tooLong = () =>
  new Refused(413, 'ERR_OUT_OF_RANGE', `a body has ${MOST_BODY_BYTES} bytes at most`)

async function textOf(request: IncomingMessage): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > MOST_BODY_BYTES) throw tooLong()
  const pieces: Buffer[] = []
  let length = 0
  const timer = setTimeout(() => request.destroy(), SLOW_MS)
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      length += piece.length
      if (length > MOST_BODY_BYTES) throw tooLong()
      pieces.push(piece)
    }
  } finally {
    clearTimeout(timer)
  }
  return Buffer.concat(pieces).toString('utf8')
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
  response.statusCode = status
  response.setHeader('content-type', 'application/json; charset=utf-8')
  response.setHeader('content-length', Buffer.byteLength(text))
  boundTime(response)
  response.end(text)
}

/** Answers with a failure. */
export function sendFailure(response: ServerResponse, status: number, failure: Failure): void {
  // What is left of a body is not waited for.
  if (status === 413) response.setHeader('connection', 'close')
  sendJson(response, status, failure)
}
