/** The live stream, which the whole page shares: samples of the last minutes, and events. */
import { useEffect, useState } from 'preact/hooks'
import type { LiveEvent, LiveSample } from '../../lib/studio/protocol'
import { type RequestError, stream } from './api'

/** What is known of the connection. */
export type Link = 'begins' | 'open' | 'lost' | 'closed'

const KEPT_SAMPLES = 600
const KEPT_EVENTS = 200
const AGAIN_MS = 2000
const SILENT_MS = 15_000

class Store {
  link: Link = 'begins'
  error: RequestError | undefined
  samples: LiveSample[] = []
  events: LiveEvent[] = []
  readonly #listeners = new Set<() => void>()
  #names: string[] = []
  #begun = false
  #controller = new AbortController()
  #heardAt = 0

  begin(): void {
    if (this.#begun) return
    this.#begun = true
    // A stream that is silent is dead: samples come every few seconds.
    setInterval(() => {
      if (performance.now() - this.#heardAt > SILENT_MS) this.#controller.abort()
    }, 1000)
    void this.#run()
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async #run(): Promise<void> {
    for (;;) {
      try {
        this.#controller = new AbortController()
        this.#heardAt = performance.now()
        await stream((event, data) => this.#take(event, data), this.#controller.signal)
        if (this.link !== 'closed') this.#set('lost')
      } catch (error) {
        this.error = error as RequestError
        this.#set(this.error.code === 'ERR_CLOSED' ? 'closed' : 'lost')
        if (this.error.code === 'ERR_REFUSED') return
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
    }
  }

  #set(link: Link): void {
    this.link = link
    this.#tell()
  }

  #take(event: string, data: unknown): void {
    this.#heardAt = performance.now()
    if (this.link !== 'open') this.link = 'open'
    if (event === 'names') this.#names = data as string[]
    else if (event === 'closed') this.link = 'closed'
    else if (event === 'happened') this.#happened(data as LiveEvent)
    else if (event === 'sample') this.#sampled(data as { atMs: number; values: number[] })
    this.error = undefined
    this.#tell()
  }

  #happened(event: LiveEvent): void {
    const last = this.events.at(-1)
    if (
      last !== undefined &&
      event.atMs <= last.atMs &&
      this.events.some((e) => e.atMs === event.atMs && e.text === event.text)
    )
      return
    this.events = [...this.events, event].slice(-KEPT_EVENTS)
  }

  #sampled({ atMs, values }: { atMs: number; values: number[] }): void {
    // Those of before come again with a new connection.
    if (atMs <= (this.samples.at(-1)?.atMs ?? 0)) return
    const named = Object.fromEntries(values.map((value, at) => [this.#names[at] ?? '', value]))
    this.samples = [...this.samples, { atMs, values: named }].slice(-KEPT_SAMPLES)
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

export const live = new Store()

/** The store, as it changes. */
export function useLive(): Store {
  const [, setTurn] = useState(0)
  useEffect(() => live.listen(() => setTurn((last) => last + 1)), [])
  return live
}

/** How much counters have grown a second, between two samples. */
export function rate(now: LiveSample, before: LiveSample | undefined, names: readonly string[]) {
  if (before === undefined) return null
  const seconds = (now.atMs - before.atMs) / 1000
  let sum: number | null = null
  for (const name of names) {
    const [a, b] = [before.values[name], now.values[name]]
    if (a !== undefined && b !== undefined && b >= a) sum = (sum ?? 0) + (b - a) / seconds
  }
  return sum
}

/** A quantile of what a histogram has counted between two samples; null where there was nothing. */
export function quantile(
  now: LiveSample,
  before: LiveSample | undefined,
  name: string,
  part: number,
): number | null {
  if (before === undefined) return null
  const begin = `${name}_bucket{`
  const buckets = Object.keys(now.values)
    .filter((key) => key.startsWith(begin))
    .map((key) => ({
      le: Number(key.slice(begin.length, -1).replace('+Inf', 'Infinity')),
      count: (now.values[key] ?? 0) - (before.values[key] ?? 0),
    }))
    .sort((a, b) => a.le - b.le)
  const all = buckets.at(-1)?.count ?? 0
  if (all <= 0) return null
  let [low, under] = [0, 0]
  for (const { le, count } of buckets) {
    if (count >= part * all) {
      if (!Number.isFinite(le)) return low
      return low + ((le - low) * (part * all - under)) / Math.max(1, count - under)
    }
    low = le
    under = count
  }
  return low
}
