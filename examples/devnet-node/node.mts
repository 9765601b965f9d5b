/** The node: a chain in a store, its miner and its snapshots. */
import { join } from 'node:path'
import { Chain } from './chain.mjs'
import { ChainStore, type ChainStoreOptions } from './chain-store.mjs'
import { Miner } from './miner.mjs'
import { createSnapshot, pruneSnapshots, type Snapshot } from './snapshots.mjs'
import type { Block } from './types.mjs'

/** How a node is opened. */
export interface NodeOptions extends Omit<ChainStoreOptions, 'mode'> {
  /** Where the chain and its snapshots are. */
  dataDir: string
  /** What the blocks that are mined here follow from; 1 by default. */
  seed?: number
  /** Blocks from one snapshot to the next; 0, the default, makes none. */
  snapshotInterval?: number
  /** How many snapshots are kept; 3 by default. */
  snapshotKeep?: number
  /** Told of each snapshot that was made. */
  onSnapshot?: (snapshot: Snapshot) => void
}

/** Where the chain is in a data directory. */
export const chainDirectory = (dataDir: string): string => join(dataDir, 'chain')

/** Where the snapshots are. */
export const snapshotDirectory = (dataDir: string): string => join(dataDir, 'snapshots')

export class DevnetNode {
  readonly store: ChainStore
  readonly chain: Chain
  readonly #options: NodeOptions
  readonly #miner: Miner
  #mining: Promise<unknown> = Promise.resolve()
  #packing: Promise<unknown> = Promise.resolve()
  #stopping = false

  private constructor(store: ChainStore, chain: Chain, options: NodeOptions) {
    this.store = store
    this.chain = chain
    this.#options = options
    this.#miner = new Miner(chain, options.seed ?? 1)
  }

  /** Opens the chain of a data directory; the first time, it has its first block only. */
  static async open(options: NodeOptions): Promise<DevnetNode> {
    const { dataDir, seed, snapshotInterval, snapshotKeep, onSnapshot, ...rest } = options
    const store = await ChainStore.open(chainDirectory(dataDir), rest)
    try {
      return new DevnetNode(store, await Chain.open(store), options)
    } catch (error) {
      await store.close()
      throw error
    }
  }

  /** Whether `stop` was called. */
  get stopping(): boolean {
    return this.#stopping
  }

  /**
   * Mines blocks one after the other, until there are so many or the node is stopped. Each is stored
   * when `mined` is told of it. Calls wait for each other.
   */
  mine(count: number, mined: (block: Block) => void = () => {}): Promise<void> {
    const interval = this.#options.snapshotInterval ?? 0
    const run = async () => {
      for (let i = 0; i < count && !this.#stopping; i++) {
        const block = await this.#miner.mine()
        mined(block)
        if (interval > 0 && block.header.height % interval === 0) await this.snapshot()
        // Blocks are quick enough to leave no time for requests and signals.
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    const result = this.#mining.then(run)
    this.#mining = result.catch(() => {})
    return result
  }

  /** Makes a snapshot of the chain as it is now, and keeps the newest ones. */
  snapshot(): Promise<Snapshot> {
    const { dataDir, snapshotKeep = 3, onSnapshot } = this.#options
    const directory = snapshotDirectory(dataDir)
    const result = this.#packing.then(async () => {
      const made = await createSnapshot(this.store, directory)
      await pruneSnapshots(directory, snapshotKeep)
      onSnapshot?.(made)
      return made
    })
    this.#packing = result.catch(() => {})
    return result
  }

  /** Ends mining after the block that is being mined. */
  stop(): void {
    this.#stopping = true
  }

  /** Stops, waits for the last block and snapshot, and closes the store. */
  async close(): Promise<void> {
    this.stop()
    await this.#mining
    await this.#packing
    await this.store.close()
  }
}
