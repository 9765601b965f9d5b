/** The five column families of a chain, with the types of their keys and values. */
import type { Database } from 'rocksdb-live'
import {
  blockEncoding,
  coinEncoding,
  compactIndexEncoding,
  type Encoding,
  headerEncoding,
  numberEncoding,
  textEncoding,
  tipEncoding,
  undoEncoding,
} from './encoding.mjs'
import { blockKey, coinKey, headerKey, metaKey, tagKey, undoKey } from './keys.mjs'

export const FAMILIES = {
  /** Of the chain, by height. */
  HEADERS: { key: headerKey, value: headerEncoding },
  /** Of all branches, by hash. */
  BLOCKS: { key: blockKey, value: blockEncoding },
  /** The outputs that are not spent. */
  UTXO: { key: coinKey, value: coinEncoding },
  /** Tags of what was spent, with the height of the block that did. */
  LINKTAG: { key: tagKey, value: numberEncoding },
  /** The tip, and what the database is. Values have an encoding for each name. */
  META: { key: metaKey, value: 'buffer' },
} as const

/** Their names. */
export const FAMILY_NAMES = Object.keys(FAMILIES)

/** The rows of META, by name. */
export const META = {
  tip: tipEncoding,
  compact_index: compactIndexEncoding,
  schema_version: numberEncoding,
  network: textEncoding,
} as const

export type MetaName = keyof typeof META
export type MetaValue<N extends MetaName> = (typeof META)[N] extends Encoding<infer T> ? T : never

/** The open database, with the types of its families. */
export type ChainDatabase = Database<typeof FAMILIES>

/** The families of an open database, looked up once. */
export function familiesOf(db: ChainDatabase) {
  return {
    headers: db.columnFamily('HEADERS'),
    blocks: db.columnFamily('BLOCKS'),
    /** What each block of the chain spent: rows of their own kind in the family of the blocks. */
    undo: db.columnFamily('BLOCKS', { key: undoKey, value: undoEncoding }),
    utxo: db.columnFamily('UTXO'),
    tags: db.columnFamily('LINKTAG'),
    meta: db.columnFamily('META'),
  }
}

/** What `familiesOf` gives. */
export type ChainFamilies = ReturnType<typeof familiesOf>
