/** What a family's own options ask of RocksDB: its merge operator, and whether its rows expire. */
import type { NativeFamilyOptions } from '../native/jobs'
import { merging } from './counters'
import { EXPIRY_OPTION, filterOf, readExpires } from './expires'

/** A family's RocksDB options with its own, unless they already name them. */
export function withOwn(
  maps: NativeFamilyOptions,
  given: { mergeOperator?: unknown; value?: unknown; expires?: unknown },
): NativeFamilyOptions {
  const merged = merging(maps, given)
  const { columnFamily, table } = merged
  const expiry = readExpires('options.expires', given.expires, columnFamily['merge_operator'])
  if (expiry === undefined) return merged
  return { table, columnFamily: { [EXPIRY_OPTION]: filterOf(expiry), ...columnFamily } }
}
