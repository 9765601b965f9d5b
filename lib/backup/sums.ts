/**
 * Sums of files: SHA-256 of the SHA-256 of each MiB. Pieces are summed on other threads, while the next ones are read.
 */
import { createHash, webcrypto } from 'node:crypto'

const PIECE_BYTES = 1 << 20
/** Pieces of a file that are summed at a time. */
const MOST_PIECES = 4

const { subtle } = webcrypto

export class FileSum {
  /** Bytes so far. */
  length = 0
  readonly #sums: Promise<ArrayBuffer>[] = []
  /** A piece that is not whole yet. */
  readonly #rest: Uint8Array[] = []
  #restBytes = 0

  /** Takes more bytes, which must not change until this resolves. */
  async update(bytes: Uint8Array): Promise<void> {
    this.length += bytes.length
    let at = 0
    while (at < bytes.length) {
      const part = bytes.subarray(at, at + PIECE_BYTES - this.#restBytes)
      at += part.length
      if (part.length === PIECE_BYTES) {
        this.#sums.push(subtle.digest('SHA-256', part))
        continue
      }
      // Kept for longer than the caller keeps it.
      this.#rest.push(Uint8Array.from(part))
      this.#restBytes += part.length
      if (this.#restBytes === PIECE_BYTES) this.#endPiece()
    }
    await this.#sums[this.#sums.length - MOST_PIECES]
  }

  /** The sum of all, in hexadecimal. */
  async digest(): Promise<string> {
    if (this.#restBytes > 0) this.#endPiece()
    const all = createHash('sha256')
    for (const sum of this.#sums) all.update(new Uint8Array(await sum))
    return all.digest('hex')
  }

  #endPiece(): void {
    this.#sums.push(subtle.digest('SHA-256', Buffer.concat(this.#rest)))
    this.#rest.length = 0
    this.#restBytes = 0
  }
}

/** The sum of a file that is in memory. */
export async function fileSumOf(bytes: Uint8Array): Promise<string> {
  const sum = new FileSum()
  await sum.update(bytes)
  return sum.digest()
}
