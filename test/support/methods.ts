/** Every method of the public API, for calling it in every wrong way. */
import type { Database } from 'rocksdb-live'
import type { BytesFamily } from '../../lib/families'
import { OpenDatabase } from '../../lib/open-database'
import { listOf } from './expectations'

/** Calls a method with options; methods without any ignore them. */
export type Call = (db: Database, family: BytesFamily, options?: never) => unknown

const LISTED = <T>(items: AsyncIterable<T> | Iterable<T>) => listOf(items)

/** The methods of a family that take options of reads, with arguments. */
export const SYNC_READS: Record<string, Call> = {
  getSync: (_, family, options) => family.getSync('key', options),
  getManySync: (_, family, options) => family.getManySync(['key'], options),
  getIntoSync: (_, family, options) => family.getIntoSync('key', Buffer.alloc(8), options),
  hasSync: (_, family, options) => family.hasSync('key', options),
  firstSync: (_, family, options) => family.firstSync(options),
  lastSync: (_, family, options) => family.lastSync(options),
}

export const ASYNC_READS: Record<string, Call> = {
  get: (_, family, options) => family.get('key', options),
  getMany: (_, family, options) => family.getMany(['key'], options),
  getInto: (_, family, options) => family.getInto('key', Buffer.alloc(8), options),
  has: (_, family, options) => family.has('key', options),
  first: (_, family, options) => family.first(options),
  last: (_, family, options) => family.last(options),
  count: (_, family, options) => family.count(options),
}

/** Methods that take ranges; the asynchronous ones are run to their end. */
export const SYNC_SCANS: Record<string, Call> = {
  entriesSync: (_, family, options) => [...family.entriesSync(options)],
  keysSync: (_, family, options) => [...family.keysSync(options)],
  valuesSync: (_, family, options) => [...family.valuesSync(options)],
  pagesSync: (_, family, options) => [...family.pagesSync(options)],
  cursor: (_, family, options) => {
    using cursor = family.cursor(options)
    cursor.seek('a')
    return cursor.next(10)
  },
}

export const ASYNC_SCANS: Record<string, Call> = {
  entries: async (_, family, options) => LISTED(family.entries(options)),
  keys: async (_, family, options) => LISTED(family.keys(options)),
  values: async (_, family, options) => LISTED(family.values(options)),
  pages: async (_, family, options) => LISTED(family.pages(options)),
}

export const SYNC_WRITES: Record<string, Call> = {
  putSync: (_, family, options) => family.putSync('key', 'value', options),
  deleteSync: (_, family, options) => family.deleteSync('key', options),
  deleteRangeSync: (_, family, options) => family.deleteRangeSync('x', 'y', options),
  mergeSync: (_, family, options) => family.mergeSync('key', 'operand', options),
  'batch.writeSync': (db, family, options) => db.batch().put(family, 'k', 'v').writeSync(options),
  'db.writeSync': (db, columnFamily, options) =>
    db.writeSync([{ type: 'put', columnFamily, key: 'k', value: 'v' }], options),
}

/** A conditional write of one operation, without conditions. */
const ONE = { checks: [], operations: [{ type: 'put', key: 'k', value: 'v' }] } as const

export const ASYNC_WRITES: Record<string, Call> = {
  put: (_, family, options) => family.put('key', 'value', options),
  delete: (_, family, options) => family.delete('key', options),
  deleteRange: (_, family, options) => family.deleteRange('x', 'y', options),
  merge: (_, family, options) => family.merge('key', 'operand', options),
  clear: (_, family, options) => family.clear({ prefix: 'key' }, options),
  'batch.write': (db, family, options) => db.batch().put(family, 'k', 'v').write(options),
  'db.write': (db, columnFamily, options) =>
    db.write([{ type: 'put', columnFamily, key: 'k', value: 'v' }], options),
}

/** Transactions that write, and their parts. */
const TRANSACTIONS: Record<string, Call> = {
  transaction: (db, family, options) => db.transaction((tx) => tx.put(family, 'k', 'v'), options),
  transactionSync: (db, family, options) =>
    db.transactionSync((tx) => tx.put(family, 'k', 'v'), options),
  begin: (db, _, options) => db.begin(options).rollback(),
  compareAndWrite: (db, _, options) => db.compareAndWrite(ONE, options),
  compareAndWriteSync: (db, _, options) => db.compareAndWriteSync(ONE, options),
}

/** Everything that takes options. */
export const WITH_OPTIONS = {
  ...SYNC_READS,
  ...ASYNC_READS,
  ...SYNC_SCANS,
  ...ASYNC_SCANS,
  ...SYNC_WRITES,
  ...ASYNC_WRITES,
  ...TRANSACTIONS,
  flushWAL: (db, _, options) => db.flushWAL(options),
  compactRange: (db, family, options) => db.compactRange(family, undefined, options),
  'compactRange range': (db, family, options) => db.compactRange(family, options),
  approximateSize: (db, family, options) => db.approximateSize(family, options),
  'clear range': (_, family, options) => family.clear(options),
  files: (db, _, options) => db.files(options),
  doctor: (db, _, options) => db.doctor(options),
  columnFamily: (db, _, options) => db.columnFamily('default', options as never),
  createColumnFamily: (db, _, options) => db.createColumnFamily('new', options),
  writable: (_, family, options) => family.writable(options).destroy(),
  changes: (db, _, options) => db.changes(options).return(),
  watch: (_, family, options) => family.watch(options).return(),
} satisfies Record<string, Call>

/** Everything that fails once the database is closed. */
export const ALL: Record<string, Call> = {
  ...WITH_OPTIONS,
  writable: (_, family) =>
    new Promise((resolve, reject) => {
      const stream = family.writable()
      stream.on('error', reject).on('finish', resolve)
      stream.end(['key', 'value'])
    }),
  'db.writable': (db) =>
    new Promise((resolve, reject) => {
      const stream = db.writable()
      stream.on('error', reject).on('finish', resolve)
      stream.end({ type: 'put', key: 'key', value: 'value' })
    }),
  columnFamilies: (db) => db.columnFamilies(),
  dropColumnFamily: (db, family) => db.dropColumnFamily(family),
  snapshot: (db) => db.snapshot(),
  transactions: (db) => db.transactions(),
  'changes next': (db) => db.changes({ heartbeatMs: 1 }).next(),
  'watch next': (_, family) => family.watch({ heartbeatMs: 1 }).next(),
  retainChanges: (db) => db.retainChanges('name'),
  retainedChanges: (db) => db.retainedChanges(),
  releaseChanges: (db) => db.releaseChanges('name'),
  property: (db, family) => db.property('rocksdb.stats', family),
  intProperty: (db, family) => db.intProperty('rocksdb.estimate-num-keys', family),
  'intProperty of all': (db) => db.intProperty('rocksdb.estimate-num-keys', { aggregate: true }),
  mapProperty: (db, family) => db.mapProperty('rocksdb.cfstats', family),
  options: (db) => db.options(),
  statistics: (db) => db.statistics(),
  setOptions: (db) => db.setOptions({ maxBackgroundJobs: 3 }),
  'setOptions of one': (db, family) => db.setOptions(family, { writeBufferMb: 32 }),
  health: (db) => db.health,
  healthCause: (db) => db.healthCause,
  flush: (db) => db.flush(),
  'flush one': (db, family) => db.flush(family),
  checkpoint: (db) => db.checkpoint(`${db.path}-copy`),
  resume: (db) => db.resume(),
  catchUp: (db) => db.catchUp(),
  'empty count': (_, family) => family.count({ limit: 0 }),
  'empty scan': (_, family) => [...family.keysSync({ limit: 0 })],
  'empty clear': (_, family) => family.clear({ limit: 0 }),
  'empty getMany': (_, family) => family.getMany([]),
  'empty batch': (db) => db.batch().write(),
  'empty deleteRange': (_, family) => family.deleteRange('a', 'a'),
}

/**
 * The methods and accessors of one of our classes, including those inherited from another of our
 * classes.
 */
export function methodKeysOf(prototype: object): { key: PropertyKey; owner: object }[] {
  const own = Reflect.ownKeys(prototype)
    .filter((key) => key !== 'constructor')
    .map((key) => ({ key, owner: prototype }))
  if (!(prototype instanceof OpenDatabase)) return own
  return [...own, ...methodKeysOf(Object.getPrototypeOf(prototype))]
}

/** The error that a call throws or rejects with; undefined if it succeeds. */
export async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call()
    return undefined
  } catch (error) {
    return error
  }
}
