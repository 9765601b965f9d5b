/** What is said of an operation: the names of OpenTelemetry's database conventions, and never a key or a value. */
import type { Attributes } from '@opentelemetry/api'
import type { OperationContext } from '../traces/operations'

/** Operations that give rows. */
const GIVE_ROWS: readonly string[] = ['get', 'getMany', 'getInto', 'first', 'last', 'scan']

/** A code or a class, as opposed to a text that somebody has put together. */
const WORD = /^[A-Za-z_]\w{0,63}$/

/** What kind of error it is; messages may quote keys, so no more is said of it. */
function errorType(error: unknown): string {
  if (typeof error !== 'object' || error === null) return typeof error
  try {
    const { code, name } = error as { code?: unknown; name?: unknown }
    for (const word of [code, name]) if (typeof word === 'string' && WORD.test(word)) return word
  } catch {
    // Its getters throw.
  }
  return '_OTHER'
}

/** The attributes of the metric, which are among those of the span. */
export function metricAttributes(operation: OperationContext, namespace: string): Attributes {
  const attributes: Attributes = {
    'db.system.name': 'rocksdb',
    'db.namespace': namespace,
    'db.operation.name': operation.operation,
  }
  if (operation.columnFamily !== undefined) {
    attributes['db.collection.name'] = operation.columnFamily
  }
  if ('error' in operation) attributes['error.type'] = errorType(operation.error)
  return attributes
}

/** The attributes that are known once it has ended. */
export function spanAttributes(operation: OperationContext, namespace: string): Attributes {
  const attributes = metricAttributes(operation, namespace)
  const { batchSize, rows, bytes, queueMs, walMs, lockMs, cacheHit } = operation
  if (batchSize !== undefined && batchSize !== 1) {
    attributes['db.operation.batch.size'] = batchSize
  }
  if (rows !== undefined && GIVE_ROWS.includes(operation.operation)) {
    attributes['db.response.returned_rows'] = rows
  }
  const own = { bytes, queue_ms: queueMs, wal_ms: walMs, lock_ms: lockMs, cache_hit: cacheHit }
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined) attributes[`rocksdb.${name}`] = value
  }
  return attributes
}

/** `{operation} {collection}`. */
export function spanName({ operation, columnFamily }: OperationContext): string {
  return columnFamily === undefined ? operation : `${operation} ${columnFamily}`
}
