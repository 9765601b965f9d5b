/** The codec of counters, which is also their merge operator. */
import { outOfRange } from '../base/arguments'
import type { Counter } from '../types/codecs'
import { type CodecImplementation, corrupt } from './codec'
import { noBigint } from './integers'

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

const wide = new BigInt64Array(1)
const wideBytes = new Uint8Array(wide.buffer)

/** @internal Big-endian with the sign flipped, as the operator has it. */
export const counterCodec: CodecImplementation = {
  copies: true,
  prefixes: false,
  prepare(value, name) {
    if (typeof value !== 'bigint') throw noBigint(name, value)
    if (BigInt.asIntN(64, value) !== value) {
      throw outOfRange(name, '>= -(2n ** 63n) && < 2n ** 63n', value)
    }
    return value
  },
  guess: () => 8,
  append(sink, prepared) {
    sink.reserve(8)
    wide[0] = prepared as bigint
    const { buffer: target, length } = sink
    target[length] = (wideBytes[7] as number) ^ 0x80
    for (let i = 1; i < 8; i++) target[length + i] = wideBytes[7 - i] as number
    sink.length = length + 8
  },
  read(bytes, start, end) {
    if (end - start !== 8) throw corrupt('a counter', `they are ${end - start} and not 8`)
    wideBytes[7] = (bytes[start] as number) ^ 0x80
    for (let i = 1; i < 8; i++) wideBytes[7 - i] = bytes[start + i] as number
    return wide[0]
  },
}
