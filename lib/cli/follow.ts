/** A secondary that catches up with its primary again and again. */
import type { Database } from '../database'

/** How often, and who is told. */
export interface FollowOptions {
  /** Milliseconds from the end of one catch-up to the next. */
  everyMs: number
  /** Called after each success; the opening counts as the first. */
  onDone(): void
  /**
   * Called after each failure: the primary may be replacing its files. The next one may succeed.
   */
  onError(error: Error): void
}

/** Follows until it is disposed of, which waits for a running catch-up. */
export function follow(db: Database, { everyMs, onDone, onError }: FollowOptions): AsyncDisposable {
  let running: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  let ended = false
  const schedule = () => {
    if (!ended) timer = setTimeout(() => (running = turn()), everyMs)
  }
  const turn = async () => {
    await db.catchUp().then(onDone, onError)
    schedule()
  }
  onDone()
  schedule()
  return {
    async [Symbol.asyncDispose]() {
      ended = true
      clearTimeout(timer)
      await running
    },
  }
}
