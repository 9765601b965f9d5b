/**
 * The keys of the chain: one letter for the kind of row, then big-endian numbers and hashes, so that
 * RocksDB's order, which is that of the bytes, is the order of heights and outputs.
 */
import { hex, sha256 } from './hash.mjs'
import type { Input, OutPoint } from './types.mjs'

/** A key to bytes and back, as `Database.open` takes it for a family. */
export interface KeyEncoding<T> {
  encode(key: T): Uint8Array
  decode(bytes: Uint8Array): T
}

/** `H`, and the height in 8 bytes. */
export const headerKey: KeyEncoding<number> = {
  encode(height) {
    const key = Buffer.alloc(9, 'H')
    key.writeBigUInt64BE(BigInt(height), 1)
    return key
  },
  decode: (key) => Number(Buffer.from(key).readBigUInt64BE(1)),
}

/** `B`, and the hash of the block. */
export const blockKey = hashKey('B')

/** `R`, and the hash of the block that the undo data rewinds; in the same family as the blocks. */
export const undoKey = hashKey('R')

/** `L`, and the tag of a spent output. */
export const tagKey = hashKey('L')

/** `U`, the hash of the transaction and the index of the output in 4 bytes. */
export const coinKey: KeyEncoding<OutPoint> = {
  encode({ txid, index }) {
    const key = Buffer.alloc(37, 'U')
    key.set(txid, 1)
    key.writeUInt32BE(index, 33)
    return key
  },
  decode: (key) => ({ txid: key.subarray(1, 33), index: Buffer.from(key).readUInt32BE(33) }),
}

/** `M`, and a name. */
export const metaKey: KeyEncoding<string> = {
  encode: (name) => Buffer.from(`M${name}`),
  decode: (key) => Buffer.from(key.subarray(1)).toString(),
}

/** An output as text, to look it up in a map. */
export const pointText = ({ txid, index }: OutPoint): string => `${hex(txid)}:${index}`

/**
 * The tag that spending an output leaves behind: it follows from the output and from the key that
 * spent it, so nobody can make another one for the same output.
 */
export function tagOf({ txid, index, key }: Input): Buffer {
  const bytes = Buffer.allocUnsafe(32 + 4 + 32)
  bytes.set(txid, 0)
  bytes.writeUInt32BE(index, 32)
  bytes.set(key, 36)
  return sha256(bytes)
}

function hashKey(letter: string): KeyEncoding<Uint8Array> {
  return {
    encode(hash) {
      const key = Buffer.alloc(33, letter)
      key.set(hash, 1)
      return key
    },
    decode: (key) => key.subarray(1),
  }
}
