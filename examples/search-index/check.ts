/** The check: an index that was kept up to date is the one that is made anew. */
import { type Library, wordsOf } from './library'

/** What a check found. */
export interface Check {
  documents: number
  /** Rows of the index. */
  rows: number
  /** What is wrong, a sentence each. */
  problems: string[]
}

/** Compares the index with the documents. Nothing may be written meanwhile, and the index have come to its end. */
export async function check(library: Library): Promise<Check> {
  const problems: string[] = []
  const expected = new Set<string>()
  const edits = new Map<string, number>()
  for await (const [id, document] of library.documents.entries()) {
    edits.set(id, document.edits)
    for (const word of wordsOf(document.text)) expected.add(`${word}/${id}`)
  }
  const documents = edits.size
  for await (const [id, { edits: seen }] of library.indexed.entries()) {
    const written = edits.get(id)
    if (written === undefined) problems.push(`${id} is in the index, and is no document`)
    else if (seen !== written) problems.push(`${id} was written ${written} times, and seen ${seen}`)
    edits.delete(id)
  }
  for (const id of edits.keys()) problems.push(`${id} is not in the index`)
  let rows = 0
  for await (const key of library.words.keys()) {
    rows++
    if (!expected.delete(key)) problems.push(`the row ${key} is of no document`)
  }
  for (const key of expected) problems.push(`the row ${key} is missing`)
  return { documents, rows, problems }
}
