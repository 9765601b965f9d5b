/** Text that a terminal can be given, whatever is in it. */

/** What moves the cursor, changes colours, reverses the direction, or cannot be seen. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function escaped(character: string): string {
  const code = (character.codePointAt(0) as number).toString(16)
  return NAMED[character] ?? (code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code}`)
}

/** The text with every control character, and every one that cannot be seen, as an escape such as `\x1b`. */
export function printable(text: string): string {
  return text.replace(UNSAFE, escaped)
}

/** `printable`, of a text of many lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

// Wide: East Asian and emoji, two columns each. Marks that combine have none.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u
const MARK = /\p{Mn}|\p{Me}/u

/** How many columns of a terminal a printable text takes. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += columnsOf(character)
  return width
}

function columnsOf(character: string): number {
  if (character < '\u0300') return 1
  if (MARK.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}

/** The beginning of a printable text that takes so many columns at most, with `…` where something is left out. */
export function fitted(text: string, columns: number): string {
  if (text.length <= columns && widthOf(text) <= columns) return text
  let [width, end] = [0, 0]
  for (const character of text) {
    width += columnsOf(character)
    if (width > columns - 1) break
    end += character.length
  }
  return `${text.slice(0, end)}…`
}
