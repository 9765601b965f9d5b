/** Answers requests of browsers: the page itself to everyone here, data to who has the token. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { answer, failureOf, isRequest } from './api'
import { isAsset, sendAsset } from './assets'
import { Refused, readBody, sendFailure, sendJson, setHeaders } from './exchange'
import { Guard, type Refusal } from './guard'
import { Lane } from './lane'
import type { StudioRequest } from './options'
import { opened, type Subject } from './subject'

/** Answers requests of `node:http`, and of frameworks that take such functions (Express, Connect). */
export interface StudioHandler {
  (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void): void
  /** What a browser must have. The page's address ends with `#token=` and it. */
  readonly token: string
  /** Ends what browsers still receive. The database stays open; closing it does the same. */
  close(): void
}

/** After which a request is given up. */
const DEADLINE_MS = 20_000
/** Requests that are worked on at a time, and those that may wait. */
const [MOST_RUNNING, MOST_WAITING] = [4, 64]

/** @internal A handler for a subject. */
export function handlerOf(subject: Subject, request: StudioRequest): StudioHandler {
  const studio = new Studio(subject, request)
  const handler = (
    incoming: IncomingMessage,
    response: ServerResponse,
    next?: (error?: unknown) => void,
  ) => {
    studio.handle(incoming, response, next).catch((error) => {
      const { status, failure } = failureOf(error)
      if (response.headersSent || response.destroyed) response.destroy()
      else sendFailure(response, status, failure)
    })
  }
  return Object.assign(handler, { token: request.token, close: () => studio.close() })
}

class Studio {
  readonly #subject: Subject
  readonly #guard: Guard
  readonly #basePath: string
  readonly #lane = new Lane(MOST_RUNNING, MOST_WAITING)

  constructor(subject: Subject, { token, hosts, basePath }: StudioRequest) {
    this.#subject = subject
    this.#guard = new Guard(token, hosts)
    this.#basePath = basePath
  }

  close(): void {
    if ('live' in this.#subject) this.#subject.live.close()
  }

  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    next: ((error?: unknown) => void) | undefined,
  ): Promise<void> {
    const name = this.#nameOf(request)
    if (name === undefined && next !== undefined) {
      next()
      return
    }
    setHeaders(response)
    refuse(this.#guard.site(request))
    if (name === undefined) throw new Refused(404, 'ERR_NOT_FOUND', 'there is no such page')
    if (name === '') redirect(request, response)
    else if (isAsset(name)) {
      allow(request, response, ['GET', 'HEAD'])
      sendAsset(name, request, response)
    } else await this.#data(name.slice('api/'.length), request, response)
  }

  /** What is asked for: `''` where only the slash is missing; undefined where it is nothing of ours. */
  #nameOf({ url = '/' }: IncomingMessage): string | undefined {
    const [path = '/'] = url.split(/[?#]/, 1)
    if (this.#basePath !== '' && !path.startsWith(this.#basePath)) return undefined
    const below = path.slice(this.#basePath.length)
    if (below === '') return ''
    if (below === '/') return 'index.html'
    const name = below.slice(1)
    if (!below.startsWith('/')) return undefined
    if (isAsset(name) || name === 'api/live') return name
    return name.startsWith('api/') && isRequest(name.slice(4)) ? name : undefined
  }

  async #data(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    allow(request, response, name === 'live' ? ['GET'] : ['POST'])
    refuse(this.#guard.token(request))
    if (name === 'live') {
      opened(this.#subject).live.attach(response)
      return
    }
    const body = await readBody(request)
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(DEADLINE_MS)])
    const work = async () => answer(name, this.#subject, body, signal)
    const answered = name === 'about' ? work() : this.#lane.run(signal, work)
    sendJson(response, 200, await answered)
  }
}

function refuse(refusal: Refusal | undefined): void {
  if (refusal !== undefined) throw new Refused(refusal.status, 'ERR_REFUSED', refusal.message)
}

function allow(
  { method = '' }: IncomingMessage,
  response: ServerResponse,
  methods: string[],
): void {
  if (methods.includes(method)) return
  response.setHeader('allow', methods.join(', '))
  throw new Refused(405, 'ERR_NOT_SUPPORTED', `only ${methods.join(' and ')}`)
}

/** The page names its files as those beside it, so that its address must end with a slash. */
function redirect(request: IncomingMessage, response: ServerResponse): void {
  const { originalUrl } = request as { originalUrl?: string }
  const [path = ''] = (originalUrl ?? request.url ?? '').split(/[?#]/, 1)
  const last = path.slice(path.lastIndexOf('/') + 1)
  response.statusCode = 307
  response.setHeader('location', `./${encodeURIComponent(decodeURIComponent(last))}/`)
  response.end()
}
