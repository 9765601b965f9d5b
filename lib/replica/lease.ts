/**
 * Who holds the lease, as far as is known here. It only says when to try: what fences is the log. Time is
 * this machine's own, so the clocks of others do not matter.
 */
import type { Lease, LogLease } from './log'

/** Followers wait so much longer at most, each by another time, so that they do not try at once. */
const JITTER = 0.1
const GIVE_UP_TRIES = 3

export class LeaseWatch {
  readonly #lease: LogLease
  readonly #leaseMs: number
  #current: Lease | undefined
  #seenAt = performance.now()
  #patience: number
  /** What this node has written last. */
  #mine: string | undefined
  /** Before this moment this node does not try. */
  #notBefore = 0
  #stop: (() => void) | undefined

  constructor(lease: LogLease, leaseMs: number) {
    this.#lease = lease
    this.#leaseMs = leaseMs
    this.#patience = this.#draw()
  }

  /** Looks, and hears of changes from now on. `onChange` may look whether it is free. */
  async start(onChange: () => void): Promise<void> {
    this.#stop ??= await this.#lease.watch((lease) => {
      this.#note(lease)
      onChange()
    })
    this.#note(await this.#lease.read())
  }

  stop(): void {
    this.#stop?.()
  }

  /** For how long nothing was heard of its holder, in milliseconds, if anybody holds it. */
  isFree(): boolean {
    const now = performance.now()
    if (now < this.#notBefore) return false
    if (this.#current === undefined || this.#current.text === '') return true
    return now - this.#seenAt > this.#patience
  }

  /** After how many milliseconds it may be free, if nothing is heard until then. */
  freeInMs(): number {
    const now = performance.now()
    const held = this.#current !== undefined && this.#current.text !== ''
    const at = held ? this.#seenAt + this.#patience : 0
    return Math.max(0, at - now, this.#notBefore - now)
  }

  /** Takes it if nobody else has meanwhile, or renews it. */
  async take(text: string): Promise<boolean> {
    const revision = await this.#lease.write(text, this.#current?.revision ?? 0)
    if (revision === undefined) {
      this.#note(await this.#lease.read())
      return false
    }
    if (text !== '') this.#mine = text
    this.#note({ revision, text })
    return true
  }

  /** Gives it up, and does not try again for the time of a lease. */
  async giveUp(): Promise<void> {
    this.#notBefore = performance.now() + this.#leaseMs
    // A renewal may be under way.
    for (let tries = 0; tries < GIVE_UP_TRIES; tries++) {
      // Nor may another node's be given up.
      if (this.#current?.text !== this.#mine || (await this.take(''))) return
    }
  }

  #note(lease: Lease | undefined): void {
    if (lease === undefined || lease.revision <= (this.#current?.revision ?? 0)) return
    this.#current = lease
    this.#seenAt = performance.now()
    // Somebody has taken what this node gave up.
    if (lease.text !== '') this.#notBefore = 0
    this.#patience = this.#draw()
  }

  #draw(): number {
    return this.#leaseMs * (1 + Math.random() * JITTER)
  }
}
