/** Turns of the event loop, which tell immediate answers from those that had to wait. */

/** Whether the promise settles within the microtasks of this turn. */
export async function settlesInThisTurn(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const settle = () => {
    settled = true
  }
  promise.then(settle, settle)
  for (let i = 0; i < 50; i++) await undefined
  return settled
}
