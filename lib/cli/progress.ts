/** Shows how far a command has come. */
import type { BackupProgress } from '../backup'
import type { Output } from './command'
import { bytesText } from './render'

/** Between two lines where no terminal shows a bar. */
const LINE_MS = 10_000
const BAR_COLUMNS = 24
const COLUMNS = 80
/** Returns to the start of the line, and clears it. */
const CLEAR = '\r\x1b[K'

/** A bar on a terminal; plain lines elsewhere, few of them. */
export class Progress {
  readonly #output: Output
  readonly #quiet: boolean
  readonly #begun = performance.now()
  #told: number
  #barShown = false

  constructor(output: Output, quiet: boolean) {
    this.#output = output
    this.#quiet = quiet
    this.#told = this.#begun
  }

  /** To be called as a copy goes on. */
  readonly update = ({ files, filesDone, bytes, bytesDone }: BackupProgress): void => {
    this.show(shareOf(bytesDone, bytes), (seconds) => {
      const speed = `${bytesText(Math.round(bytesDone / seconds))}/s`
      return `${bytesText(bytesDone)} of ${bytesText(bytes)}, ${filesDone} of ${files} files, ${speed}`
    })
  }

  /**
   * Shows how far something has come: its share of the whole, from 0 to 1, where that is known, and a text of the
   * seconds since it began.
   */
  show(share: number | undefined, textOf: (seconds: number) => string): void {
    if (this.#quiet) return
    const isTerminal = this.#output.isTTY === true
    if (!isTerminal && performance.now() - this.#told < LINE_MS) return
    const seconds = Math.max(0.001, (performance.now() - this.#begun) / 1000)
    const percent = share === undefined ? '' : `${Math.floor(100 * share)} %: `
    const text = `${percent}${textOf(seconds)}`
    if (isTerminal) {
      const bar = share === undefined ? '' : `${barOf(share)} `
      this.#output.write(`${CLEAR}${`${bar}${text}`.slice(0, this.#output.columns || COLUMNS)}`)
      this.#barShown = true
    } else {
      this.#told = performance.now()
      this.#output.write(`${text}\n`)
    }
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#barShown) this.#output.write(CLEAR)
    this.#barShown = false
  }
}

function barOf(share: number): string {
  const filled = Math.floor(BAR_COLUMNS * share)
  return `[${'#'.repeat(filled)}${' '.repeat(BAR_COLUMNS - filled)}]`
}

/** The share of what is done, at most 1; all of nothing is done. */
export function shareOf(done: number, all: number): number {
  return all === 0 ? 1 : Math.min(1, done / all)
}
