/** Methods that users look for where they are not, and their counterparts here. */

const ROWS = "rows are in its column families, as in db.default or db.columnFamily('users')"
const FUNCTION =
  'db.transaction(async (tx) => { … }) runs a function and commits, db.begin() is by hand'
const LOCK = 'in a transaction, tx.get(family, key, { forUpdate: true }) locks a key'
const SAVEPOINT =
  'in a transaction, tx.savepoint(async () => { … }) is a part that is taken back alone'
const COMPARE = 'db.compareAndWrite({ checks, operations }) writes where keys hold what is expected'
const CHANGES =
  "db.changes() gives what is committed, and db.columnFamily('users').watch() what happens in a range"

/** The hint for each name. */
const HINTS: readonly (readonly [hint: string, names: string])[] = [
  [ROWS, 'get,getSync,getMany,has,put,putSync,set,delete,deleteSync,del,remove,merge,count,clear'],
  [ROWS, 'entries,keys,values,pages,cursor,iterator,scan,createReadStream'],
  [FUNCTION, 'beginTransaction,startTransaction,transact,transactionAsync'],
  [LOCK, 'getForUpdate,lock'],
  [SAVEPOINT, 'childTransaction,savepoint'],
  [CHANGES, 'watch,subscribe,createHistoryStream,createLiveStream,changeStream,getUpdatesSince'],
  [COMPARE, 'compareAndSet,compareAndSwap,putIfAbsent,ifNoExists,ifVersion'],
]

const COUNTERS = 'a family has it that was opened with value: counter()'

function missing(whose: string, name: string, hint: string): () => never {
  return () => {
    const message = `${whose} has no method "${name}": ${hint}`
    throw Object.assign(new TypeError(message), { code: 'ERR_METHOD_NOT_IMPLEMENTED' })
  }
}

/**
 * Inherited by databases: methods that fail and name their counterpart. They are not in the
 * published types, so that the compiler reports them as missing.
 */
export const pointers: object = pointersOf('A database', HINTS)

/** The same of families. */
export const familyPointers: object = pointersOf('This column family', [
  [COUNTERS, 'increment,incrementSync'],
])

function pointersOf(
  whose: string,
  hints: readonly (readonly [hint: string, names: string])[],
): object {
  const methods = hints.flatMap(([hint, names]) =>
    names.split(',').map((name) => [name, missing(whose, name, hint)]),
  )
  return Object.freeze(Object.assign(Object.create(Object.prototype), Object.fromEntries(methods)))
}
