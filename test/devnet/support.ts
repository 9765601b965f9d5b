/** Chains for tests. */
import { Chain } from '../../examples/devnet-node/chain.mjs'
import { ChainStore, type ChainStoreOptions } from '../../examples/devnet-node/chain-store.mjs'
import { derive, sha256 } from '../../examples/devnet-node/hash.mjs'
import { coinbaseOf, Miner, mineAfter } from '../../examples/devnet-node/miner.mjs'
import type { Block, Header, Transaction } from '../../examples/devnet-node/types.mjs'
import { track } from '../support/database'

/** A store that is closed after the test. */
export async function openStore(path: string, options?: ChainStoreOptions): Promise<ChainStore> {
  return track(await ChainStore.open(path, options))
}

/** The chain of a store, extended by `blocks` blocks. */
export async function mined(store: ChainStore, blocks: number, seed = 1): Promise<Chain> {
  const chain = await Chain.open(store)
  const miner = new Miner(chain, seed)
  for (let i = 0; i < blocks; i++) await miner.mine()
  return chain
}

/** The key to which `branch` pays its coinbases. */
export const keyOf = (height: number): Buffer => derive('a key of the tests', height)

/** Blocks on top of another one, each with a coinbase; the last one with these transfers. */
export function branch(
  from: Header,
  count: number,
  { bits, transfers = [] }: { bits?: number; transfers?: Transaction[] } = {},
): Block[] {
  const blocks: Block[] = []
  let parent = from
  for (let i = 0; i < count; i++) {
    const height = parent.height + 1
    const coinbase = coinbaseOf(height, sha256(keyOf(height)))
    const transactions = i === count - 1 ? [coinbase, ...transfers] : [coinbase]
    const { block } = mineAfter(parent, transactions, bits === undefined ? {} : { bits })
    blocks.push(block)
    parent = block.header
  }
  return blocks
}

/** All rows of a store, by family: keys and values in hexadecimal. */
export async function contents(store: ChainStore): Promise<Record<string, Record<string, string>>> {
  const families: Record<string, Record<string, string>> = {}
  for (const name of store.db.columnFamilies()) {
    const rows: Record<string, string> = {}
    const family = store.db.columnFamily(name, { key: 'buffer', value: 'buffer' })
    for await (const [key, value] of family.entries()) {
      rows[key.toString('hex')] = value.toString('hex')
    }
    families[name] = rows
  }
  return families
}
