/** The chain of most work: takes blocks, and goes over to a heavier branch. */
import { extended, truncated, workAt } from './compact-index.mjs'
import { connectBlock, disconnectTo } from './connect.mjs'
import { ConsensusError, checkBlock } from './consensus.mjs'
import { blockHash } from './encoding.mjs'
import { hex, same } from './hash.mjs'
import { type BlockBatch, ChainCorruptError, type ChainStorage, required } from './storage.mjs'
import { workOf } from './target.mjs'
import type { Block, CompactIndex, Header, Tip } from './types.mjs'
import { UtxoView } from './utxo-view.mjs'

/** What became of a block: it is the new tip, it is kept beside the chain, or it was known. */
export type Outcome = 'extended' | 'reorganized' | 'side' | 'known'

/** A branch from the block of the chain at `fork`, in order. */
interface Branch {
  fork: number
  blocks: { hash: Uint8Array; block: Block }[]
}

export class Chain {
  readonly storage: ChainStorage
  #tip: Tip
  #header: Header
  #last: Promise<unknown> = Promise.resolve()

  private constructor(storage: ChainStorage, tip: Tip, header: Header) {
    this.storage = storage
    this.#tip = tip
    this.#header = header
  }

  /** The chain in a store. */
  static async open(storage: ChainStorage): Promise<Chain> {
    const tip = required(await storage.tip(), 'tip')
    const block = required(await storage.blockByHash(tip.hash), `block ${hex(tip.hash)}`)
    return new Chain(storage, tip, block.header)
  }

  get tip(): Tip {
    return this.#tip
  }

  /** The header of the last block. */
  get header(): Header {
    return this.#header
  }

  /**
   * Checks a block and takes it in. When this resolves, the block and all it changed are stored, in
   * one write. A `ConsensusError` says which rule it breaks, and then nothing of it is stored. A block
   * that is known already, such as one that was rewound, is put on the chain where it makes that heavier.
   */
  submit(block: Block): Promise<Outcome> {
    return this.exclusively(() => this.#submit(block))
  }

  /** Runs one thing after the other: while it runs, the chain does not move. */
  exclusively<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#last.then(run)
    this.#last = result.catch(() => {})
    return result
  }

  async #submit(block: Block): Promise<Outcome> {
    const hash = blockHash(block.header)
    const { previous } = block.header
    const extendsTip = same(previous, this.#tip.hash)
    const parent = extendsTip ? this.#header : (await this.storage.blockByHash(previous))?.header
    if (parent === undefined) {
      // The first block of the chain has none before it.
      if (await this.storage.hasBlock(hash)) return 'known'
      throw orphan(hash, previous)
    }
    checkBlock(block, parent)
    if (extendsTip) {
      await this.#extend(hash, block)
      return 'extended'
    }
    const branch = await this.#branchTo(hash, block)
    const branchWork = branch.blocks.reduce((sum, { block }) => sum + workOf(block.header.bits), 0n)
    if ((await workAt(this.storage, branch.fork)) + branchWork > this.#tip.work) {
      await this.#reorganize(branch)
      return 'reorganized'
    }
    if (await this.storage.hasBlock(hash)) return 'known'
    const batch = this.storage.beginBlockBatch()
    batch.storeBlock(hash, block)
    await batch.commit()
    return 'side'
  }

  async #extend(hash: Uint8Array, block: Block): Promise<void> {
    const view = new UtxoView(this.storage)
    const undo = await connectBlock(view, block)
    const batch = this.storage.beginBlockBatch()
    batch.stageBlock(hash, block, undo)
    const tip = after(this.#tip, hash, block)
    // Only every hundredth block has an entry, and only then the index is read.
    const entry = extended([], tip) && extended(await this.storage.compactIndex(), tip)
    await this.#commit(batch, view, tip, block.header, entry)
  }

  /** Walks from a block back to the chain. A block on the way may have been found wrong and removed. */
  async #branchTo(hash: Uint8Array, block: Block): Promise<Branch> {
    const blocks = [{ hash, block }]
    for (let at = block; ; ) {
      const { previous, height } = at.header
      const main = await this.storage.headerByHeight(height - 1)
      if (main !== undefined && same(blockHash(main), previous)) {
        return { fork: height - 1, blocks: blocks.reverse() }
      }
      const before = await this.storage.blockByHash(previous)
      if (before === undefined) throw orphan(hash, previous)
      blocks.push({ hash: previous, block: before })
      at = before
    }
  }

  /** Takes blocks off down to the fork and puts the branch on, all in one write. */
  async #reorganize({ fork, blocks }: Branch): Promise<void> {
    const { storage } = this
    const batch = storage.beginBlockBatch()
    const view = new UtxoView(storage)
    let tip = await disconnectTo(storage, view, batch, this.#tip, fork)
    let index = truncated(await storage.compactIndex(), fork)
    let header = required(await storage.headerByHeight(fork), `header ${fork}`)
    for (const [at, { hash, block }] of blocks.entries()) {
      try {
        // They were checked when they came; in a restored snapshot, nobody knows by whom.
        const found = checkBlock(block, header)
        if (!same(found, hash)) throw new ChainCorruptError(`block ${hex(hash)} is another one`)
        batch.stageBlock(hash, block, await connectBlock(view, block))
      } catch (error) {
        if (error instanceof ConsensusError) await this.#forget(blocks.slice(at))
        throw error
      }
      tip = after(tip, hash, block)
      index = extended(index, tip) ?? index
      header = block.header
    }
    tip = { ...tip, reorgCount: tip.reorgCount + 1 }
    await this.#commit(batch, view, tip, header, index)
  }

  async #commit(
    batch: BlockBatch,
    view: UtxoView,
    tip: Tip,
    header: Header,
    index: CompactIndex | undefined,
  ): Promise<void> {
    view.stageInto(batch)
    if (index !== undefined) batch.stageCompactIndex(index)
    batch.stageTip(tip)
    await batch.commit()
    this.#tip = tip
    this.#header = header
  }

  /** Removes blocks of a branch that can never be of the chain. */
  async #forget(blocks: Branch['blocks']): Promise<void> {
    const batch = this.storage.beginBlockBatch()
    for (const { hash } of blocks) batch.removeBlock(hash)
    await batch.commit()
  }
}

function orphan(hash: Uint8Array, previous: Uint8Array): ConsensusError {
  const said = `block ${hex(hash)} is after block ${hex(previous)}, which is not known`
  return new ConsensusError('orphan', said)
}

function after(tip: Tip, hash: Uint8Array, { header }: Block): Tip {
  return { ...tip, height: header.height, hash, work: tip.work + workOf(header.bits) }
}
