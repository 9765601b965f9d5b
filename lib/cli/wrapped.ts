/** Text on several lines. */
import { widthOf } from '../formats/printable'

/** The words of a printable text, on lines of so many columns at most; a longer word is cut into pieces. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap((one) => pieces(one, columns))) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && widthOf(longer) > columns) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return [...lines, line]
}

function pieces(word: string, columns: number): string[] {
  if (widthOf(word) <= columns) return [word]
  const all: string[] = []
  let piece = ''
  for (const character of word) {
    if (widthOf(piece + character) > columns) {
      all.push(piece)
      piece = ''
    }
    piece += character
  }
  return [...all, piece]
}
