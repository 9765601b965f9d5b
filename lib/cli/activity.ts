/** Shows that something is going on whose end nobody knows. */
import type { Output } from './command'

/** Work that takes less shows nothing. */
const QUIET_MS = 1000
const EVERY_MS = 250
const COLUMNS = 80
const CLEAR = '\r\x1b[K'

/** A line on a terminal with the seconds so far, from the first second on; nothing elsewhere. */
export async function withActivity<T>(
  output: Output,
  quiet: boolean,
  text: () => string,
  work: () => Promise<T>,
): Promise<T> {
  if (output.isTTY !== true || quiet) return work()
  const begun = performance.now()
  let shown = false
  const show = () => {
    const ms = performance.now() - begun
    if (ms < QUIET_MS) return
    const line = `${text()}, ${Math.floor(ms / 1000)} s`
    output.write(`${CLEAR}${line.slice(0, output.columns || COLUMNS)}`)
    shown = true
  }
  const timer = setInterval(show, EVERY_MS)
  try {
    return await work()
  } finally {
    clearInterval(timer)
    if (shown) output.write(CLEAR)
  }
}
