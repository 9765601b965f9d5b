/**
 * How the chain is written: CBOR (RFC 8949) in its deterministic form, so that the same block always
 * has the same bytes and the same hash. Structures are arrays, in the order of the README's table.
 */
import { decode, encode } from 'cborg'
import { doubleSha256, HASH_BYTES } from './hash.mjs'
import type {
  Block,
  Coin,
  CompactIndex,
  Header,
  Input,
  OutPoint,
  Output,
  Tip,
  Transaction,
  Undo,
} from './types.mjs'

/** Bytes of a header's nonce; they are the last ones of its encoding. */
export const NONCE_BYTES = 8

/** A value to bytes and back, as `Database.open` takes it for a family. */
export interface Encoding<T> {
  /** Throws a `TypeError` for a value that could not be read back. */
  encode(value: T): Uint8Array
  /** Throws a `TypeError` for bytes that are not of this kind. */
  decode(bytes: Uint8Array): T
}

function encoding<T>(what: string, pack: (value: T) => unknown, unpack: (value: unknown) => T) {
  return {
    encode(value: T): Uint8Array {
      try {
        return encode(pack(value))
      } catch (cause) {
        throw new TypeError(`this is no ${what}: ${String(cause)}`)
      }
    },
    decode(bytes: Uint8Array): T {
      try {
        return unpack(decode(bytes, { strict: true }))
      } catch (cause) {
        throw new TypeError(`these ${bytes.length} bytes are no ${what}: ${String(cause)}`)
      }
    },
  }
}

export const headerEncoding: Encoding<Header> = encoding('header', packHeader, unpackHeader)

export const transactionEncoding: Encoding<Transaction> = encoding(
  'transaction',
  packTransaction,
  unpackTransaction,
)

export const blockEncoding: Encoding<Block> = encoding(
  'block',
  ({ header, transactions }) => [packHeader(header), transactions.map(packTransaction)],
  (value) => {
    const [header, transactions] = tuple(value, 2)
    return { header: unpackHeader(header), transactions: list(transactions).map(unpackTransaction) }
  },
)

export const coinEncoding: Encoding<Coin> = encoding('output', packCoin, unpackCoin)

export const undoEncoding: Encoding<Undo> = encoding(
  'undo record',
  (undo) => undo.map(({ point, coin }) => [...packPoint(point), packCoin(coin)]),
  (value) =>
    list(value).map((entry) => {
      const [txid, index, coin] = tuple(entry, 3)
      return { point: unpackPoint(txid, index), coin: unpackCoin(coin) }
    }),
)

export const tipEncoding: Encoding<Tip> = encoding(
  'tip',
  ({ height, hash, work, reorgCount }) => [
    natural(height),
    bytes(hash, HASH_BYTES),
    bytesOfWork(work),
    natural(reorgCount),
  ],
  (value) => {
    const [height, hash, work, reorgCount] = tuple(value, 4)
    return {
      height: natural(height),
      hash: bytes(hash, HASH_BYTES),
      work: workOfBytes(work),
      reorgCount: natural(reorgCount),
    }
  },
)

export const compactIndexEncoding: Encoding<CompactIndex> = encoding(
  'compact index',
  (index) => index.map(({ hash, work }) => [bytes(hash, HASH_BYTES), bytesOfWork(work)]),
  (value) =>
    list(value).map((entry) => {
      const [hash, work] = tuple(entry, 2)
      return { hash: bytes(hash, HASH_BYTES), work: workOfBytes(work) }
    }),
)

export const numberEncoding: Encoding<number> = encoding('number', natural, natural)

export const textEncoding: Encoding<string> = encoding('text', text, text)

/** What a block is known by. */
export const blockHash = (header: Header): Buffer => doubleSha256(headerEncoding.encode(header))

/** What a transaction is known by. */
export const transactionId = (transaction: Transaction): Buffer =>
  doubleSha256(transactionEncoding.encode(transaction))

function packHeader(header: Header): unknown {
  return [
    natural(header.version),
    natural(header.height),
    bytes(header.previous, HASH_BYTES),
    bytes(header.merkleRoot, HASH_BYTES),
    natural(header.time),
    uint32(header.bits),
    bytes(header.nonce, NONCE_BYTES),
  ]
}

function unpackHeader(value: unknown): Header {
  const [version, height, previous, merkleRoot, time, bits, nonce] = tuple(value, 7)
  return {
    version: natural(version),
    height: natural(height),
    previous: bytes(previous, HASH_BYTES),
    merkleRoot: bytes(merkleRoot, HASH_BYTES),
    time: natural(time),
    bits: uint32(bits),
    nonce: bytes(nonce, NONCE_BYTES),
  }
}

function packTransaction({ inputs, outputs, height }: Transaction): unknown {
  return [
    inputs.map((input) => [...packPoint(input), bytes(input.key, HASH_BYTES)]),
    outputs.map(({ amount, owner }) => [natural(amount), bytes(owner, HASH_BYTES)]),
    natural(height),
  ]
}

function unpackTransaction(value: unknown): Transaction {
  const [inputs, outputs, height] = tuple(value, 3)
  return {
    inputs: list(inputs).map(unpackInput),
    outputs: list(outputs).map(unpackOutput),
    height: natural(height),
  }
}

function unpackInput(value: unknown): Input {
  const [txid, index, key] = tuple(value, 3)
  return { ...unpackPoint(txid, index), key: bytes(key, HASH_BYTES) }
}

function unpackOutput(value: unknown): Output {
  const [amount, owner] = tuple(value, 2)
  return { amount: natural(amount), owner: bytes(owner, HASH_BYTES) }
}

function packCoin({ amount, owner, height, coinbase }: Coin): unknown {
  return [natural(amount), bytes(owner, HASH_BYTES), natural(height), coinbase]
}

function unpackCoin(value: unknown): Coin {
  const [amount, owner, height, coinbase] = tuple(value, 4)
  if (typeof coinbase !== 'boolean') throw new TypeError('true or false was expected')
  return {
    amount: natural(amount),
    owner: bytes(owner, HASH_BYTES),
    height: natural(height),
    coinbase,
  }
}

const packPoint = ({ txid, index }: OutPoint): unknown[] => [bytes(txid, HASH_BYTES), uint32(index)]

const unpackPoint = (txid: unknown, index: unknown): OutPoint => ({
  txid: bytes(txid, HASH_BYTES),
  index: uint32(index),
})

/** Work as 32 bytes: a chain's may pass 2^64, the largest integer of CBOR. */
const bytesOfWork = (work: bigint) => Buffer.from(work.toString(16).padStart(64, '0'), 'hex')

const workOfBytes = (value: unknown) =>
  BigInt(`0x${Buffer.from(bytes(value, HASH_BYTES)).toString('hex')}`)

function tuple(value: unknown, length: number): unknown[] {
  const array = list(value)
  if (array.length !== length) throw new TypeError(`${length} values were expected`)
  return array
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new TypeError('an array was expected')
  return value
}

function natural(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new TypeError('a whole number from 0 to 2^53 - 1 was expected')
}

function uint32(value: unknown): number {
  const number = natural(value)
  if (number < 2 ** 32) return number
  throw new TypeError('a whole number from 0 to 2^32 - 1 was expected')
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('a text was expected')
  return value
}

function bytes(value: unknown, length: number): Uint8Array {
  if (value instanceof Uint8Array && value.length === length) return value
  throw new TypeError(`${length} bytes were expected`)
}
