/** What people do to a library. */
import type { Random } from '../support/random'
import type { Library } from './library'

const VOCABULARY =
  'river bridge winter garden letter captain mountain silver evening harbour window forest candle market'.split(
    ' ',
  )

/** The name of a document by its number. */
export const documentName = (number: number): string =>
  `document-${String(number).padStart(5, '0')}`

/** Writes any document of so many; or deletes it, or all of ten. */
export async function edit(library: Library, documents: number, random: Random): Promise<void> {
  const number = random(documents)
  const id = documentName(number)
  const what = random(100)
  if (what < 2) {
    const end = documentName(number + 10)
    await library.documents.deleteRange(id, end)
  } else if (what < 15) {
    await library.documents.delete(id)
  } else {
    const words = Array.from({ length: 1 + random(6) }, () => VOCABULARY[random(VOCABULARY.length)])
    await library.db.transaction(async (tx) => {
      const edits = ((await tx.get(library.documents, id))?.edits ?? 0) + 1
      tx.put(library.documents, id, { text: words.join(' '), edits })
    })
  }
}
