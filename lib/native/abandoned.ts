/** Ends what a session has open for objects that were collected without being closed. */
import type { NativeSession } from './session'

/** What native holds for an object that is gone. */
interface Held {
  session: NativeSession
  /** The number of a cursor, a snapshot or whatever else it is. */
  resource: number
}

const registry = new FinalizationRegistry<Held>(({ session, resource }) => {
  try {
    session.end(resource)
  } catch {
    // The database was closed, and has ended it.
  }
})

/** Ends the resource when `owner` is collected. */
export function watch(owner: object, session: NativeSession, resource: number): void {
  registry.register(owner, { session, resource }, owner)
}

/** The owner has done it itself. */
export function unwatch(owner: object): void {
  registry.unregister(owner)
}
