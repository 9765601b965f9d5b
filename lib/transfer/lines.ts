/** A stream of bytes, cut into lines. */
import { isUtf8 } from 'node:buffer'
import { failure } from './errors'

/** One line, without its end. */
export interface Line {
  text: string
  /** 1 for the first line. */
  number: number
  /** Where the next line begins, in bytes. */
  end: number
  /** Whether it has no end: the last line of a source may be cut off. */
  last: boolean
}

const NEWLINE = 0x0a
const BOM = '\ufeff'

/** Where lines begin to be counted. */
export interface LineStart {
  byte: number
  line: number
}

/** Lines that came together. */
export async function* linesOf(
  stream: AsyncIterable<Uint8Array>,
  where: string,
  start: LineStart,
  mostBytes: number,
): AsyncGenerator<Line[]> {
  let parts: Buffer[] = []
  let [pending, number, end] = [0, start.line, start.byte]
  const tooLong = () =>
    failure(
      'ERR_NOT_SUPPORTED',
      `line ${number + 1} of ${where} is longer than ${mostBytes / 2 ** 20} MiB: --max-line-mb takes longer ones`,
    )
  const lineOf = (bytes: Buffer, last: boolean): Line => {
    number++
    end += bytes.length + (last ? 0 : 1)
    if (bytes.length > mostBytes) throw tooLong()
    if (!isUtf8(bytes)) {
      throw failure('ERR_CORRUPTION', `line ${number} of ${where} is no UTF-8`)
    }
    const text = bytes.toString('utf8').replace(/\r$/, '')
    return { text: number === 1 && text.startsWith(BOM) ? text.slice(1) : text, number, end, last }
  }
  for await (const given of stream) {
    const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength)
    const lines: Line[] = []
    let at = 0
    for (let stop = bytes.indexOf(NEWLINE); stop >= 0; stop = bytes.indexOf(NEWLINE, at)) {
      const rest = bytes.subarray(at, stop)
      lines.push(lineOf(parts.length === 0 ? rest : Buffer.concat([...parts, rest]), false))
      parts = []
      pending = 0
      at = stop + 1
    }
    if (at < bytes.length) parts.push(bytes.subarray(at))
    pending += bytes.length - at
    if (pending > mostBytes) throw tooLong()
    if (lines.length > 0) yield lines
  }
  if (pending > 0) yield [lineOf(Buffer.concat(parts), true)]
}
