/** The hash of the chain, and the bytes that it is taken of. */
import { hash } from 'node:crypto'

/** Bytes of a hash. */
export const HASH_BYTES = 32

/** What the first block names as the block before it. */
export const ZERO_HASH: Uint8Array = new Uint8Array(HASH_BYTES)

/** SHA-256 of some bytes. */
export const sha256 = (bytes: Uint8Array): Buffer => hash('sha256', bytes, 'buffer')

/** SHA-256 of the SHA-256 of some bytes: what blocks and transactions are known by. */
export const doubleSha256 = (bytes: Uint8Array): Buffer => sha256(sha256(bytes))

/** Hexadecimal digits of some bytes. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

/** Whether two byte strings are the same. */
export const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

/** Numbers that follow from a seed and from what they are for: the same ones on every machine. */
export function derive(...of: (string | number)[]): Buffer {
  return sha256(Buffer.from(of.join('/')))
}

/**
 * The root of the tree over some hashes: pairs are hashed together until one is left. A last one
 * without a partner is taken as it is; were it doubled, two lists of hashes would have one root.
 */
export function merkleRoot(hashes: readonly Uint8Array[]): Uint8Array {
  let level = hashes
  while (level.length > 1) {
    const above: Uint8Array[] = []
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i] as Uint8Array, level[i + 1]]
      above.push(right === undefined ? left : doubleSha256(Buffer.concat([left, right])))
    }
    level = above
  }
  return level[0] ?? ZERO_HASH
}
