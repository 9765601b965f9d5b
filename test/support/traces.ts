/** Listens to the operations that are traced. */
import { tracingChannel } from 'node:diagnostics_channel'
import type { OperationContext } from 'rocksdb-live'

const CHANNEL = 'rocksdb-live:operation'
const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const

export type TraceEvent = (typeof EVENTS)[number]

/** Every event since it was made, with its context. */
export class Listener {
  readonly events: [TraceEvent, OperationContext][] = []
  readonly #channel = tracingChannel<unknown, OperationContext>(CHANNEL)
  readonly #subscribers = Object.fromEntries(
    EVENTS.map((event) => [
      event,
      (context: unknown) => void this.events.push([event, context as OperationContext]),
    ]),
  ) as never

  constructor() {
    this.#channel.subscribe(this.#subscribers)
  }

  /** The contexts of operations that have begun, in their order. */
  get operations(): OperationContext[] {
    return this.events.filter(([event]) => event === 'start').map(([, context]) => context)
  }

  get names(): string[] {
    return this.operations.map(({ operation }) => operation)
  }

  /** What happened to one operation. */
  eventsOf(operation: string): string[] {
    return this.events
      .filter(([, context]) => context.operation === operation)
      .map(([event]) => event)
  }

  /** The only operation of that name. */
  one(operation: string): OperationContext {
    const found = this.operations.filter((each) => each.operation === operation)
    expect(found).toHaveLength(1)
    return found[0] as OperationContext
  }

  /** Operations that have begun and not ended. */
  get unended(): string[] {
    const ended = new Set(
      this.events
        .filter(([event, { sync }]) => event === (sync ? 'end' : 'asyncEnd'))
        .map(([, context]) => context),
    )
    return this.operations.filter((each) => !ended.has(each)).map(({ operation }) => operation)
  }

  stop(): void {
    this.#channel.unsubscribe(this.#subscribers)
  }

  [Symbol.dispose](): void {
    this.stop()
  }
}
