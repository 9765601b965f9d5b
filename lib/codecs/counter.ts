/** The codec of counters, which is also their merge operator. */
import type { Counter } from '../types/codecs'
import type { CodecImplementation } from './codec'
import { int64 } from './integers'

/** @internal The name of the operator; native/engine/base/counter_merge.h has it, too. */
export const COUNTER_OPERATOR = 'rocksdb-live.counter'

/**
 * Returns the codec of counters, for values: signed 64-bit integers, as bigints. A family with it has
 * `increment`, which reads nothing, so that two at once are both counted; its merge operator is the
 * package's own, `rocksdb-live.counter`.
 *
 * Reads give the sum. One outside of -2⁶³ to 2⁶³ - 1 fails with `ERR_OUT_OF_RANGE`, in every read of the
 * key, until increments bring it back, or a value is put over it: no increment is lost meanwhile. Other
 * programs that open the database do not have this operator.
 *
 * @example
 * ```ts
 * const db = await Database.open('data', { columnFamilies: { visits: { key: 'utf8', value: counter() } } })
 * const visits = db.columnFamily('visits')
 * await visits.increment('/home')
 * await visits.increment('/home', 41n)
 * console.log(await visits.get('/home')) // 42n
 * ```
 */
export function counter(): Counter {
  return 'counter' as Counter
}

/** @internal Whether a `value` option is `counter()`. */
export function isCounter(codec: unknown): boolean {
  return codec === 'counter'
}

/** @internal The bytes of `'int64'`, as the operator has them; an object of its own, by which counters are known. */
export const counterCodec: CodecImplementation = { ...int64 }
