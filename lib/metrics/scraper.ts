/** Scrapes of a registry, each answered within a time limit. */
import type { MetricsRegister } from './register'

/** The answer to a scrape. */
export interface Scrape {
  status: 200 | 503
  type: string
  body: string
}

const TEXT = 'text/plain; charset=utf-8'

export class Scraper {
  readonly #register: MetricsRegister
  readonly #deadlineMs: number
  /** The running scrape, which later requests share. */
  #running: Promise<Scrape> | undefined
  #refuse: (answer: Scrape) => void = () => {}
  readonly #closed: Promise<Scrape>

  constructor(register: MetricsRegister, deadlineMs: number) {
    this.#register = register
    this.#deadlineMs = deadlineMs
    this.#closed = new Promise((resolve) => {
      this.#refuse = resolve
    })
  }

  /**
   * Resolves to the metrics, or to 503 at the deadline or at `close`. Rejects if the registry
   * fails.
   */
  scrape(): Promise<Scrape> {
    if (this.#running !== undefined) return this.#running
    const running = this.#within().finally(() => {
      // A scrape that hangs is not waited for again: the next one starts anew.
      if (this.#running === running) this.#running = undefined
    })
    this.#running = running
    return running
  }

  /** Ends all waits. */
  close(): void {
    this.#refuse(unavailable('the server is closing'))
  }

  async #within(): Promise<Scrape> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<Scrape>((resolve) => {
      const answer = unavailable(`the metrics were not ready after ${this.#deadlineMs} ms`)
      timer = setTimeout(() => resolve(answer), this.#deadlineMs)
    })
    try {
      return await Promise.race([this.#closed, this.#read(), late])
    } finally {
      clearTimeout(timer)
    }
  }

  async #read(): Promise<Scrape> {
    const body: unknown = await this.#register.metrics()
    if (typeof body !== 'string') throw new TypeError('the registry gave no text')
    return { status: 200, type: this.#register.contentType, body }
  }
}

function unavailable(reason: string): Scrape {
  return { status: 503, type: TEXT, body: `metrics unavailable: ${reason}\n` }
}
