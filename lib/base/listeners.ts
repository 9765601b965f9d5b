/** Listeners of events, which run in the async context that they were added in. */
import { AsyncResource } from 'node:async_hooks'
import { EventEmitter } from 'node:events'

type Listener = (event: unknown) => void

/** Binds `run` to the context of now. An emitter finds it by the listener that it stands for. */
function bind(run: Listener, listener: Listener): Listener {
  return Object.assign(AsyncResource.bind(run) as Listener, { listener })
}

export class Listeners {
  readonly #emitter = new EventEmitter()

  on(type: string, listener: Listener): void {
    this.#emitter.on(type, bind(listener, listener))
  }

  /** Calls the listener for the next event alone. */
  once(type: string, listener: Listener): void {
    const bound = bind((event) => {
      this.#emitter.off(type, bound)
      listener(event)
    }, listener)
    this.#emitter.on(type, bound)
  }

  off(type: string, listener: Listener): void {
    this.#emitter.off(type, listener)
  }

  count(type: string): number {
    return this.#emitter.listenerCount(type)
  }

  emit(type: string, event: unknown): void {
    this.#emitter.emit(type, event)
  }
}
