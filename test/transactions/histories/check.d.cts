/** The types of check.cjs. */

/** One thing that a transaction did. */
export type Op =
  /** Wrote a new, empty list blindly, or removed it. Lists with this `base` follow; bases are in `order`. */
  | { type: 'open'; key: string; base: number; order?: number }
  /** Appended a number, which nobody else appends; `onto` the list it had read, or blindly. */
  | { type: 'append'; key: string; base: number; element: number; onto?: readonly number[] }
  | { type: 'read'; key: string; base: number; list: readonly number[] }
  /** Inserted or removed a row: `group/…`. No other has that name, ever. */
  | { type: 'insert'; row: string }
  | { type: 'remove'; row: string }
  /** Removed all rows of a group blindly; once at most. */
  | { type: 'wipe'; prefix: string }
  /** Read rows with a prefix: all of them, or in order up to the row `until`. */
  | { type: 'scan'; prefix: string; rows: readonly string[]; until?: string; reverse?: boolean }
  | { type: 'count'; prefix: string; count: number }

/** One transaction, or a plain write. */
export interface Recorded {
  id: number
  /** Of an `unknown` one, nobody said whether it was committed. */
  status: 'committed' | 'aborted' | 'unknown'
  /** When, by a clock that all share. It ran at some time between. */
  began: number
  ended: number
  ops: readonly Op[]
}

export interface History {
  transactions: Recorded[]
  /** All rows at the end. */
  rows?: string[]
  /** No group whose name begins with this may ever have more rows. */
  limit?: { prefix: string; rows: number }
}

export interface Anomaly {
  /**
   * `G0`, `G1a`, `G1b`, `G1c`, `G-single`, `G2`, as Adya names them; `-realtime` where time is part of the
   * cycle. Or `lost update`, `lost append`, `lost removal`, `duplicate`, `internal`, `invariant`,
   * `unknown element`, `unknown row`.
   */
  kind: string
  what: string
  transactions: Recorded[]
}

export function check(history: History): {
  transactions: number
  edges: number
  anomalies: Anomaly[]
}
