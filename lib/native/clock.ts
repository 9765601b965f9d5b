/** The clock by which rows expire: the system's, which tests may shift for this whole process. */
import { addon } from './addon'

let shiftMs = 0

/** Milliseconds since 1970. */
export function nowMs(): number {
  return Date.now() + shiftMs
}

/** Puts this clock, here and in native code, so many milliseconds before the system's. For tests. */
export function shiftClock(ms: number): void {
  shiftMs = addon.shiftClock(ms - addon.shiftClock(0))
}
