/**
 * How often each kind of operation went to RocksDB, by connection. Counted in JavaScript, on the
 * connection's thread, since this costs each read and write only an addition.
 */

/** The counted operations, by their methods' names; `batch` counts batches of any size. */
export const OPERATIONS = [
  'get',
  'has',
  'getMany',
  'scan',
  'count',
  'put',
  'delete',
  'deleteRange',
  'merge',
  'batch',
  'clear',
] as const

/** The name of a counted operation. */
export type CountedOperation = (typeof OPERATIONS)[number]

/** The index of each in a `Counts`, in the order of `OPERATIONS`. */
export const Counted = {
  get: 0,
  has: 1,
  getMany: 2,
  scan: 3,
  count: 4,
  put: 5,
  delete: 6,
  deleteRange: 7,
  merge: 8,
  batch: 9,
  clear: 10,
} as const satisfies Record<CountedOperation, number>

/** An index in a `Counts`. */
export type CountedSlot = (typeof Counted)[CountedOperation]

/** Counts by `Counted`; doubles in an array, so that changing them allocates nothing. */
export type Counts = { [Slot in CountedSlot]: number }

/** All counts at 0. */
export function newCounts(): Counts {
  return new Float64Array(OPERATIONS.length) as unknown as Counts
}
