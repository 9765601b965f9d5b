/** The writes of one record as users call them: traced where somebody listens. */
import type { Connection } from '../connection/connection'
import type { FamilyHandle } from '../connection/handle'
import { countWrites, traceOn, traceSyncOn } from '../traces/counting'
import { Operation, operations, type TracedOperation } from '../traces/operations'
import { tracePromise, traceSync } from '../traces/trace'
import { HEADER, type Records } from './records'
import * as writes from './writes'

type Family = FamilyHandle
type Done = Promise<void>

export function put(family: Family, key: unknown, value: unknown, options: unknown): Done {
  if (!operations.hasSubscribers) return writes.put(family, key, value, options)
  return traceOn('put', family, countWrites, (on) => writes.put(on, key, value, options))
}

export function putSync(family: Family, key: unknown, value: unknown, options: unknown): void {
  if (!operations.hasSubscribers) writes.putSync(family, key, value, options)
  else traceSyncOn('put', family, countWrites, (on) => writes.putSync(on, key, value, options))
}

export function remove(family: Family, key: unknown, options: unknown): Done {
  if (!operations.hasSubscribers) return writes.remove(family, key, options)
  return traceOn('delete', family, countWrites, (on) => writes.remove(on, key, options))
}

export function removeSync(family: Family, key: unknown, options: unknown): void {
  if (!operations.hasSubscribers) writes.removeSync(family, key, options)
  else traceSyncOn('delete', family, countWrites, (on) => writes.removeSync(on, key, options))
}

export function removeRange(family: Family, begin: unknown, end: unknown, options: unknown): Done {
  if (!operations.hasSubscribers) return writes.removeRange(family, begin, end, options)
  return traceOn('deleteRange', family, countWrites, (on) =>
    writes.removeRange(on, begin, end, options),
  )
}

export function removeRangeSync(
  family: Family,
  begin: unknown,
  end: unknown,
  options: unknown,
): void {
  if (!operations.hasSubscribers) writes.removeRangeSync(family, begin, end, options)
  else
    traceSyncOn('deleteRange', family, countWrites, (on) =>
      writes.removeRangeSync(on, begin, end, options),
    )
}

export function merge(family: Family, key: unknown, operand: unknown, options: unknown): Done {
  if (!operations.hasSubscribers) return writes.merge(family, key, operand, options)
  return traceOn('merge', family, countWrites, (on) => writes.merge(on, key, operand, options))
}

export function mergeSync(family: Family, key: unknown, operand: unknown, options: unknown): void {
  if (!operations.hasSubscribers) writes.mergeSync(family, key, operand, options)
  else
    traceSyncOn('merge', family, countWrites, (on) => writes.mergeSync(on, key, operand, options))
}

export function increment(family: Family, key: unknown, by: unknown, options: unknown): Done {
  if (!operations.hasSubscribers) return writes.increment(family, key, by, options)
  return traceOn('increment', family, countWrites, (on) => writes.increment(on, key, by, options))
}

export function incrementSync(family: Family, key: unknown, by: unknown, options: unknown): void {
  if (!operations.hasSubscribers) writes.incrementSync(family, key, by, options)
  else
    traceSyncOn('increment', family, countWrites, (on) =>
      writes.incrementSync(on, key, by, options),
    )
}

function operationOf(name: TracedOperation, { path }: Connection, records: Records): Operation {
  const operation = new Operation(name, path, undefined, records.count)
  operation.bytes = records.byteLength - HEADER
  return operation
}

/** Traces the commit of records if anybody listens. */
export function traceRecords<T>(
  name: TracedOperation,
  connection: Connection,
  records: Records,
  run: () => Promise<T>,
): Promise<T> {
  if (!operations.hasSubscribers) return run()
  // A failure at the call is told as a promise's is.
  return tracePromise(operationOf(name, connection, records), async () => run())
}

/** `traceRecords` on this thread. */
export function traceRecordsSync<T>(
  name: TracedOperation,
  connection: Connection,
  records: Records,
  run: () => T,
): T {
  if (!operations.hasSubscribers) return run()
  return traceSync(operationOf(name, connection, records), run)
}
