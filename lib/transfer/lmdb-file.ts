/** What the first two pages of an LMDB file say. LMDB maps files: one that is cut off would end the process. */
import { statSync } from 'node:fs'
import { headOf, LMDB_MAGIC, MAGIC_AT } from './detect'
import { failure } from './errors'

/** Where a page of LMDB's has what (mdb.c: MDB_meta behind the page's header). */
const [PAGE_SIZE_AT, LAST_PAGE_AT, TRANSACTION_AT, META_BYTES] = [48, 144, 152, 160]
const [SMALLEST_PAGE, LARGEST_PAGE] = [256, 65_536]

interface Meta {
  lastPage: bigint
  transaction: bigint
}

function metaOf(bytes: Buffer): Meta | undefined {
  if (bytes.length < META_BYTES || bytes.readUInt32LE(MAGIC_AT) !== LMDB_MAGIC) return undefined
  return {
    lastPage: bytes.readBigUInt64LE(LAST_PAGE_AT),
    transaction: bytes.readBigUInt64LE(TRANSACTION_AT),
  }
}

/**
 * The number of the last transaction in a file. Fails with `ERR_CORRUPTION` where the file is shorter than the pages
 * that it is said to have.
 */
export function lastTransactionOf(file: string): string {
  const damaged = (what: string) =>
    failure('ERR_CORRUPTION', `the LMDB file ${file} is damaged: ${what}`)
  const first = headOf(file, META_BYTES)
  if (metaOf(first) === undefined) throw damaged('its first page is not one of LMDB')
  const pageBytes = first.readUInt32LE(PAGE_SIZE_AT)
  const isPower = (pageBytes & (pageBytes - 1)) === 0
  if (pageBytes < SMALLEST_PAGE || pageBytes > LARGEST_PAGE || !isPower) {
    throw damaged(`its pages are said to have ${pageBytes} bytes`)
  }
  const second = headOf(file, pageBytes + META_BYTES).subarray(pageBytes)
  const metas = [metaOf(first), metaOf(second)].filter((meta) => meta !== undefined)
  const newest = metas.reduce((a, b) => (b.transaction > a.transaction ? b : a))
  const { size } = statSync(file)
  const needed = (newest.lastPage + 1n) * BigInt(pageBytes)
  if (BigInt(size) < needed) throw damaged(`it has ${size} bytes, and its pages take ${needed}`)
  return String(newest.transaction)
}

/** What the value of a row in the main database says, where it may be a database (MDB_db). */
export function databaseFlags(value: Uint8Array): number | undefined {
  if (value.length !== 48) return undefined
  return Buffer.from(value.buffer, value.byteOffset, value.length).readUInt16LE(4)
}

/** MDB_DUPSORT and MDB_INTEGERKEY. */
export const [SEVERAL_VALUES, INTEGER_KEYS] = [0x04, 0x08]
