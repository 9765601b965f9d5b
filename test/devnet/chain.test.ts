/** The chain with the most work: rules, branches, and what survives a restart. */
import { Chain } from '../../examples/devnet-node/chain.mjs'
import type { ChainStore } from '../../examples/devnet-node/chain-store.mjs'
import { MATURITY } from '../../examples/devnet-node/consensus.mjs'
import { blockHash, transactionId } from '../../examples/devnet-node/encoding.mjs'
import { merkleRoot, sha256 } from '../../examples/devnet-node/hash.mjs'
import { MemoryStore } from '../../examples/devnet-node/memory-store.mjs'
import { coinbaseOf, Miner, mineAfter } from '../../examples/devnet-node/miner.mjs'
import { HARDER_BITS, solve, workOf } from '../../examples/devnet-node/target.mjs'
import type { Block, Header, Input, Tip, Transaction } from '../../examples/devnet-node/types.mjs'
import { verifyChain } from '../../examples/devnet-node/verify.mjs'
import { useTempDirectory } from '../support/database'
import { branch, contents, keyOf, mined, openStore } from './support'

const dir = useTempDirectory()

const headerAt = async (store: ChainStore, height: number): Promise<Header> =>
  (await store.headerByHeight(height)) as Header

/** Spends the coinbase that `branch` made at a height. */
async function spending(store: ChainStore, height: number, key = keyOf(height)) {
  const block = (await store.blockByHeight(height)) as Block
  const txid = transactionId(block.transactions[0] as Transaction)
  const outputs = [{ amount: 1, owner: sha256(key) }]
  return { height: 0, inputs: [{ txid, index: 0, key }], outputs } satisfies Transaction
}

async function submitAll(chain: Chain, blocks: readonly Block[]): Promise<string[]> {
  const outcomes: string[] = []
  for (const block of blocks) outcomes.push(await chain.submit(block))
  return outcomes
}

describe('a block is refused, and nothing of it is stored', () => {
  let store: ChainStore
  let chain: Chain

  beforeEach(async () => {
    store = await openStore(dir('chain'))
    chain = await Chain.open(store)
    await submitAll(chain, branch(chain.header, MATURITY + 2))
  })

  async function expectRefused(block: Block, rule: string): Promise<void> {
    const before = await contents(store)
    await expect(chain.submit(block)).rejects.toMatchObject({ name: 'ConsensusError', rule })
    expect(await contents(store)).toEqual(before)
  }

  const solved = (block: Block, changes: Partial<Header>): Block => ({
    ...block,
    header: solve({ ...block.header, ...changes }).header,
  })

  const next = (transfers: Transaction[] = []) => branch(chain.header, 1, { transfers })[0] as Block

  it('for its header', async () => {
    const block = next()
    await expectRefused(solved(block, { version: 2 }), 'version')
    await expectRefused(solved(block, { height: 99 }), 'height')
    await expectRefused(solved(block, { time: chain.header.time }), 'time')
    await expectRefused(solved(block, { time: 2 ** 53 - 1 }), 'time')
    await expectRefused(solved(block, { bits: 0x207fffff }), 'target')
    await expectRefused(solved(block, { merkleRoot: sha256(Buffer.from('x')) }), 'merkle-root')
    await expectRefused(solved(block, { previous: sha256(Buffer.from('x')) }), 'orphan')
    const hard = { ...block, header: { ...block.header, bits: 0x1d00ffff } }
    await expectRefused(hard, 'work')
  })

  it('for its coinbase', async () => {
    const height = chain.tip.height + 1
    const owner = sha256(keyOf(height))
    const of = (transactions: Transaction[]) => mineAfter(chain.header, transactions).block
    await expectRefused(of([]), 'coinbase')
    await expectRefused(of([coinbaseOf(height - 1, owner)]), 'coinbase')
    await expectRefused(of([coinbaseOf(height, owner), coinbaseOf(height, owner)]), 'coinbase')
    await expectRefused(of([coinbaseOf(height, owner, 1)]), 'too-much')
    const nothing = { ...coinbaseOf(height, owner), outputs: [] }
    await expectRefused(of([nothing]), 'amount')
  })

  it('for what it spends', async () => {
    const right = await spending(store, 1)
    const input = right.inputs[0] as Input
    await expectRefused(next([await spending(store, 5)]), 'immature')
    await expectRefused(next([await spending(store, 1, keyOf(7))]), 'wrong-key')
    await expectRefused(next([{ ...right, inputs: [{ ...input, index: 1 }] }]), 'no-output')
    await expectRefused(next([right, right]), 'duplicate')
    const rich = { ...right, outputs: [{ amount: 10 ** 9, owner: sha256(keyOf(1)) }] }
    await expectRefused(next([rich]), 'too-much')
    expect(await chain.submit(next([right]))).toBe('extended')
  })

  it.each([
    ['an amount below 0', { outputs: [-5, 10] }, {}],
    ['an amount that is no whole number', { outputs: [0.5] }, {}],
    ['an output index past 32 bits', { outputs: [1] }, { index: 2 ** 32 }],
    ['a key of 31 bytes', { outputs: [1] }, { key: Buffer.alloc(31) }],
  ])('as no block at all, for %s', async (_, { outputs }, changes) => {
    const right = await spending(store, 1)
    const before = await contents(store)
    const transfer = {
      height: 0,
      inputs: right.inputs.map((input) => ({ ...input, ...changes })),
      outputs: outputs.map((amount) => ({ amount, owner: sha256(keyOf(1)) })),
    }
    const block = next()
    const wrong = { ...block, transactions: [...block.transactions, transfer] }
    await expect(chain.submit(wrong)).rejects.toThrow(/is no transaction/)
    expect(await contents(store)).toEqual(before)
    expect(await chain.submit(block)).toBe('extended')
  })

  it('for a second spend, after a restart too', async () => {
    const transfer = await spending(store, 1)
    await chain.submit(next([transfer]))
    await expectRefused(next([transfer]), 'spent')
    await store.close()
    store = await openStore(dir('chain'))
    chain = await Chain.open(store)
    await expectRefused(next([transfer]), 'spent')
  })
})

it('takes a block once, and keeps those of lighter branches', async () => {
  const store = await openStore(dir('chain'))
  const chain = await mined(store, 5)
  const tip = chain.tip
  const blocks = branch(await headerAt(store, 2), 3)
  expect(await submitAll(chain, blocks)).toEqual(['side', 'side', 'side'])
  expect(await submitAll(chain, blocks)).toEqual(['known', 'known', 'known'])
  expect(chain.tip).toEqual(tip)
  await verifyChain(store)
})

it('goes over to a heavier branch, and back, over restarts', async () => {
  const store = await openStore(dir('chain'))
  const first = await mined(store, 30)
  const fork = await headerAt(store, 12)
  const old = first.tip
  const before = await contents(store)
  const blocks = branch(fork, 19)
  expect(await submitAll(first, blocks.slice(0, 17))).toEqual(Array(17).fill('side'))
  await store.close()

  // The branch is stored, and wins with its next block but one.
  const again = await openStore(dir('chain'))
  const chain = await Chain.open(again)
  expect(chain.tip).toEqual(old)
  expect(await submitAll(chain, blocks.slice(17))).toEqual(['side', 'reorganized'])
  expect(chain.tip).toMatchObject({ height: 31, reorgCount: 1 })
  expect(await verifyChain(again)).toMatchObject({ tip: chain.tip })
  await again.close()

  const third = await openStore(dir('chain'))
  const back = await Chain.open(third)
  expect(back.tip).toEqual(chain.tip)
  const parent = (await third.blockByHash(old.hash))?.header as Header
  expect(await submitAll(back, branch(parent, 2))).toEqual(['side', 'reorganized'])
  expect(back.tip).toMatchObject({ height: 32, reorgCount: 2 })
  await verifyChain(third)
  await third.rewindTo(30)
  const { UTXO, LINKTAG, HEADERS } = await contents(third)
  expect({ UTXO, LINKTAG, HEADERS }).toEqual({
    UTXO: before['UTXO'],
    LINKTAG: before['LINKTAG'],
    HEADERS: before['HEADERS'],
  })
})

it('counts work, not blocks', async () => {
  const store = await openStore(dir('chain'))
  const chain = await mined(store, 20)
  const [heavy] = branch(await headerAt(store, 10), 1, { bits: HARDER_BITS })
  expect(await chain.submit(heavy as Block)).toBe('reorganized')
  expect(chain.tip).toMatchObject({ height: 11, work: 4n * 11n + workOf(HARDER_BITS) })
  expect(await store.headerByHeight(12)).toBeUndefined()
  await verifyChain(store)
})

it('stays where a heavier branch turns out wrong, and forgets that', async () => {
  const store = await openStore(dir('chain'))
  const chain = await mined(store, 20)
  const before = await contents(store)
  const fork = await headerAt(store, 17)
  const block = (await store.blockByHeight(12)) as Block
  const txid = transactionId(block.transactions[0] as Transaction)
  const owner = sha256(keyOf(1))
  const stolen = {
    height: 0,
    inputs: [{ txid, index: 0, key: keyOf(1) }],
    outputs: [{ amount: 1, owner }],
  }
  const wrong = branch(fork, 2, { transfers: [stolen] })
  expect(await submitAll(chain, wrong)).toEqual(['side', 'side'])
  const [third, fourth] = branch(wrong[1]?.header as Header, 2)
  expect(await chain.submit(third as Block)).toBe('side')
  await expect(chain.submit(fourth as Block)).rejects.toMatchObject({ rule: 'wrong-key' })
  expect(await store.hasBlock(blockHash(wrong[0]?.header as Header))).toBe(true)
  expect(await store.hasBlock(blockHash(wrong[1]?.header as Header))).toBe(false)
  expect(await store.hasBlock(blockHash(third?.header as Header))).toBe(false)
  await expect(chain.submit(fourth as Block)).rejects.toMatchObject({ rule: 'orphan' })
  const { BLOCKS: _, ...rest } = await contents(store)
  expect(before).toMatchObject(rest)
})

it('spends again on a branch what another one spent, and both in the block that made it', async () => {
  const store = await openStore(dir('chain'))
  const chain = await Chain.open(store)
  await submitAll(chain, branch(chain.header, MATURITY + 2))
  const fork = chain.header
  const before = await contents(store)
  const first = await spending(store, 1)
  // In the same block: its output was never stored.
  const second: Transaction = {
    height: 0,
    inputs: [{ txid: transactionId(first), index: 0, key: keyOf(1) }],
    outputs: [{ amount: 1, owner: sha256(keyOf(2)) }],
  }
  const transfers = [first, second]
  await expect(
    chain.submit(branch(fork, 1, { transfers: [second, first] })[0] as Block),
  ).rejects.toMatchObject({ rule: 'no-output' })
  await submitAll(chain, branch(fork, 1, { transfers }))
  await verifyChain(store)
  expect(await submitAll(chain, branch(fork, 2, { transfers }))).toEqual(['side', 'reorganized'])
  await verifyChain(store)
  const again = branch(chain.header, 1, { transfers: [first] })[0] as Block
  await expect(chain.submit(again)).rejects.toMatchObject({ rule: 'spent' })
  await store.rewindTo(fork.height)
  const { UTXO, LINKTAG } = await contents(store)
  expect({ UTXO, LINKTAG }).toEqual({ UTXO: before['UTXO'], LINKTAG: before['LINKTAG'] })
})

it('has no block after one that was forgotten', async () => {
  const store = await openStore(dir('chain'))
  const chain = await mined(store, 20)
  const transfers = [await spending(store, 12, keyOf(1))]
  const wrong = branch(await headerAt(store, 17), 1, { transfers })[0] as Block
  const heavy = branch(wrong.header, 1, { bits: HARDER_BITS })[0] as Block
  const light = branch(wrong.header, 1)[0] as Block
  expect(await submitAll(chain, [wrong, light])).toEqual(['side', 'side'])
  await expect(chain.submit(heavy)).rejects.toMatchObject({ rule: 'wrong-key' })
  const next = branch(light.header, 1)[0] as Block
  await expect(chain.submit(next)).rejects.toMatchObject({ rule: 'orphan' })
  expect(chain.tip.height).toBe(20)
})

it('trusts no block that it finds beside the chain', async () => {
  const store = await openStore(dir('chain'))
  const chain = await mined(store, 20)
  const tip = chain.tip
  const { header, transactions } = branch(await headerAt(store, 15), 1)[0] as Block
  const unproved = { header: { ...header, bits: 0x1d00ffff }, transactions }
  const batch = store.beginBlockBatch()
  batch.storeBlock(blockHash(unproved.header), unproved)
  await batch.commit()
  const next = branch(unproved.header, 1)[0] as Block
  await expect(chain.submit(next)).rejects.toMatchObject({ rule: 'work' })
  expect(await store.hasBlock(blockHash(unproved.header))).toBe(false)
  expect([chain.tip, await store.tip()]).toEqual([tip, tip])
})

it('mines on after a rewind: the same blocks are put back', async () => {
  const store = await openStore(dir('chain'))
  await mined(store, 130)
  const before = await contents(store)
  await store.rewindTo(70)
  await mined(store, 60)
  expect(await contents(store)).toEqual(before)
  // From their last one too, which is heavier than what is left.
  const { hash } = (await store.tip()) as Tip
  const last = (await store.blockByHash(hash)) as Block
  await store.rewindTo(99)
  const chain = await Chain.open(store)
  expect(await chain.submit(last)).toBe('reorganized')
  expect(await chain.submit(last)).toBe('known')
  expect(await verifyChain(store)).toMatchObject({ tip: { height: 130, hash } })
})

it('rewinds to any height, with the compact index, and refuses others', async () => {
  const store = await openStore(dir('chain'))
  const at: Record<number, Awaited<ReturnType<typeof contents>>> = {}
  for (const height of [0, 99, 100, 201]) {
    await mined(store, height - ((await store.tip())?.height ?? 0))
    at[height] = await contents(store)
  }
  expect(await store.compactIndex()).toHaveLength(3)
  for (const height of [201, 100, 99, 0]) {
    expect(await store.rewindTo(height)).toMatchObject({ height })
    const { BLOCKS: _, ...rest } = await contents(store)
    expect(at[height]).toMatchObject(rest)
  }
  await expect(store.rewindTo(1)).rejects.toThrow('cannot rewind from height 0 to 1')
  await expect(store.rewindTo(-1)).rejects.toThrow(/RangeError|cannot rewind/)
})

it('is the same for the same seed, and another one for another', async () => {
  const tips = await Promise.all(
    [7, 7, 8].map(async (seed, i) => (await mined(await openStore(dir(`c${i}`)), 40, seed)).tip),
  )
  expect(tips[0]).toEqual(tips[1])
  expect(tips[2]?.hash).not.toEqual(tips[0]?.hash)
})

it.each([10, 25, 26, 60])('mines on after %d halvings', async (halvings) => {
  const storage = await MemoryStore.open()
  const height = halvings * 100_000 + 1
  const genesis = (await storage.blockByHeight(0)) as Block
  const { header, hash } = solve({ ...genesis.header, height })
  const batch = storage.beginBlockBatch()
  batch.stageBlock(hash, { header, transactions: [] }, [])
  batch.stageTip({ height, hash, work: 4n, reorgCount: 0 })
  await batch.commit()
  const miner = new Miner(await Chain.open(storage), 1)
  for (let i = 0; i < 30; i++) await miner.mine()
  expect(await storage.tip()).toMatchObject({ height: height + 30 })
})

it('has one root for one list of hashes', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((text) => sha256(Buffer.from(text))) as [
    Buffer,
    Buffer,
    Buffer,
  ]
  const roots = [[a], [b], [a, b], [b, a], [a, b, c], [a, b, c, c]].map(merkleRoot)
  expect(new Set(roots.map(String)).size).toBe(roots.length)
  expect(merkleRoot([a])).toEqual(a)
})
