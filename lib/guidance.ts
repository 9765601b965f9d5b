/** Methods that users of other stores look for on a database, and where they are here. */

/** On a family. */
const ROWS = [
  'get,getSync,getMany,has,put,putSync,set,delete,deleteSync,del,remove,merge,count,clear',
  'entries,keys,values,pages,cursor,iterator,scan,createReadStream',
]
  .join(',')
  .split(',')

function missing(name: string): () => never {
  return () => {
    const message = `A database has no method "${name}": rows are in its column families, as in db.default or db.columnFamily('users')`
    throw Object.assign(new TypeError(message), { code: 'ERR_METHOD_NOT_IMPLEMENTED' })
  }
}

/**
 * What a database inherits: methods that fail, and say where rows are. Not in the published types, so
 * that the compiler says that there is none.
 */
export const pointers: object = Object.freeze(
  Object.assign(
    Object.create(Object.prototype),
    Object.fromEntries(ROWS.map((name) => [name, missing(name)])),
  ),
)
