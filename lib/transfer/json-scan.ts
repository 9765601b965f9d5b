/** The text of a property's value in a JSON object, as it stands there. */

/** Passes over a string that begins at `at`. */
function endOfString(text: string, at: number): number {
  for (let i = at + 1; ; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === '"') return i + 1
  }
}

/** Passes over the value that begins at `at`, to the comma or the bracket behind it. */
function endOfValue(text: string, at: number): number {
  let depth = 0
  for (let i = at; ; ) {
    const each = text[i]
    if (each === '"') i = endOfString(text, i)
    else if (depth === 0 && (each === ',' || each === '}')) return i
    else {
      if (each === '{' || each === '[') depth++
      if (each === '}' || each === ']') depth--
      i++
    }
  }
}

/**
 * The text of the last property of that name, without the spaces around it. The line must be an object that
 * `JSON.parse` takes. Numbers keep every digit so.
 */
export function rawProperty(line: string, name: string): string {
  let found = ''
  for (let at = line.indexOf('{') + 1; ; ) {
    const quote = line.indexOf('"', at)
    if (quote < 0) return found
    const end = endOfString(line, quote)
    const begin = line.indexOf(':', end) + 1
    const stop = endOfValue(line, begin)
    if (JSON.parse(line.slice(quote, end)) === name) found = line.slice(begin, stop).trim()
    if (line[stop] === '}') return found
    at = stop + 1
  }
}
