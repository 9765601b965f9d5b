/** Rows as `scan` prints them: for people, for other programs, as JSON. */
import { fitted, widthOf } from '../formats/printable'
import type { Surroundings } from './command'
import type { Shown } from './formats'
import { bytesText } from './render'
import { columnsOf, type Style, styleOf } from './style'
import { keyLine, lineOf, memberOf, type Undecoded } from './values'

/** A row in bytes. */
export interface Row {
  key: Buffer
  value?: Buffer
  /** null for never. */
  expiresAt?: Date | null
}

interface Asked {
  json?: boolean | undefined
  full?: boolean | undefined
  expires?: boolean | undefined
}

/** Of the columns of a terminal, keys take at most this share. */
const KEY_SHARE = 0.5
const GAP = '  '

/** Returns a function that makes text of rows. */
export function rowsWriter(
  shown: Shown,
  asked: Asked,
  { stdout, env }: Surroundings,
  undecoded: Undecoded,
): (rows: readonly Row[]) => string {
  if (asked.json) return (rows) => rows.map((row) => jsonOf(shown, row, undecoded)).join('')
  if (stdout.isTTY !== true) {
    return (rows) => rows.map((row) => tabbed(shown, asked, row, undecoded)).join('')
  }
  const table = new Table(shown, asked, columnsOf(stdout), styleOf(stdout, env), undecoded)
  return (rows) => table.textOf(rows)
}

function jsonOf({ key, value }: Shown, row: Row, undecoded: Undecoded): string {
  const members = {
    ...memberOf('key', key, row.key, undecoded),
    ...(row.value === undefined ? {} : memberOf('value', value, row.value, undecoded)),
    ...(row.expiresAt === undefined ? {} : { expiresAt: row.expiresAt }),
  }
  return `${JSON.stringify(members)}\n`
}

function momentOf({ expiresAt }: Row): string {
  return expiresAt?.toISOString() ?? 'never'
}

function tabbed(
  { key, value }: Shown,
  { full = false, expires = false }: Asked,
  row: Row,
  undecoded: Undecoded,
): string {
  const cells = [
    keyLine(key, row.key, undecoded),
    ...(row.value === undefined ? [] : [lineOf(value, row.value, full, undecoded)]),
    ...(expires ? [momentOf(row)] : []),
  ]
  return `${cells.join('\t')}\n`
}

/** Columns of a terminal: as wide as the keys that came first. */
class Table {
  readonly #shown: Shown
  readonly #asked: Asked
  readonly #columns: number
  readonly #style: Style
  readonly #undecoded: Undecoded
  #keyColumns: number | undefined

  constructor(shown: Shown, asked: Asked, columns: number, style: Style, undecoded: Undecoded) {
    this.#shown = shown
    this.#asked = asked
    this.#columns = columns
    this.#style = style
    this.#undecoded = undecoded
  }

  textOf(rows: readonly Row[]): string {
    const keys = rows.map((row) => keyLine(this.#shown.key, row.key, this.#undecoded))
    this.#keyColumns ??= Math.min(
      Math.max(...keys.map(widthOf)),
      Math.floor(this.#columns * KEY_SHARE),
    )
    return rows.map((row, at) => `${this.#line(keys[at] as string, row)}\n`).join('')
  }

  #line(key: string, row: Row): string {
    const { bold, dim } = this.#style
    const { full = false, expires } = this.#asked
    const most = this.#keyColumns as number
    if (row.value === undefined) return bold(full ? key : fitted(key, this.#columns))
    const shownKey = full ? key : fitted(key, most)
    const moment = expires ? `${momentOf(row).padEnd(24)}${GAP}` : ''
    const padding = ' '.repeat(Math.max(0, most - widthOf(shownKey)))
    const left = this.#columns - Math.max(most, widthOf(shownKey)) - 2 * GAP.length - moment.length
    return `${bold(shownKey)}${padding}${GAP}${dim(moment)}${this.#value(row.value, full, left)}`
  }

  /** The value in what is left of the line; where it is cut, its size stands behind. */
  #value(bytes: Buffer, full: boolean, columns: number): string {
    const text = lineOf(this.#shown.value, bytes, full, this.#undecoded)
    if (full || (text.length <= columns && widthOf(text) <= columns)) return text
    const size = ` ${bytesText(bytes.length)}`
    return `${fitted(text, Math.max(1, columns - size.length))}${this.#style.dim(size)}`
  }
}
