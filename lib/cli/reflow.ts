/** Fits the help into narrower terminals than it is written for. */
import type { Output } from './command'

/** Narrower ones get lines that wrap. */
const LEAST_COLUMNS = 50

/** An output that breaks lines between words where the terminal is narrow. */
export function reflowing(output: Output): Output {
  const columns = output.columns ?? 0
  if (output.isTTY !== true || columns < LEAST_COLUMNS) return output
  return {
    isTTY: true,
    columns,
    write: (text) => output.write(typeof text === 'string' ? reflowed(text, columns) : text),
  }
}

/** A flag or a command, and what stands behind it. */
const ENTRY = /^( {2}\S.*? {2,}| {20,})(\S.*)$/

/** Paragraphs and descriptions in lines of at most so many columns. */
export function reflowed(text: string, columns: number): string {
  const lines = text.split('\n')
  if (lines.every((line) => line.length <= columns)) return text
  const parts: { head: string; words: string; isEntry: boolean }[] = []
  for (const line of lines) {
    const [, head = '', words = line] = ENTRY.exec(line) ?? []
    const last = parts.at(-1)
    const isMore = head.trim() === '' && head !== '' && last?.isEntry === true
    const isSame =
      head === '' && /^\S/.test(line) && last?.isEntry === false && /^\S/.test(last.words)
    if (last !== undefined && (isMore || isSame)) last.words += ` ${words}`
    else parts.push({ head, words, isEntry: head !== '' })
  }
  return parts.map(({ head, words }) => wrapped(head, words, columns)).join('\n')
}

function wrapped(head: string, words: string, columns: number): string {
  const indent = ' '.repeat(head.length)
  const lines: string[] = []
  let line = head
  for (const word of words.split(' ')) {
    const isFirst = line.length === head.length
    if (!isFirst && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = indent + word
    } else {
      line += isFirst ? word : ` ${word}`
    }
  }
  return [...lines, line].join('\n')
}
