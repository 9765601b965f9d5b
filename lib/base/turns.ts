/**
 * Fairness to the event loop. What memory answers settles at once, and a loop that awaits such
 * calls never leaves the microtask queue: timers and sockets would wait for its end. So now and then
 * a call that could settle at once settles in the next turn instead.
 */

/** Milliseconds that calls may settle at once without a turn of the event loop between them. */
const TURN_MS = 1
/** The clock is looked at once in this many calls. */
const CALLS_PER_LOOK = 128
/** So many bytes written take about as long as a call. */
const BYTES_PER_CALL = 4096

const nothing = Promise.resolve(undefined)

let callsLeft = CALLS_PER_LOOK
let turnBegan = 0

/** A promise of a value that is there; `bytes` were moved for it. */
export function settled<T>(value: T, bytes = 0): Promise<T> {
  callsLeft -= 1 + Math.floor(bytes / BYTES_PER_CALL)
  if (callsLeft <= 0) return settledInTurn(value)
  return value === undefined ? (nothing as Promise<T>) : Promise.resolve(value)
}

/** The value, or a promise of it where the event loop must have its turn first. */
export function inTurn<T>(value: T, bytes: number): T | Promise<T> {
  callsLeft -= 1 + Math.floor(bytes / BYTES_PER_CALL)
  return callsLeft <= 0 ? settledInTurn(value) : value
}

function settledInTurn<T>(value: T): Promise<T> {
  callsLeft = CALLS_PER_LOOK
  if (performance.now() - turnBegan < TURN_MS) return Promise.resolve(value)
  return new Promise((resolve) => {
    setImmediate(() => {
      turnBegan = performance.now()
      callsLeft = CALLS_PER_LOOK
      resolve(value)
    })
  })
}
