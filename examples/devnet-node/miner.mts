/** Makes blocks that follow from a seed: the same chain on every machine and in every run. */
import type { Chain } from './chain.mjs'
import { headerAfter, MATURITY, subsidyAt } from './consensus.mjs'
import { blockHash, transactionId } from './encoding.mjs'
import { derive, hex, same, sha256 } from './hash.mjs'
import { DEVNET_BITS, solve } from './target.mjs'
import type { Block, Header, Input, Output, Transaction } from './types.mjs'

/** How far back the blocks are whose outputs a block spends; the last is a coinbase's. */
const SPENDS = { change: 2, split: 3, coinbase: MATURITY } as const

/** Finds the nonce for the block after another one. `transactions` begin with the coinbase. */
export function mineAfter(
  parent: Header,
  transactions: Transaction[],
  {
    previous = blockHash(parent),
    bits = DEVNET_BITS,
  }: { previous?: Uint8Array; bits?: number } = {},
): { block: Block; hash: Buffer } {
  const { header, hash } = solve(headerAfter(parent, previous, transactions, bits))
  return { block: { header, transactions }, hash }
}

/** The transaction that makes the new coins of a block. */
export function coinbaseOf(height: number, owner: Uint8Array, fees = 0): Transaction {
  return { height, inputs: [], outputs: [{ amount: subsidyAt(height) + fees, owner }] }
}

export class Miner {
  readonly #chain: Chain
  readonly #seed: number
  /** The blocks that the next ones spend from, by hash. */
  readonly #recent = new Map<string, Block>()

  /** `seed` decides who gets which amounts, and so every hash. */
  constructor(chain: Chain, seed: number) {
    this.#chain = chain
    this.#seed = seed
  }

  /** Mines the next block of the chain, and gives it when it is stored. */
  async mine(): Promise<Block> {
    const { header, tip } = this.#chain
    const height = tip.height + 1
    const transfers = await this.#transfers(height)
    const fees = transfers.reduce((sum, { fee }) => sum + fee, 0)
    const coinbase = coinbaseOf(height, this.owner(height, 'coinbase'), fees)
    const transactions = [coinbase, ...transfers.map(({ transaction }) => transaction)]
    const { block, hash } = mineAfter(header, transactions, { previous: tip.hash })
    await this.#chain.submit(block)
    this.#recent.set(hex(hash), block)
    for (const key of this.#recent.keys()) {
      if (this.#recent.size <= SPENDS.coinbase) break
      this.#recent.delete(key)
    }
    return block
  }

  /** The key of an output that this miner made: `what` is its part in the block. */
  key(height: number, what: string): Buffer {
    return derive('key', this.#seed, height, what)
  }

  /** Whom such an output belongs to. */
  owner(height: number, what: string): Buffer {
    return sha256(this.key(height, what))
  }

  /** A coinbase is split in two, and later the parts of two such splits come together again. */
  async #transfers(height: number): Promise<{ transaction: Transaction; fee: number }[]> {
    const random = derive('transfers', this.#seed, height)
    const made: { transaction: Transaction; fee: number }[] = []
    const mature = await this.#output(height - SPENDS.coinbase, 'coinbase')
    if (mature !== undefined) {
      const fee = Math.min(random.readUInt16BE(0), Math.floor(mature.amount / 2))
      const left = mature.amount - fee
      const split = Math.floor((left * (1 + random.readUInt8(2))) / 258)
      const outputs = [this.#pay(height, 'split', split), this.#pay(height, 'change', left - split)]
      // After many halvings there is too little to split.
      if (split > 0) made.push({ transaction: { height: 0, inputs: [mature.input], outputs }, fee })
    }
    const split = await this.#output(height - SPENDS.split, 'split')
    const change = await this.#output(height - SPENDS.change, 'change')
    // Three in four, so that the set of unspent outputs grows.
    if (split !== undefined && change !== undefined && random.readUInt8(3) >= 64) {
      const fee = Math.min(random.readUInt8(4), split.amount + change.amount - 1)
      const outputs = [this.#pay(height, 'joined', split.amount + change.amount - fee)]
      const inputs = [split.input, change.input]
      made.push({ transaction: { height: 0, inputs, outputs }, fee })
    }
    return made
  }

  #pay(height: number, what: string, amount: number): Output {
    return { amount, owner: this.owner(height, what) }
  }

  /** An output of this miner's in the block of a height, where it is there and not spent. */
  async #output(
    height: number,
    what: 'coinbase' | 'split' | 'change',
  ): Promise<{ amount: number; input: Input } | undefined> {
    if (height < 1) return undefined
    const block = await this.#ancestor(height)
    const transaction = block?.transactions[what === 'coinbase' ? 0 : 1]
    const index = what === 'change' ? 1 : 0
    const output = transaction?.outputs[index]
    if (transaction === undefined || output === undefined) return undefined
    if (!same(output.owner, this.owner(height, what))) return undefined
    const input = { txid: transactionId(transaction), index, key: this.key(height, what) }
    const [coin] = await this.#chain.storage.coins([input])
    return coin && { amount: coin.amount, input }
  }

  /** The block of a height of the chain: mostly one that was mined here a moment ago. */
  async #ancestor(height: number): Promise<Block | undefined> {
    let hash = this.#chain.tip.hash
    for (;;) {
      const block = this.#recent.get(hex(hash))
      if (block === undefined) return this.#chain.storage.blockByHeight(height)
      if (block.header.height === height) return block
      hash = block.header.previous
    }
  }
}
