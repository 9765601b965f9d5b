/** A proxy before an S3 server that does to requests what networks and services do. */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
  request as send,
} from 'node:http'
import { type AddressInfo, connect } from 'node:net'

/** What may happen to a request. "Done" ones are carried out by the server. */
export type Fault =
  /** 503 SlowDown; nothing is done. */
  | 'slowDown'
  /** 500; it is done. */
  | 'doneAnd500'
  /** The connection closes instead of the answer; it is done. */
  | 'answerLost'
  /** No answer, ever; it is done. */
  | 'silent'
  /** The server gets half of the body, then the connections close. */
  | 'uploadCut'
  /** The client gets half of the answer's body, then the connection closes. */
  | 'downloadCut'
  /** The client gets half of the answer's body, then nothing. */
  | 'downloadStalls'
  /** It is done twice; the answer is the second one's. */
  | 'twice'
  /** The connection closes at once; it is done a while later. */
  | 'late'
  /** 412, though nothing was looked at. */
  | 'precondition'
  /** 409 ConditionalRequestConflict. */
  | 'conflict'

/** What a fault is chosen by. */
export interface Seen {
  method: string
  path: string
  headers: IncomingHttpHeaders
  size: number
}

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

/** A proxy. `counts` has its requests by kind, `faults` what happened to them. */
export class FaultProxy {
  /** What happens to a request; undefined is nothing. */
  choose: (seen: Seen) => Fault | undefined | Promise<Fault | undefined> = () => undefined
  readonly counts = new Map<string, number>()
  readonly faults = new Map<Fault, number>()
  readonly #server = createServer((request, response) => void this.#serve(request, response))
  readonly #socket: string
  readonly #later = new Set<Promise<unknown>>()

  constructor(socket: string) {
    this.#socket = socket
  }

  /** Listens on loopback; returns the address. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    await this.settled()
  }

  /** Waits for all that is carried out late. */
  async settled(): Promise<void> {
    while (this.#later.size > 0) await Promise.all(this.#later)
  }

  /** How many requests of this kind there were since the last `reset`. */
  get requests(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0)
  }

  reset(): void {
    this.counts.clear()
    this.faults.clear()
    this.choose = () => undefined
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { method = 'GET', url = '/', headers } = request
      const body = Buffer.concat(await request.toArray())
      const seen = { method, path: url, headers, size: body.length }
      add(this.counts, kindOf(seen))
      const fault = await this.choose(seen)
      if (fault !== undefined) add(this.faults, fault)
      await this.#answer(fault, seen, body, response)
    } catch {
      response.destroy()
    }
  }

  async #answer(
    fault: Fault | undefined,
    seen: Seen,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    switch (fault) {
      case 'slowDown':
        return refuse(response, 503, 'SlowDown')
      case 'precondition':
        return refuse(response, 412, 'PreconditionFailed')
      case 'conflict':
        return refuse(response, 409, 'ConditionalRequestConflict')
      case 'late':
        return this.#doLater(seen, body, response)
      case 'uploadCut':
        await this.#sendHalf(seen, body)
        response.destroy()
        return
    }
    if (fault === 'twice') await this.#forward(seen, body)
    const answer = await this.#forward(seen, body)
    if (fault === 'silent') return
    if (fault === 'doneAnd500') return refuse(response, 500, 'InternalError')
    if (fault === 'answerLost') {
      response.destroy()
      return
    }
    response.writeHead(answer.status, answer.headers)
    const half = answer.body.subarray(0, answer.body.length / 2)
    if (fault === 'downloadStalls') response.write(half)
    else if (fault === 'downloadCut') response.write(half, () => response.destroy())
    else response.end(answer.body)
  }

  #doLater(seen: Seen, body: Buffer, response: ServerResponse): void {
    response.destroy()
    const later = new Promise((resolve) => setTimeout(resolve, 50 + 250 * Math.random()))
      .then(() => this.#forward(seen, body))
      .catch(() => {})
      .finally(() => this.#later.delete(later))
    this.#later.add(later)
  }

  #forward({ method, path, headers }: Seen, body: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { expect: _, ...rest } = headers
      const request = send({ socketPath: this.#socket, method, path, headers: rest }, (answer) => {
        answer
          .toArray()
          .then((parts) => {
            const { statusCode: status = 0 } = answer
            resolve({ status, headers: answer.headers, body: Buffer.concat(parts) })
          })
          .catch(reject)
      })
      request.on('error', reject)
      request.end(body)
    })
  }

  /** As a connection that breaks does it: the head says how much would come. */
  #sendHalf({ method, path, headers }: Seen, body: Buffer): Promise<void> {
    return new Promise((resolve) => {
      const { expect: _, ...rest } = headers
      const lines = Object.entries(rest).map(([name, value]) => `${name}: ${value}\r\n`)
      const socket = connect(this.#socket, () => {
        socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
        socket.write(body.subarray(0, body.length / 2), () => socket.destroy())
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve())
    })
  }
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' })
  response.end(
    `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>injected</Message></Error>`,
  )
}

function add<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/** The operation of a request. */
export function kindOf({ method, path }: Seen): string {
  const query = path.split('?')[1] ?? ''
  const is = (name: string) => new RegExp(`(^|&)${name}(=|&|$)`).test(query)
  if (method === 'GET' && is('list-type')) return 'list'
  if (is('partNumber')) return 'part'
  if (is('uploads')) return method === 'POST' ? 'begin' : 'listUploads'
  if (is('uploadId')) return method === 'POST' ? 'complete' : 'abort'
  return method.toLowerCase()
}
