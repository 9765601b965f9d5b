/** Ends cursors and snapshots whose objects were collected without being closed. */
import type { NativeSession } from './native'

/** What native holds for an object that is gone; 0 for none. */
interface Held {
  session: NativeSession
  cursor: number
  snapshot: number
}

const registry = new FinalizationRegistry<Held>(({ session, cursor, snapshot }) => {
  try {
    if (cursor !== 0) session.closeCursor(cursor)
    if (snapshot !== 0) session.releaseSnapshot(snapshot)
  } catch {
    // The database was closed, and has ended them.
  }
})

/** Closes the cursor when `owner` is collected. */
export function watchCursor(owner: object, session: NativeSession, cursor: number): void {
  registry.register(owner, { session, cursor, snapshot: 0 }, owner)
}

/** Releases the snapshot when `owner` is collected. */
export function watchSnapshot(owner: object, session: NativeSession, snapshot: number): void {
  registry.register(owner, { session, cursor: 0, snapshot }, owner)
}

/** The owner has done it itself. */
export function unwatch(owner: object): void {
  registry.unregister(owner)
}
