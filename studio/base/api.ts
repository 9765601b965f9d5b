/** Requests to the server behind the page. The token comes with the address, and stays in this tab. */
import type { Failure } from '../../lib/studio/protocol'

/** A request that failed; `code` as the server says it, or `ERR_UNREACHABLE`. */
export class RequestError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

const PLACE = `rocksdb-live-studio:${location.pathname}`

/** Takes the token out of the address, so that nobody copies it with the address by mistake. */
export function takeToken(): void {
  const given = /^#token=([\w.~-]+)$/.exec(location.hash)?.[1]
  if (given === undefined) return
  setToken(given)
  history.replaceState(null, '', `${location.pathname}${location.search}#/health`)
}

export function setToken(token: string): void {
  sessionStorage.setItem(PLACE, token)
}

function headers(): Record<string, string> {
  return { 'x-studio-token': sessionStorage.getItem(PLACE) ?? '' }
}

async function failureOf(response: Response): Promise<RequestError> {
  const failure = (await response.json().catch(() => undefined)) as Failure | undefined
  return new RequestError(
    failure?.code ?? `HTTP ${response.status}`,
    failure?.message ?? `the server answered ${response.status}`,
  )
}

const unreachable = () =>
  new RequestError('ERR_UNREACHABLE', 'the studio does not answer: was it ended?')

/** Asks for something by its name. */
export async function ask<T>(name: string, body: unknown = {}, signal?: AbortSignal): Promise<T> {
  const response = await fetch(`api/${name}`, {
    method: 'POST',
    headers: { ...headers(), 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    throw signal?.aborted ? error : unreachable()
  })
  if (!response.ok) throw await failureOf(response)
  return (await response.json()) as T
}

let reading: ReadableStreamDefaultReader<Uint8Array> | undefined

/** Calls back with every event of the live stream, until it ends or `signal` ends it. */
export async function stream(
  take: (event: string, data: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch('api/live', { headers: headers(), signal }).catch(() => {
    throw unreachable()
  })
  if (!response.ok) throw await failureOf(response)
  const decoder = new TextDecoder()
  // Held by the page itself: a stream that only its own steps refer to may be collected, and ends in silence.
  reading = response.body?.getReader()
  let text = ''
  for (;;) {
    const next = await reading?.read().catch(() => undefined)
    if (next === undefined || next.done) return
    const parts = (text + decoder.decode(next.value, { stream: true })).split('\n\n')
    text = parts.pop() ?? ''
    for (const part of parts) {
      const [, event = '', data = 'null'] = /^event: (.*)\ndata: (.*)$/.exec(part) ?? []
      take(event, JSON.parse(data))
    }
  }
}
