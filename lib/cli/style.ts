/** Colours, and how wide lines are. */
import { fitted } from '../formats/printable'
import type { Output, Surroundings } from './command'

const CODES = {
  bold: 1,
  dim: 2,
  red: 31,
  green: 32,
  yellow: 33,
  blue: 34,
  cyan: 36,
  gray: 90,
} as const

/** Each takes text, and gives it a colour where the output shows one. */
export type Style = Record<keyof typeof CODES, (text: string) => string>

/** Whether colours are shown: on terminals, unless NO_COLOR asks for none (no-color.org). */
function hasColours(output: Output, env: Surroundings['env']): boolean {
  return output.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
}

export function styleOf(output: Output, env: Surroundings['env']): Style {
  const coloured = hasColours(output, env)
  const entries = Object.entries(CODES).map(([name, code]) => [
    name,
    (text: string) => (coloured && text !== '' ? `\x1b[${code}m${text}\x1b[0m` : text),
  ])
  return Object.fromEntries(entries) as Style
}

const [LEAST_COLUMNS, PIPE_COLUMNS] = [40, 100]

/** How many columns lines have: those of the terminal; of others 100. */
export function columnsOf(output: Output): number {
  if (output.isTTY !== true) return PIPE_COLUMNS
  return Math.max(LEAST_COLUMNS, output.columns || 80)
}

/** Lines, on a terminal cut where it ends. */
export function fitLines(lines: readonly string[], output: Output): string[] {
  if (output.isTTY !== true) return [...lines]
  const columns = columnsOf(output)
  return lines.map((line) => fitted(line, columns))
}
