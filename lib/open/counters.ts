/** Which merge operator a family has: the one that it names, or that of counters. */
import { invalidValue, optionalString, quote } from '../base/arguments'
import { RocksDBError } from '../base/errors'
import { COUNTER_OPERATOR, isCounter } from '../codecs/counter'
import type { Connection } from '../connection/connection'
import type { NativeFamilyOptions } from '../native/jobs'

/** Whether an option of RocksDB, as it is given or read back, is the operator of counters. */
function isOperatorOfCounters(option: unknown): boolean {
  return typeof option === 'string' && /^(\{id=)?rocksdb-live\.counter(;?\})?$/.test(option)
}

/**
 * A family's RocksDB options with its merge operator, unless they already name one. Refuses other operators
 * for counters.
 */
export function merging(
  maps: NativeFamilyOptions,
  { mergeOperator, value }: { mergeOperator?: unknown; value?: unknown },
): NativeFamilyOptions {
  let name = optionalString('options.mergeOperator', mergeOperator, undefined)
  if (isCounter(value)) {
    checkOperator('options.mergeOperator', name)
    checkOperator(
      'options.rocksdb.columnFamily.merge_operator',
      maps.columnFamily['merge_operator'],
    )
    name = COUNTER_OPERATOR
  }
  if (name === undefined) return maps
  return { table: maps.table, columnFamily: { merge_operator: name, ...maps.columnFamily } }
}

function checkOperator(option: string, given: unknown): void {
  if (given === undefined || isOperatorOfCounters(given)) return
  throw invalidValue(
    option,
    given,
    `must be left out with value: counter(), whose operator is ${quote(COUNTER_OPERATOR)}`,
  )
}

/** Refuses counters over a family that was opened, or written, with another operator, or with none. */
export function checkCounters(connection: Connection, family: string): void {
  const all = connection.run('columnFamily', (session) => session.options())
  const found = all.columnFamilies[family]?.columnFamily['merge_operator']
  if (isOperatorOfCounters(found)) return
  const has = found === undefined || found === 'nullptr' ? 'none' : found
  throw new RocksDBError(
    `column family ${quote(family)} has the merge operator ${has}, and counter() needs ` +
      `${COUNTER_OPERATOR}: open the database with value: counter() for it, or use another family`,
    { code: 'ERR_OPTIONS_MISMATCH' },
  )
}
