/**
 * Events that RocksDB reports while a database is open: for listeners, and on diagnostics channels.
 */
import { channel } from 'node:diagnostics_channel'
import { invalidType, oneOf } from '../base/arguments'
import { Listeners } from '../base/listeners'
import type { NativeSession } from './session'

const TYPES = [
  'flush',
  'compaction',
  'stall',
  'backgroundError',
  'ingest',
  'longTransaction',
] as const

const channels = new Map<string, ReturnType<typeof channel>>(
  TYPES.map((type) => [type, channel(`rocksdb-live:${type}`)]),
)

/** Which database events come from. */
interface Origin {
  readonly path: string
  readonly closed: boolean
  readonly session: NativeSession
}

const sources = new Map<number, WeakRef<EventSource>>()
const abandoned = new FinalizationRegistry<number>((number) => void sources.delete(number))
let lastNumber = 0

/** The events of one opening of a database. */
export class EventSource {
  readonly #listeners = new Listeners()
  readonly #origin: Origin

  constructor(origin: Origin) {
    this.#origin = origin
    const number = ++lastNumber
    // Native has only the number, so that an abandoned database can be collected.
    sources.set(number, new WeakRef(this))
    abandoned.register(this, number)
    origin.session.listen(number)
  }

  on(event: unknown, listener: unknown): void {
    this.#listeners.on(typeOf(event), functionOf(listener))
  }

  once(event: unknown, listener: unknown): void {
    this.#listeners.once(typeOf(event), functionOf(listener))
  }

  off(event: unknown, listener: unknown): void {
    this.#listeners.off(typeOf(event), functionOf(listener))
  }

  /** Reports an event that this thread has found itself. */
  tell(type: string, fields: Record<string, string | number>): void {
    this.deliver(type, fields, 0)
  }

  /** A listener's exception goes to the caller: to native, which makes it an uncaught exception. */
  deliver(type: string, fields: Record<string, string | number>, droppedEvents: number): void {
    const { path, closed } = this.#origin
    if (closed) return
    const listened = this.#listeners.count(type) > 0
    const published = channels.get(type)?.hasSubscribers ?? false
    if (!listened && !published) return
    const event = { path, ...fields, droppedEvents }
    if (published) channels.get(type)?.publish(event)
    this.#listeners.emit(type, event)
  }
}

/** The hook in metrics.ts. */
export function deliverEvent(
  listener: number,
  type: string,
  fields: Record<string, string | number>,
  dropped: number,
): void {
  sources.get(listener)?.deref()?.deliver(type, fields, dropped)
}

function typeOf(event: unknown): string {
  if (event === undefined) throw invalidType('event', 'a string', event)
  return oneOf('event', event, TYPES, 'flush')
}

function functionOf(listener: unknown): () => void {
  if (typeof listener !== 'function') throw invalidType('listener', 'a function', listener)
  return listener as () => void
}
