/** Random numbers that can be had again. */

/** A number from 0 up to, not including, `below`. */
export type Random = (below: number) => number

/** The same numbers for the same seed: mulberry32. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}
