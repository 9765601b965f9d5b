/** The last sequence number that a LevelDB's manifest has: each write raises it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const BLOCK = 32_768
const HEADER = 7
/** Tags of LevelDB's version edits (db/version_edit.cc). */
const [COMPARATOR, LOG, NEXT_FILE, LAST_SEQUENCE, POINTER, DELETED, ADDED, PREVIOUS_LOG] = [
  1, 2, 3, 4, 5, 6, 7, 9,
]
const [FIRST, MIDDLE] = [2, 3]

/** The records of a log, without a look at their checksums: LevelDB has just read them. */
function* recordsOf(log: Buffer): Generator<Buffer> {
  let parts: Buffer[] = []
  let at = 0
  while (at + HEADER <= log.length) {
    const left = BLOCK - (at % BLOCK)
    const length = log.readUInt16LE(at + 4)
    const type = log[at + 6] ?? 0
    if (left < HEADER || (length === 0 && type === 0)) {
      at += left
      continue
    }
    parts.push(log.subarray(at + HEADER, at + HEADER + length))
    at += HEADER + length
    if (type === FIRST || type === MIDDLE) continue
    yield Buffer.concat(parts)
    parts = []
  }
}

/** Reads numbers and texts from a version edit. */
class Reader {
  #at = 0
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  number(): bigint {
    let [value, shift] = [0n, 0n]
    for (;;) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) return value
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
      shift += 7n
    }
  }

  skip(): void {
    this.#at += Number(this.number())
  }
}

/** The sequence number that an edit names, if any. */
function sequenceOf(edit: Buffer): bigint | undefined {
  const reader = new Reader(edit)
  let found: bigint | undefined
  while (!reader.done) {
    const tag = Number(reader.number())
    if (tag === COMPARATOR) reader.skip()
    else if (tag === LOG || tag === NEXT_FILE || tag === PREVIOUS_LOG) reader.number()
    else if (tag === LAST_SEQUENCE) found = reader.number()
    else if (tag === POINTER) {
      reader.number()
      reader.skip()
    } else if (tag === DELETED) {
      reader.number()
      reader.number()
    } else if (tag === ADDED) {
      for (let i = 0; i < 3; i++) reader.number()
      reader.skip()
      reader.skip()
    } else return found
  }
  return found
}

/** The last sequence number of an open LevelDB that nobody writes, as text; '' where the manifest has none. */
export function lastSequenceOf(path: string): string {
  const manifest = readFileSync(join(path, 'CURRENT'), 'utf8').trim()
  let last: bigint | undefined
  for (const edit of recordsOf(readFileSync(join(path, manifest)))) last = sequenceOf(edit) ?? last
  return last === undefined ? '' : String(last)
}
