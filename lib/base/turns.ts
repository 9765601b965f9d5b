/**
 * Fairness to the event loop. Calls that memory can answer settle at once, and a loop that awaits
 * such calls never leaves the microtask queue: timers and sockets would wait until it ends. So now
 * and then such a call settles in the next turn instead.
 */

/** For how many milliseconds calls may settle at once without a turn of the event loop. */
const TURN_MS = 1
/** Checks the clock once in this many calls. */
const CALLS_PER_LOOK = 128
/** Writing this many bytes takes about as long as a call. */
const BYTES_PER_CALL = 4096

const nothing = Promise.resolve(undefined)

let callsLeft = CALLS_PER_LOOK
let turnBegan = 0

/** A promise of an available value, for which `bytes` were copied. */
export function settled<T>(value: T, bytes = 0): Promise<T> {
  callsLeft -= 1 + Math.floor(bytes / BYTES_PER_CALL)
  if (callsLeft <= 0) return settledInTurn(value)
  return value === undefined ? (nothing as Promise<T>) : Promise.resolve(value)
}

/** The value, or a promise of it if the event loop must have its turn first. */
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
