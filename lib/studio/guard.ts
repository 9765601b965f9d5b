/** Who may ask: whoever has the token, from a page of this server alone. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'] as const

/** Why a request is refused. */
export interface Refusal {
  status: 401 | 403 | 421
  message: string
}

/** The name in a Host header, without its port, in lower case; undefined where it is no such header. */
function nameOf(host: string): string | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/.exec(host.toLowerCase())
  return match?.[1]
}

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Checks requests. */
export class Guard {
  readonly #token: Buffer
  readonly #hosts: ReadonlySet<string>

  constructor(token: string, hosts: readonly string[]) {
    this.#token = digest(token)
    this.#hosts = new Set([...LOOPBACK, ...hosts.map((name) => bracketed(name.toLowerCase()))])
  }

  /** Of every request: that it names this server, and that no other site's page has sent it. */
  site({ headers }: IncomingMessage): Refusal | undefined {
    const { host = '', origin } = headers
    const name = nameOf(host)
    if (name === undefined || !this.#hosts.has(name)) {
      // Another name for this address is how a foreign page would reach it (DNS rebinding).
      const message = `this server does not answer to the name ${JSON.stringify(host.slice(0, 100))}`
      return { status: 421, message }
    }
    const site = headers['sec-fetch-site']
    const foreign = site !== undefined && site !== 'same-origin' && site !== 'none'
    if (foreign && headers['sec-fetch-mode'] !== 'navigate') {
      return { status: 403, message: 'a page of another site may not ask' }
    }
    if (origin !== undefined && !isOwn(origin, host)) {
      return { status: 403, message: 'a page of another origin may not ask' }
    }
    return undefined
  }

  /** Of requests for data: that they have the token. */
  token({ headers }: IncomingMessage): Refusal | undefined {
    const given = headers['x-studio-token']
    const text = typeof given === 'string' ? given : ''
    if (timingSafeEqual(digest(text), this.#token)) return undefined
    const message = 'the token is missing or wrong: open the address that was printed'
    return { status: 401, message }
  }
}

function isOwn(origin: string, host: string): boolean {
  try {
    const { protocol, host: own } = new URL(origin)
    const [wanted] = [new URL(`${protocol}//${host}`).host]
    return /^https?:$/.test(protocol) && own === wanted
  } catch {
    return false
  }
}

/** An IPv6 address as Host headers have it. */
export function bracketed(name: string): string {
  return isIP(name) === 6 ? `[${name}]` : name
}

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
