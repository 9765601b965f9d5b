/** The diagnostics channel of operations, and what is told of each. */
import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel'

/** What can be traced, named as the methods are; `batch` is a batch of any size, `scan` an iterator or a cursor. */
export type TracedOperation =
  | 'get'
  | 'getMany'
  | 'getInto'
  | 'has'
  | 'first'
  | 'last'
  | 'count'
  | 'expiresAt'
  | 'scan'
  | 'put'
  | 'delete'
  | 'deleteRange'
  | 'merge'
  | 'increment'
  | 'touch'
  | 'clear'
  | 'batch'
  | 'compareAndWrite'
  | 'transaction'
  | 'begin'
  | 'commit'
  | 'open'
  | 'close'
  | 'flush'
  | 'flushWAL'
  | 'compactRange'
  | 'checkpoint'
  | 'backup'
  | 'resume'
  | 'catchUp'
  | 'createColumnFamily'
  | 'dropColumnFamily'

/**
 * What subscribers of the tracing channel `rocksdb-live:operation` receive: one object for an operation, the same in
 * each of its events. All but the first four are undefined until they are known, and where they do not apply.
 * It has no key and no value; only `result`, which Node adds, is what the method resolves to or returns.
 *
 * @example
 * ```ts
 * const channel = tracingChannel<unknown, OperationContext>('rocksdb-live:operation')
 * channel.asyncEnd.subscribe((message) => {
 *   const { operation, columnFamily, rows, queueMs } = message as OperationContext
 *   console.log(operation, columnFamily, rows, queueMs)
 * })
 * ```
 */
export interface OperationContext {
  /** What is done. */
  readonly operation: TracedOperation
  /** The path of the database; of one in memory, `memory:` and its name. */
  readonly database: string
  /** The family, where it is one. */
  readonly columnFamily: string | undefined
  /** Whether a `Sync` method does it: it is over with `end` then, and otherwise with `asyncEnd`. */
  readonly sync: boolean
  /** How many operations a batch or a commit has, or how many keys a `getMany`. */
  readonly batchSize: number | undefined
  /** Rows that were found or given. */
  readonly rows: number | undefined
  /** Bytes of the rows: of reads, what was decoded; of writes, what was encoded. */
  readonly bytes: number | undefined
  /** Milliseconds until one of the addon's threads took it; undefined where it was done on this thread. */
  readonly queueMs: number | undefined
  /**
   * Milliseconds of appending to the WAL and syncing it. Of writes that were merged into one, each has that of
   * all.
   */
  readonly walMs: number | undefined
  /** Milliseconds of waiting for the locks of keys. */
  readonly lockMs: number | undefined
  /** Whether a read was answered at once, from memory or the system's page cache, without another thread. */
  readonly cacheHit: boolean | undefined
  /** Added by Node once it is done: what the method returns or resolves to. */
  readonly result?: unknown
  /** Added where it failed. */
  readonly error?: unknown
}

/** @internal An operation as it is filled while it goes on. */
export class Operation implements OperationContext {
  sync = false
  rows: number | undefined = undefined
  bytes: number | undefined = undefined
  queueMs: number | undefined = undefined
  walMs: number | undefined = undefined
  lockMs: number | undefined = undefined
  cacheHit: boolean | undefined = undefined

  constructor(
    readonly operation: TracedOperation,
    public database: string,
    readonly columnFamily: string | undefined = undefined,
    public batchSize: number | undefined = undefined,
  ) {}
}

/** @internal Whoever traces operations subscribes to it. Nobody does: `operations.hasSubscribers` is all that is read. */
export const operations: TracingChannel<unknown, Operation> = tracingChannel<unknown, Operation>(
  'rocksdb-live:operation',
)

// Those of Bun have no such property.
if (!Reflect.has(operations, 'hasSubscribers')) {
  const { start, end, asyncStart, asyncEnd, error } = operations
  const all = [start, end, asyncStart, asyncEnd, error]
  const get = () => all.some((channel) => channel.hasSubscribers)
  Object.defineProperty(operations, 'hasSubscribers', { get })
}
