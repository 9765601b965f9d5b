/** Draws the LSM tree of a family: a line a level, from the first key on the left to the last on the right. */
import { show } from '../formats/decode'
import type { Format } from '../formats/format'
import { fitted, widthOf } from '../formats/printable'
import type { DataFile } from '../types/files'
import { bytesText } from './render'
import type { Style } from './style'
import { ageText, writtenAt } from './words'

/** Files of level 0 overlap, and stand below each other; no more than so many lines. */
const MOST_LINES = 6
const [FULL, LIGHT] = ['█', '▓']

/** One column of a line. */
interface Cell {
  readonly mark: string
  readonly paint: (text: string) => string
}

const EMPTY: Cell = { mark: ' ', paint: (text) => text }

type Table = DataFile & Required<Pick<DataFile, 'level' | 'smallestKey' | 'largestKey'>>

const isTable = (file: DataFile): file is Table => file.kind === 'table'

/** Where keys are: by their places among the first and last keys of all tables. */
class Axis {
  readonly #keys: Buffer[]
  readonly columns: number

  constructor(tables: readonly Table[], columns: number) {
    const all = tables.flatMap(({ smallestKey, largestKey }) => [smallestKey, largestKey])
    this.#keys = all.sort(Buffer.compare)
    this.columns = columns
  }

  get first(): Buffer {
    return this.#keys[0] as Buffer
  }

  get last(): Buffer {
    return this.#keys.at(-1) as Buffer
  }

  /** The columns of a table; each has one at least. */
  of({ smallestKey, largestKey }: Table): [from: number, to: number] {
    const most = Math.max(1, this.#keys.length - 1)
    const at = (place: number) => Math.floor((place / most) * (this.columns - 1))
    const [from, to] = [at(this.#place(smallestKey)), at(this.#end(largestKey))]
    return [from, Math.max(from, to)]
  }

  #place(key: Buffer): number {
    let [low, high] = [0, this.#keys.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (Buffer.compare(this.#keys[middle] as Buffer, key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The last place with this key. */
  #end(key: Buffer): number {
    let at = this.#place(key)
    while (at + 1 < this.#keys.length && this.#keys[at + 1]?.equals(key)) at++
    return at
  }
}

/** A drawing, line by line. */
export function draw(
  files: readonly DataFile[],
  format: Format,
  columns: number,
  style: Style,
): string[] {
  const tables = files.filter(isTable)
  const levels = [...new Set(tables.map(({ level }) => level))].sort((a, b) => a - b)
  const rows = levels.map((level) =>
    factsOf(
      level,
      tables.filter((table) => table.level === level),
    ),
  )
  const left = Math.max(0, ...rows.map(({ left: { length } }) => length))
  const right = Math.max(0, ...rows.map(({ right: { length } }) => length))
  const axis = new Axis(tables, Math.max(10, columns - left - right - 4))
  const lines = tables.length === 0 ? [] : [`${' '.repeat(left + 2)}${ends(axis, format, style)}`]
  for (const { left: name, right: facts, tables: own } of rows) {
    const [first = '', ...others] = linesOf(own, axis, style)
    lines.push(`${style.bold(name.padEnd(left))}  ${first}  ${facts.padStart(right)}`)
    for (const other of others) lines.push(`${' '.repeat(left + 2)}${other}`.trimEnd())
  }
  return lines
}

function factsOf(level: number, tables: readonly Table[]) {
  const bytes = tables.reduce((sum, table) => sum + table.bytes, 0)
  const ages = tables.flatMap((table) => writtenAt(table) ?? [])
  const [newest, oldest] = [ageText(extreme(ages, 1)), ageText(extreme(ages, -1))]
  const age = newest === oldest ? oldest : `${newest} - ${oldest}`
  const count = `${tables.length} ${tables.length === 1 ? 'file ' : 'files'}`
  return { left: `L${level}`, right: `${count} ${bytesText(bytes).padStart(9)}  ${age}`, tables }
}

function extreme(dates: readonly Date[], sign: number): Date | undefined {
  return [...dates].sort((a, b) => sign * (b.getTime() - a.getTime()))[0]
}

/** The first and the last key, over the ends of the lines. */
function ends(axis: Axis, format: Format, { dim }: Style): string {
  const most = Math.max(4, Math.floor(axis.columns / 2) - 1)
  const [first, last] = [axis.first, axis.last].map((key) => fitted(show(format, key).text, most))
  const gap = axis.columns - widthOf(first as string) - widthOf(last as string)
  return dim(`${first}${' '.repeat(Math.max(1, gap))}${last}`)
}

/** The tables of a level, on as few lines as they need. Neighbours differ in how dark they are. */
function linesOf(tables: readonly Table[], axis: Axis, style: Style): string[] {
  const lines: { cells: Cell[]; end: number; count: number }[] = []
  let more = 0
  const sorted = [...tables].sort((a, b) => Buffer.compare(a.smallestKey, b.smallestKey))
  const [level] = sorted.map((table) => table.level)
  for (const table of sorted) {
    const [from, to] = axis.of(table)
    const overlapping = level === 0
    let line = lines.find(({ end }) => !overlapping || end < from)
    if (line === undefined && lines.length < MOST_LINES) {
      line = { cells: new Array<Cell>(axis.columns).fill(EMPTY), end: -1, count: 0 }
      lines.push(line)
    }
    if (line === undefined) {
      more++
      continue
    }
    const mark = line.count++ % 2 === 0 ? FULL : LIGHT
    const cell: Cell = { mark, paint: paintOf(table, style) }
    for (let at = Math.max(from, Math.min(line.end, to)); at <= to; at++) line.cells[at] = cell
    line.end = to
  }
  const drawn = lines.map(({ cells }) => textOf(cells))
  return more === 0 ? drawn : [...drawn, style.dim(`and ${more} more below each other`)]
}

const [HOUR_MS, DAY_MS] = [3_600_000, 86_400_000]

/** The cells of a table are one object, and get their colour at once. */
function textOf(cells: readonly Cell[]): string {
  let [text, from] = ['', 0]
  for (let at = 1; at <= cells.length; at++) {
    const cell = cells[from] as Cell
    if (cells[at] === cell) continue
    text += cell.paint(cell.mark.repeat(at - from))
    from = at
  }
  return text
}

/** By age: an hour, a day, a week, older. */
function paintOf(table: Table, style: Style): Cell['paint'] {
  if (table.beingCompacted) return style.red
  const age = Date.now() - (writtenAt(table)?.getTime() ?? Number.NEGATIVE_INFINITY)
  if (age < HOUR_MS) return style.green
  if (age < DAY_MS) return style.cyan
  return age < 7 * DAY_MS ? style.blue : style.gray
}

/** What the colours mean; nothing where there are none. */
export function legend(style: Style): string {
  const marks = [
    style.green(`${FULL} under an hour old`),
    style.cyan(`${FULL} a day`),
    style.blue(`${FULL} a week`),
    style.gray(`${FULL} older`),
    style.red(`${FULL} being compacted`),
  ]
  return style.red('x') === 'x' ? '' : marks.join('  ')
}
