/**
 * Read your own writes: a cookie holds the token of the newest write that a customer has seen. Any node waits until it
 * has applied that, before it answers. Cookies do not tell ports apart, so all nodes of this machine get it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

const NAME = 'shop_seen'

/** The token that a request has; undefined where it has none. */
export function seenBy({ headers }: IncomingMessage): string | undefined {
  const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.trim())
  return (
    cookies.find((cookie) => cookie.startsWith(`${NAME}=`))?.slice(NAME.length + 1) || undefined
  )
}

/** The customer has seen what the token stands for. */
export function remember(response: ServerResponse, token: string): void {
  response.setHeader('set-cookie', `${NAME}=${token}; Path=/; HttpOnly; SameSite=Strict`)
}

/** What the token stood for is lost, or of another log: nobody has it any more. */
export function forget(response: ServerResponse): void {
  response.setHeader('set-cookie', `${NAME}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`)
}
