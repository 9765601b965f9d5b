/** Shows how far a copy has come. */
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

  /** To be called as the copy goes on. */
  readonly update = (progress: BackupProgress): void => {
    if (this.#quiet) return
    const text = this.#textOf(progress)
    if (this.#output.isTTY === true) {
      const bar = barOf(progress)
      this.#output.write(`${CLEAR}${`${bar} ${text}`.slice(0, this.#output.columns || COLUMNS)}`)
      this.#barShown = true
    } else if (performance.now() - this.#told >= LINE_MS) {
      this.#told = performance.now()
      this.#output.write(`${text}\n`)
    }
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#barShown) this.#output.write(CLEAR)
    this.#barShown = false
  }

  #textOf({ files, filesDone, bytes, bytesDone }: BackupProgress): string {
    const seconds = Math.max(0.001, (performance.now() - this.#begun) / 1000)
    const speed = `${bytesText(Math.round(bytesDone / seconds))}/s`
    const percent = `${Math.floor(100 * shareOf(bytesDone, bytes))} %`
    return `${percent}: ${bytesText(bytesDone)} of ${bytesText(bytes)}, ${filesDone} of ${files} files, ${speed}`
  }
}

function barOf({ bytes, bytesDone }: BackupProgress): string {
  const filled = Math.floor(BAR_COLUMNS * shareOf(bytesDone, bytes))
  return `[${'#'.repeat(filled)}${' '.repeat(BAR_COLUMNS - filled)}]`
}

function shareOf(done: number, all: number): number {
  return all === 0 ? 1 : Math.min(1, done / all)
}
