/** Asks a studio as a browser does, or as one that should not be there. */
import { once } from 'node:events'
import { type IncomingMessage, request, type RequestOptions } from 'node:http'
import type { StudioServer } from 'rocksdb-live/studio'
import { eventually } from '../support/tools'

export interface Asked {
  status: number
  headers: IncomingMessage['headers']
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: of any request
  json: any
}

export const tokenOf = ({ url }: StudioServer): string => new URL(url).hash.slice('#token='.length)

/** One request, with whatever headers. */
export async function send(
  { port }: { port: number },
  path: string,
  { body, ...options }: RequestOptions & { body?: string | Buffer } = {},
): Promise<Asked> {
  const sent = request({ host: '127.0.0.1', port, path, agent: false, ...options })
  // An answer may come before all of a long body is sent.
  sent.on('error', () => {})
  sent.end(body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const pieces: Buffer[] = []
  for await (const piece of response) pieces.push(piece)
  const text = Buffer.concat(pieces).toString('utf8')
  const isJson = response.headers['content-type']?.startsWith('application/json') ?? false
  const { statusCode: status = 0, headers } = response
  return { status, headers, text, json: isJson ? JSON.parse(text) : undefined }
}

/** Asks for something by its name, as the page does. */
export function ask(studio: StudioServer, name: string, body: unknown = {}): Promise<Asked> {
  return send(studio, `/api/${name}`, {
    method: 'POST',
    headers: { 'x-studio-token': tokenOf(studio), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

/** Asks, and fails where it is not answered. */
export async function answered(studio: StudioServer, name: string, body: unknown = {}) {
  const { status, json } = await ask(studio, name, body)
  if (status !== 200) throw new Error(`${name}: ${status} ${JSON.stringify(json)}`)
  return json
}

/** The live stream: a list of events that grows. */
export async function listen(studio: StudioServer) {
  const headers = { 'x-studio-token': tokenOf(studio) }
  const sent = request({
    host: '127.0.0.1',
    port: studio.port,
    path: '/api/live',
    headers,
    agent: false,
  })
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const events: { event: string; data: unknown }[] = []
  let text = ''
  let ended = false
  response.setEncoding('utf8').on('data', (piece: string) => {
    const parts = (text + piece).split('\n\n')
    text = parts.pop() ?? ''
    for (const part of parts) {
      const [, event = '', data = 'null'] = /^event: (.*)\ndata: (.*)$/.exec(part) ?? []
      events.push({ event, data: JSON.parse(data) })
    }
  })
  response.on('close', () => {
    ended = true
  })
  return { response, events, ended: () => ended, close: () => sent.destroy() }
}

/** Waits until something is so. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  await eventually('the condition', async () => ((await condition()) ? true : undefined))
}
