/** Ends a session's resources whose objects were collected without being closed. */
import type { NativeSession } from './session'

/** What native holds for a collected object. */
interface Held {
  session: NativeSession
  /** The number of the cursor, snapshot or other resource. */
  resource: number
}

const registry = new FinalizationRegistry<Held>(({ session, resource }) => {
  try {
    session.end(resource)
  } catch {
    // The database was closed, which has ended it.
  }
})

/** Ends the resource when `owner` is collected. */
export function watch(owner: object, session: NativeSession, resource: number): void {
  registry.register(owner, { session, resource }, owner)
}

/** The owner has ended it itself. */
export function unwatch(owner: object): void {
  registry.unregister(owner)
}
