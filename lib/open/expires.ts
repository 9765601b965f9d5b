/** The option `expires` of a family, and what RocksDB's options say for it. */
import { invalidType, invalidValue, optionalInteger, readOptions } from '../base/arguments'
import { LAST_MS } from '../codecs/envelope'

/** RocksDB's option. Its value names the filter, so that the OPTIONS file tells whoever opens next. */
export const EXPIRY_OPTION = 'compaction_filter_factory'
/** The id of the filter. */
export const FILTER = 'rocksdb-live.expires'
const NO_FILTER = 'nullptr'
const GRACE_MS = 3_600_000

/** A family's expiry as given; false if its rows must not expire, undefined if nothing was said. */
export type ExpiryRequest = { afterMs: number; graceMs: number } | false | undefined

/** Reads the option of a family that has this merge operator, if any. `name` is the option's. */
export function readExpires(name: string, given: unknown, merges: unknown): ExpiryRequest {
  if (given === undefined || given === false) return given
  if (given !== true && (typeof given !== 'object' || given === null)) {
    throw invalidType(name, 'a boolean or { afterMs, graceMs }', given)
  }
  if (merges !== undefined) {
    const reason = 'cannot be combined with a merge operator: merged values have no lifetime'
    throw invalidValue(name, given, reason)
  }
  const options: Record<string, unknown> =
    given === true ? {} : readOptions(name, given, ['afterMs', 'graceMs'])
  const { afterMs, graceMs } = options
  return {
    afterMs: optionalInteger(`${name}.afterMs`, afterMs, { min: 1, max: LAST_MS, default: 0 }),
    graceMs: optionalInteger(`${name}.graceMs`, graceMs, { max: LAST_MS, default: GRACE_MS }),
  }
}

/** The value of `EXPIRY_OPTION`. */
export function filterOf(expiry: Exclude<ExpiryRequest, undefined>): string {
  if (expiry === false) return NO_FILTER
  return `{id=${FILTER};grace_ms=${expiry.graceMs};after_ms=${expiry.afterMs}}`
}
