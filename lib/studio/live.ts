/** The live view: samples and events as they come, as Server-Sent Events, to clients that keep up. */
import type { ServerResponse } from 'node:http'
import type { Connection } from '../connection/connection'
import type { Database } from '../database'
import type { DatabaseEvents } from '../types/events'
import { Refused } from './exchange'
import { flatten, samplesNow } from './figures'
import type { LiveEvent } from './protocol'
import { textOfEvent } from './words'

const EVERY_MS = 1000
/** Where gathering takes long, as with thousands of families, it is done less often, down to this. */
const [SHARE, SELDOM_MS] = [10, 5000]
const KEPT_SAMPLES = 300
const KEPT_EVENTS = 100
const MOST_CLIENTS = 16
/** A client that takes nothing for so long is gone. */
const STALLED_MS = 30_000

const EVENTS = [
  'flush',
  'compaction',
  'stall',
  'backgroundError',
  'ingest',
  'longTransaction',
] as const

interface Sample {
  atMs: number
  values: Record<string, number>
}

function message(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

/** One browser. Of a slow one samples are left out; one that stops reading is let go. */
class Client {
  readonly #response: ServerResponse
  #names = ''
  #blockedSince: number | undefined

  constructor(response: ServerResponse) {
    this.#response = response
    response.on('drain', () => {
      this.#blockedSince = undefined
    })
  }

  sample(sample: Sample): void {
    this.#write(this.#textOf(sample))
  }

  /** What was before: in one piece, since a client that has just come is not slow. */
  before(events: readonly LiveEvent[], samples: readonly Sample[]): void {
    const texts = events.map((event) => message('happened', event))
    for (const sample of samples) texts.push(this.#textOf(sample))
    this.#write(texts.join(''))
  }

  /** Numbers alone, behind their names where those are new. */
  #textOf({ atMs, values }: Sample): string {
    const names = Object.keys(values)
    const joined = names.join()
    const head = joined === this.#names ? '' : message('names', names)
    this.#names = joined
    return head + message('sample', { atMs, values: Object.values(values) })
  }

  send(event: string, data: unknown): void {
    this.#write(message(event, data))
  }

  #write(text: string): void {
    if (this.#response.destroyed || text === '') return
    if (this.#blockedSince !== undefined) {
      // It may have missed names.
      this.#names = ''
      if (performance.now() - this.#blockedSince > STALLED_MS) this.#response.destroy()
    } else if (!this.#response.write(text)) this.#blockedSince = performance.now()
  }

  end(): void {
    this.#response.end()
    const timer = setTimeout(() => this.#response.destroy(), 1000)
    timer.unref()
  }
}

/** Samples a database while somebody looks, and only then. */
export class Live {
  readonly #connection: Connection
  readonly #clients = new Set<Client>()
  #samples: Sample[] = []
  #events: LiveEvent[] = []
  #timer: NodeJS.Timeout | undefined
  #isSampling = false
  readonly #stop: () => void

  constructor(db: Database, connection: Connection) {
    this.#connection = connection
    const listeners = EVENTS.map((type) => {
      const listener = (event: DatabaseEvents[typeof type]) => this.#note(type, event)
      db.on(type, listener)
      return () => void db.off(type, listener)
    })
    const forget = connection.onClose(() => this.close())
    this.#stop = () => {
      forget()
      for (const end of listeners) end()
    }
  }

  /** Sends what there is from now on, and what there was, to a browser. */
  attach(response: ServerResponse): void {
    if (this.#clients.size >= MOST_CLIENTS) {
      throw new Refused(503, 'ERR_BUSY', `${MOST_CLIENTS} pages look at this already: close one`)
    }
    response.setHeader('content-type', 'text/event-stream')
    response.setHeader('x-accel-buffering', 'no')
    response.flushHeaders()
    const client = new Client(response)
    this.#clients.add(client)
    response.once('close', () => this.#clients.delete(client))
    client.before(this.#events, this.#samples)
    void this.#sample()
  }

  /** Tells all that the database is closed. */
  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#stop()
    for (const client of this.#clients) {
      client.send('closed', {})
      client.end()
    }
    this.#clients.clear()
  }

  #note(type: (typeof EVENTS)[number], event: DatabaseEvents[typeof type]): void {
    const noted = { atMs: Date.now(), type, text: textOfEvent(type, event) }
    this.#events = [...this.#events.slice(1 - KEPT_EVENTS), noted]
    for (const client of this.#clients) client.send('happened', noted)
  }

  async #sample(): Promise<void> {
    if (this.#isSampling || this.#timer !== undefined) return
    this.#isSampling = true
    const begun = performance.now()
    try {
      const values = flatten(await samplesNow(this.#connection, new Set()))
      const sample = { atMs: Date.now(), values }
      this.#samples = [...this.#samples.slice(1 - KEPT_SAMPLES), sample]
      for (const client of this.#clients) client.sample(sample)
    } catch {
      // Closed meanwhile, which everyone is told; or a figure that cannot be read, perhaps the next time.
    }
    this.#isSampling = false
    if (this.#clients.size === 0 || this.#connection.closed) return
    const waitMs = Math.min(SELDOM_MS, Math.max(EVERY_MS, SHARE * (performance.now() - begun)))
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.#sample()
    }, waitMs)
    this.#timer.unref()
  }
}
