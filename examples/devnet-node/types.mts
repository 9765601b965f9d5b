/** What the chain is made of. Amounts are whole numbers of the smallest coin. */

/** What is hashed for the proof of work. */
export interface Header {
  version: number
  height: number
  /** Hash of the block before. */
  previous: Uint8Array
  /** Over the hashes of the transactions. */
  merkleRoot: Uint8Array
  /** Seconds since 1970. */
  time: number
  /** The target, in the compact form of target.ts. */
  bits: number
  /** 8 bytes that are tried until the hash is under the target. */
  nonce: Uint8Array
}

/** Names one output of a transaction. */
export interface OutPoint {
  txid: Uint8Array
  index: number
}

/** Spends an output by showing the key whose SHA-256 is the output's owner. */
export interface Input extends OutPoint {
  key: Uint8Array
}

/** An amount, and who may spend it. */
export interface Output {
  amount: number
  owner: Uint8Array
}

/** A transfer; or, first in its block and without inputs, the coinbase. */
export interface Transaction {
  inputs: Input[]
  outputs: Output[]
  /** Of its block in a coinbase, which makes its hash the only one of its kind; 0 in a transfer. */
  height: number
}

export interface Block {
  header: Header
  transactions: Transaction[]
}

/** An output that is not spent, as the family UTXO has it. */
export interface Coin extends Output {
  /** Of the block that made it. */
  height: number
  coinbase: boolean
}

/** What a block spent: put back where the block is taken from the chain. */
export type Undo = { point: OutPoint; coin: Coin }[]

/** The end of the chain. */
export interface Tip {
  height: number
  hash: Uint8Array
  /** Of all its blocks: how many hashes they took on average. */
  work: bigint
  /** How often the chain has gone over to another branch. */
  reorgCount: number
}

/** Hash and work of every hundredth block; see compact-index.ts. */
export type CompactIndex = readonly { hash: Uint8Array; work: bigint }[]
