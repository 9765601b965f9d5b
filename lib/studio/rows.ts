/** Pages of rows: never more than a page is read for a request, whatever the rows hold. */
import type { CodecImplementation } from '../codecs/codec'
import { codecOf } from '../codecs/codecs'
import { makeCodec } from '../codecs/made'
import { handleOf } from '../column-family'
import type { Snapshot } from '../connection/snapshot'
import type { Database } from '../database'
import type { BytesFamily } from '../families'
import type { Codec } from '../types/codecs'
import { codeOf } from './code'
import { Refused } from './exchange'
import { fieldsOf, hexIn, textIn } from './given'
import type { RowDetail, RowsView, RowView } from './protocol'
import { cellOf, type Shape, type Shapes } from './shapes'

/** Rows of a page. */
export const PAGE_ROWS = 100
/** Of keys and of values that a page reads, after which it ends, or shows keys alone. */
const PAGE_KEY_BYTES = 4 << 20
const PAGE_VALUE_BYTES = 32 << 20
/** Of each key or value in a page. */
const CELL_BYTES = 1024
/** Of a value that is looked at alone. */
export const DETAIL_BYTES = 256 << 10

/** The beginning of a value, and how long all of it is. */
export class Head {
  constructor(
    readonly bytes: Buffer,
    readonly size: number,
  ) {}
}

/** Reads the beginnings of values: the rest is not copied. */
function headCodec(most: number): Codec<Head, never> {
  const plain = codecOf('value', 'buffer', 'value')
  const implementation: CodecImplementation = {
    copies: true,
    prefixes: plain.prefixes,
    prepare: plain.prepare.bind(plain),
    guess: plain.guess.bind(plain),
    append: plain.append.bind(plain),
    read: (bytes, start, end) =>
      new Head(Buffer.from(bytes.subarray(start, Math.min(end, start + most))), end - start),
  }
  return makeCodec(() => implementation) as Codec<Head, never>
}

const pageHeads = headCodec(CELL_BYTES)
const detailHeads = headCodec(DETAIL_BYTES)

/** A family of bytes; 404 where there is none. */
export function bytesFamily(db: Database, name: string): BytesFamily {
  return db.columnFamily(known(db, name), { key: 'buffer', value: 'buffer' }) as BytesFamily
}

function known(db: Database, name: string): string {
  if (db.columnFamilies().includes(name)) return name
  throw new Refused(
    404,
    'ERR_INVALID_ARGUMENT',
    `there is no column family ${JSON.stringify(name)}`,
  )
}

function headsOf(db: Database, name: string, codec: Codec<Head, never>) {
  return db.columnFamily(known(db, name), { key: 'buffer', value: codec })
}

/** The first bytes behind all that begin with these; undefined where there are none. */
export function behind(prefix: Buffer): Buffer | undefined {
  let end = prefix.length
  while (end > 0 && prefix[end - 1] === 0xff) end--
  if (end === 0) return undefined
  const next = Buffer.from(prefix.subarray(0, end))
  next[end - 1] = (next[end - 1] as number) + 1
  return next
}

interface Bounds {
  gte?: Buffer
  gt?: Buffer
  lt?: Buffer
  lte?: Buffer
}

const later = (a: Buffer | undefined, b: Buffer | undefined) =>
  a === undefined || (b !== undefined && Buffer.compare(b, a) > 0) ? b : a

/** The range of a page. */
function boundsOf(
  prefix: Buffer,
  { from, seek, reverse }: { from: Buffer | undefined; seek: Buffer | undefined; reverse: boolean },
): Bounds {
  const end = behind(prefix)
  if (!reverse) {
    if (from !== undefined) return { gt: from, ...(end && { lt: end }) }
    return { gte: later(prefix, seek) ?? prefix, ...(end && { lt: end }) }
  }
  if (from !== undefined) return { gte: prefix, lt: from }
  const seeks = seek !== undefined && (end === undefined || Buffer.compare(seek, end) < 0)
  return { gte: prefix, ...(seeks ? { lte: seek } : end && { lt: end }) }
}

/** A page of rows. */
export async function rowsOf(
  db: Database,
  shapes: Shapes,
  body: unknown,
  signal: AbortSignal,
): Promise<RowsView> {
  const given = fieldsOf(body)
  const name = textIn(given, 'family')
  const family = headsOf(db, name, pageHeads)
  const keyShape = shapes.shape(name, 'key', textIn(given, 'keyFormat'))
  const valueShape = shapes.shape(name, 'value', textIn(given, 'valueFormat'))
  const reverse = given['reverse'] === true
  const prefix = keyShape.prefix(textIn(given, 'prefix', '') || '0x')
  const seekText = textIn(given, 'seek', '')
  const seek = seekText === '' ? undefined : keyShape.prefix(seekText)
  const from = given['from'] === undefined ? undefined : hexIn(given, 'from')
  using snapshot = db.snapshot()
  const bounds = boundsOf(prefix, { from, seek, reverse })
  const keys: Buffer[] = []
  let keyBytes = 0
  const options = { ...bounds, reverse, limit: PAGE_ROWS, snapshot, signal }
  for await (const key of family.keys(options)) {
    keys.push(Buffer.from(key))
    keyBytes += key.length
    if (keyBytes > PAGE_KEY_BYTES) break
  }
  const rows = await withValues(family, keys, { snapshot, signal, keyShape, valueShape })
  const full = keys.length === PAGE_ROWS || keyBytes > PAGE_KEY_BYTES
  return { rows, next: full ? keys.at(-1)?.toString('hex') : undefined, read: keys.length }
}

interface Showing {
  snapshot: Snapshot
  signal: AbortSignal
  keyShape: Shape
  valueShape: Shape
}

/** One value after the other, so that no more than one long one is in memory. */
async function withValues(
  family: ReturnType<typeof headsOf>,
  keys: readonly Buffer[],
  { snapshot, signal, keyShape, valueShape }: Showing,
): Promise<RowView[]> {
  const rows: RowView[] = []
  let left = PAGE_VALUE_BYTES
  for (const key of keys) {
    const head = left > 0 ? await family.get(key, { snapshot, signal }) : undefined
    left -= head?.size ?? 0
    rows.push({
      key: cellOf(keyShape, key.subarray(0, CELL_BYTES), key.length),
      value: head && cellOf(valueShape, head.bytes, head.size),
    })
  }
  return rows
}

/** One row, with more of its value, when it expires, and code that reads it. */
export async function rowOf(
  db: Database,
  shapes: Shapes,
  body: unknown,
  signal: AbortSignal,
): Promise<RowDetail> {
  const given = fieldsOf(body)
  const name = textIn(given, 'family')
  const family = headsOf(db, name, detailHeads)
  const keyShape = shapes.shape(name, 'key', textIn(given, 'keyFormat'))
  const valueShape = shapes.shape(name, 'value', textIn(given, 'valueFormat'))
  const key = hexIn(given, 'key')
  const head = await family.get(key, { signal })
  if (head === undefined) throw new Refused(404, 'ERR_NOT_FOUND', 'the row is no longer there')
  const doesExpire = handleOf(family).envelope !== undefined
  const at = doesExpire ? await family.expiresAt(key, { signal }) : undefined
  const value = cellOf(valueShape, head.bytes, head.size)
  const row: RowView = { key: cellOf(keyShape, key), value }
  const expiresAt = doesExpire ? (at?.toISOString() ?? null) : undefined
  return { row, expiresAt, code: codeOf(name, row, keyShape.name, valueShape.name) }
}
