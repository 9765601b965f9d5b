/** Proof of work: a block's hash, read as a number from its first byte on, is at most its target. */

import { headerEncoding, NONCE_BYTES } from './encoding.mjs'
import { doubleSha256 } from './hash.mjs'
import type { Header } from './types.mjs'

/**
 * The easiest target of the devnet: one hash in four is under it. Targets are written as Bitcoin
 * writes them: a byte `e` and three bytes `m` mean `m * 256 ** (e - 3)`.
 */
export const DEVNET_BITS = 0x203fffff

/** A target that takes 64 times as many hashes as the devnet's easiest. */
export const HARDER_BITS = 0x2000ffff

const SPACE = 1n << 256n

/** The target that bits mean. */
export function targetOf(bits: number): bigint {
  const exponent = bits >>> 24
  const mantissa = bits & 0x7fffff
  if (exponent < 3 || exponent > 32 || mantissa === 0 || (bits & 0x800000) !== 0) {
    throw new RangeError(`0x${bits.toString(16)} is no target`)
  }
  return BigInt(mantissa) << BigInt(8 * (exponent - 3))
}

/** How many hashes a block of these bits takes on average. */
export const workOf = (bits: number): bigint => SPACE / (targetOf(bits) + 1n)

/** Whether a hash is under the target of these bits. */
export function meetsTarget(hash: Uint8Array, bits: number): boolean {
  return Buffer.compare(hash, targetBytes(bits)) <= 0
}

/** Finds the nonce of a header, counting from 0, and the hash that it makes. */
export function solve(header: Header): { header: Header; hash: Buffer } {
  const bytes = Buffer.from(headerEncoding.encode(header))
  const nonce = bytes.subarray(bytes.length - NONCE_BYTES)
  const target = targetBytes(header.bits)
  for (let tried = 0; ; tried++) {
    nonce.writeUIntBE(tried, 2, 6)
    const hash = doubleSha256(bytes)
    if (hash.compare(target) <= 0) return { header: { ...header, nonce: Buffer.from(nonce) }, hash }
  }
}

const known = new Map<number, Buffer>()

function targetBytes(bits: number): Buffer {
  const made = known.get(bits)
  if (made !== undefined) return made
  const bytes = Buffer.from(targetOf(bits).toString(16).padStart(64, '0'), 'hex')
  known.set(bits, bytes)
  return bytes
}
