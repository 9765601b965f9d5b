/**
 * How often each kind of operation went to RocksDB, by connection. Counted in JavaScript, on the thread of
 * the connection: an addition to a number, on the way of every read and write.
 */

/** The operations that are told apart, by the names of their methods; `batch` are batches of any number. */
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

/** The name of an operation that is counted. */
export type CountedOperation = (typeof OPERATIONS)[number]

/** Where each is counted in a `Counts`; in the order of `OPERATIONS`. */
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

/** A place in a `Counts`. */
export type CountedSlot = (typeof Counted)[CountedOperation]

/** Counts by `Counted`; doubles of an array, which take no memory when they change. */
export type Counts = { [Slot in CountedSlot]: number }

/** Counts that are all 0. */
export function newCounts(): Counts {
  return new Float64Array(OPERATIONS.length) as unknown as Counts
}
