/** The library: documents that anybody may write, and the families in which the index of them is. */
import { Database, json } from 'rocksdb-live'

/** A document. */
export interface Document {
  text: string
  /** How often it was written since it was made. */
  edits: number
}

/** What the index knows of a document. */
export interface Indexed {
  /** Its words, so that they are found again once it is written or deleted. */
  words: string[]
  /** How often the index has seen it written: as often as `Document.edits`, unless it took a change twice. */
  edits: number
}

const families = {
  documents: { key: 'utf8', value: json<Document>() },
  /** The index: a row for each word of each document, `word/document`. */
  words: { key: 'utf8', value: 'utf8' },
  /** What is in the index of each document. */
  indexed: { key: 'utf8', value: json<Indexed>() },
  /** How far the index has come: its token. */
  marks: { key: 'utf8', value: 'utf8' },
} as const

/** Opens a library; makes it where there is none. */
export async function openLibrary(path: string) {
  const db = await Database.open(path, {
    columnFamilies: families,
    // What the index has not seen yet is kept by its named place; this turns that on.
    tuning: { changesRetainMb: 16 },
  })
  return {
    db,
    documents: db.columnFamily('documents'),
    words: db.columnFamily('words'),
    indexed: db.columnFamily('indexed'),
    /** The same rows by the bytes of their keys: ranges that were deleted may end between keys. */
    indexedByBytes: db.columnFamily('indexed', { key: 'buffer', value: json<Indexed>() }),
    marks: db.columnFamily('marks'),
  }
}

/** A library that is open. */
export type Library = Awaited<ReturnType<typeof openLibrary>>

/** The words of a text, each once. */
export function wordsOf(text: string): string[] {
  return [...new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])]
}
