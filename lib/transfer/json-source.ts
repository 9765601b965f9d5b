/** Rows of JSON lines: of a file, of one that gzip has packed, or of standard input. */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream, realpathSync, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { checkKind, headOf, STDIN } from './detect'
import { codeOf, failure, textOf } from './errors'
import { isRow, LineProblem, readLine } from './json-lines'
import { type Line, linesOf } from './lines'
import {
  type Chunk,
  Collector,
  type FamilyShape,
  type Json,
  type Row,
  type Source,
  type SourceOptions,
} from './rows'

/** The longest line by default. */
const LINE_BYTES = 64 << 20
/** Bytes that are read at a time. */
const READ_BYTES = 256 << 10

interface Place {
  byte: number
  line: number
  /** Of standard input: the sum of all lines until here. */
  sum?: string
}

const START: Place = { byte: 0, line: 0 }

/** Bytes of a file from one on, or those that gzip has packed into it. */
function bytesOf(path: string, packed: boolean, start: number): Readable {
  const file = createReadStream(path, { highWaterMark: READ_BYTES, start: packed ? 0 : start })
  if (!packed) return file
  const unpacked = createGunzip({ chunkSize: READ_BYTES })
  file.on('error', (error) => unpacked.destroy(error))
  unpacked.on('close', () => file.destroy())
  return file.pipe(unpacked)
}

const isPacked = (head: Uint8Array) => head[0] === 0x1f && head[1] === 0x8b

class JsonSource implements Source {
  readonly kind = 'jsonl'
  readonly unique = false
  readonly again: boolean
  readonly identity: Source['identity']
  readonly total: { bytes?: number }
  readonly #families = new Map<string, FamilyShape>()
  readonly #options: Parameters<typeof readLine>[1]
  readonly #mostBytes: number
  readonly #packed: boolean
  /** Of standard input alone. */
  #input: AsyncGenerator<Line[]> | undefined

  constructor(
    readonly where: string,
    stream: Readable | undefined,
    options: SourceOptions,
  ) {
    const { into = 'default', jsonValues = false, maxLineBytes = LINE_BYTES } = options
    this.#options = { family: into, jsonValues }
    this.#mostBytes = maxLineBytes
    this.again = stream === undefined
    const coding = { into, jsonValues }
    if (stream === undefined) {
      const { size, mtimeMs, ino } = statSync(where)
      this.#packed = isPacked(headOf(where, 2))
      this.identity = { path: where, state: `${size} ${mtimeMs} ${ino}`, ...coding }
      this.total = this.#packed ? {} : { bytes: size }
    } else {
      this.#packed = false
      this.#input = linesOf(stream, where, START, maxLineBytes)
      this.identity = { path: STDIN, ...coding }
      this.total = {}
    }
  }

  get families(): readonly FamilyShape[] {
    return [...this.#families.values()]
  }

  /** Reads the families that the first lines name. */
  async readHead(): Promise<void> {
    const input = this.#input ?? this.#lines(START)
    const first = await this.#explained(() => input.next())
    const lines = first.done === true ? [] : first.value
    for (const line of lines) {
      if (line.text.trim() === '') continue
      const said = this.#read(line)
      if (isRow(said)) break
      this.#families.set(said.name, said)
    }
    if (this.#input === undefined) await input.return(undefined)
    else this.#input = withFirst(lines, input)
  }

  async *chunks(after: Json | undefined): AsyncGenerator<Chunk> {
    const place = (after as unknown as Place | undefined) ?? START
    const whole = this.#input !== undefined
    const lines = this.#input ?? this.#lines(place)
    const sum = whole ? createHash('sha256') : undefined
    const collector = new Collector()
    let behind: Place = place
    // Whether what is behind the place is known to follow what was before it.
    let known = place === START
    let reached = whole || this.#packed ? 0 : place.byte
    try {
      for (;;) {
        const next = await this.#explained(() => lines.next())
        if (next.done === true) break
        for (const line of next.value) {
          sum?.update(`${line.text}\n`)
          reached = line.end
          if (line.end < place.byte) continue
          if (!known) {
            known = true
            this.#checkPlace(place, line, sum)
            if (line.end === place.byte) continue
          }
          behind = { byte: line.end, line: line.number }
          const row = line.text.trim() === '' ? undefined : this.#row(line)
          if (row !== undefined && collector.add(row)) yield this.#take(collector, behind, sum)
        }
      }
      if (reached < place.byte) throw this.#otherInput()
      if (collector.rows.length > 0) yield this.#take(collector, behind, sum)
    } finally {
      await lines.return(undefined)
    }
  }

  async close(): Promise<void> {
    await this.#input?.return(undefined)
  }

  #take(collector: Collector, place: Place, sum: Hash | undefined): Chunk {
    const text = sum === undefined ? {} : { sum: sum.copy().digest('base64') }
    return collector.take({ byte: place.byte, line: place.line, ...text })
  }

  /** Fails where the lines up to a place are not those that were there before. */
  #checkPlace(place: Place, line: Line, sum: Hash | undefined): void {
    if (sum === undefined) return
    const same = line.end === place.byte && sum.copy().digest('base64') === place.sum
    if (!same) throw this.#otherInput()
  }

  #otherInput(): Error {
    return failure(
      'ERR_INVALID_ARGUMENT',
      'standard input is not what the import began with: give it the same lines from the first on, or begin anew with --restart',
    )
  }

  #lines(place: Place): AsyncGenerator<Line[]> {
    const start = this.#packed ? START : place
    const stream = bytesOf(this.where, this.#packed, start.byte)
    return linesOf(stream, this.where, start, this.#mostBytes)
  }

  /** The row of a line; undefined where it is of a family. */
  #row(line: Line): Row | undefined {
    const said = this.#read(line)
    if (isRow(said)) return said
    this.#families.set(said.name, said)
    return undefined
  }

  #read(line: Line): Row | FamilyShape {
    try {
      return readLine(line.text, this.#options)
    } catch (error) {
      if (!(error instanceof LineProblem)) throw error
      const which = `line ${line.number} of ${this.where}`
      const cut = line.last && error.message === 'is no JSON'
      const problem = cut ? 'is cut off: it has no end, and is no JSON' : error.message
      throw failure('ERR_CORRUPTION', `${which} ${problem}`)
    }
  }

  async #explained<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      const code = codeOf(error)
      if (/^Z_|^ERR_ZLIB/.test(code)) {
        throw failure('ERR_CORRUPTION', `${this.where} is damaged: ${textOf(error)} (gzip)`, error)
      }
      if (code.startsWith('ERR_')) throw error
      throw failure('ERR_IO', `${this.where} cannot be read: ${textOf(error)}`, error)
    }
  }
}

async function* withFirst(first: Line[], rest: AsyncGenerator<Line[]>): AsyncGenerator<Line[]> {
  try {
    yield first
    yield* rest
  } finally {
    await rest.return(undefined)
  }
}

/** Unpacks standard input where gzip has packed it. */
async function inputOf(stream: Readable): Promise<Readable> {
  for await (const first of stream.iterator({ destroyOnReturn: false })) {
    stream.unshift(first)
    return isPacked(first) ? stream.pipe(createGunzip({ chunkSize: READ_BYTES })) : stream
  }
  return stream
}

/** Opens JSON lines: a file, or `-` for standard input. */
export async function openJson(path: string, options: SourceOptions): Promise<Source> {
  const input = path === STDIN ? await inputOf(process.stdin) : undefined
  if (input === undefined) checkKind(path, 'jsonl')
  const where = input === undefined ? realpathSync(path) : 'standard input'
  const source = new JsonSource(where, input, options)
  await source.readHead()
  return source
}
