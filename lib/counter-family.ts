/** What families of counters have besides what every family has. */
import type { ColumnFamily } from './column-family'
import type { WriteOptions } from './types/options'

/**
 * A column family of counters: one with `value: counter()`. Everything else is as `ColumnFamily` has it; its
 * values are bigints from -2⁶³ to 2⁶³ - 1.
 *
 * Reads of a key whose sum is outside of that fail with `ERR_OUT_OF_RANGE`, and so do `compareAndWrite` of it, a
 * `watch` that gives it, and a `clear` that begins or ends with it. Its increments are kept until others bring
 * it back, or `put` sets it anew.
 *
 * @example
 * ```ts
 * const visits = db.columnFamily('visits') // { key: 'utf8', value: counter() }
 * await visits.increment('/home')
 * await db.batch().put(users, 'ada', { name: 'Ada' }).increment(visits, '/home', 2n).write()
 * console.log(await visits.get('/home')) // 3n
 * ```
 */
export interface CounterFamily<K = Buffer, KeyInput = K, Bound = KeyInput>
  extends ColumnFamily<K, bigint, KeyInput, bigint, Bound> {
  /**
   * Adds to the counter of a key; one that is not there begins at 0. Reads nothing, and loses no increment
   * of others. As every write, fails as `put` does; an overflow is told by reads.
   *
   * A read adds up what was incremented since the last flush. For counters that are incremented very often
   * between two of them, RocksDB's `max_successive_merges` adds up earlier:
   * `rocksdb: { columnFamily: { max_successive_merges: 10 } }` in the family's options.
   *
   * @param by 1n by default. From -2⁶³ to 2⁶³ - 1.
   */
  increment(key: KeyInput, by?: bigint, options?: WriteOptions): Promise<void>

  /** `increment` on this thread. Waits for the writes before it. */
  incrementSync(key: KeyInput, by?: bigint, options?: WriteOptions): void
}

/** Any family of counters. */
// biome-ignore lint/suspicious/noExplicitAny: of whatever keys
export type AnyCounters = CounterFamily<any, any, any>
