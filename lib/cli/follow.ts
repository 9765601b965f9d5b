/** A secondary that takes over, again and again, what its primary has written. */
import type { Database } from '../database'

/** How often, and who is told. */
export interface FollowOptions {
  /** Milliseconds from the end of one time to the next. */
  everyMs: number
  /** After each time that succeeded; the opening counts as the first. */
  onDone(): void
  /** After each that did not: the primary may be replacing its files. The next may succeed. */
  onError(error: Error): void
}

/** Follows until it is disposed of, which waits for what runs. */
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
