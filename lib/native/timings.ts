/** What native measures of the operations that somebody traces. */

/** Takes what native has measured of an operation. */
export interface Measured {
  /** Milliseconds until a thread had taken it; undefined where none did. */
  queueMs: number | undefined
  /** Milliseconds of its WAL; undefined where it has none. */
  walMs: number | undefined
}

const awaited = new Map<number, Measured>()

/** What is measured of the call with this id goes to `into`, before its outcome is delivered. */
export function awaitTimings(id: number, into: Measured): void {
  awaited.set(id, into)
}

/** The call has its outcome. */
export function forgetTimings(id: number, into: Measured): void {
  if (awaited.get(id) === into) awaited.delete(id)
}

/** Whether somebody waits for what is measured of a call. */
export function awaitsTimings(id: number): boolean {
  return awaited.has(id)
}

/** The hook in addon.ts. */
export function deliverTimings(id: number, queueMs: number, walMs: number): void {
  const into = awaited.get(id)
  if (into === undefined) return
  awaited.delete(id)
  into.queueMs = queueMs
  if (walMs > 0) into.walMs = walMs
}
