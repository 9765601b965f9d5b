/** The chain in RocksDB: five column families, and one atomic write for each block. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Database, type OpenOptions, type Tuning } from 'rocksdb-live'
import { truncated } from './compact-index.mjs'
import { connectBlock, disconnectTo } from './connect.mjs'
import { genesisOf, NETWORK } from './consensus.mjs'
import { blockHash, numberEncoding, textEncoding } from './encoding.mjs'
import {
  type ChainDatabase,
  type ChainFamilies,
  FAMILIES,
  FAMILY_NAMES,
  familiesOf,
  META,
  type MetaName,
  type MetaValue,
} from './families.mjs'
import { hex, same } from './hash.mjs'
import { MemoryStore } from './memory-store.mjs'
import { RocksBatch } from './rocks-batch.mjs'
import { type BlockBatch, ChainCorruptError, type ChainStorage, required } from './storage.mjs'
import { workOf } from './target.mjs'
import type { Block, Coin, CompactIndex, Header, OutPoint, Tip, Undo } from './types.mjs'
import { UtxoView } from './utxo-view.mjs'

/** The version of keys and values; a store of a newer one is refused. */
export const SCHEMA_VERSION = 1

/** How a chain store is opened. */
export interface ChainStoreOptions
  extends Pick<OpenOptions, 'argv' | 'configFile' | 'env' | 'preset' | 'mode'> {
  /** Whose blocks it holds; `'devnet'` by default. */
  network?: string
  /** Wait at each block until it is on the disk; false by default. See the README. */
  sync?: boolean
}

/** The database cannot be used as the chain that was asked for. Nothing in it was changed. */
export class WrongChainError extends Error {
  override readonly name = 'WrongChainError'
}

export class ChainStore implements ChainStorage {
  /** The database itself, for its metrics, health and tuning. */
  readonly db: ChainDatabase
  readonly #families: ChainFamilies
  readonly #sync: boolean

  private constructor(db: ChainDatabase, sync: boolean) {
    this.db = db
    this.#families = familiesOf(db)
    this.#sync = sync
  }

  /**
   * Opens the store in a directory, and makes one with the first block of the network where there is
   * none. Tuning is that of the preset, under the file, the environment and the command line.
   */
  static open(path: string, options: ChainStoreOptions = {}): Promise<ChainStore> {
    const { network, sync, ...rest } = options
    return ChainStore.#open(path, options, () =>
      Database.open(path, { ...rest, columnFamilies: FAMILIES }),
    )
  }

  /** Opens it with exactly this tuning: no file, environment or command line has a say. */
  static openWithTuning(
    path: string,
    tuning: Tuning,
    options: Pick<ChainStoreOptions, 'network' | 'sync' | 'preset'> = {},
  ): Promise<ChainStore> {
    const { preset } = options
    return ChainStore.#open(path, options, () =>
      Database.openWithTuning(path, tuning, { preset, columnFamilies: FAMILIES }),
    )
  }

  static async #open(
    path: string,
    { network = NETWORK, sync = false, mode }: ChainStoreOptions,
    open: () => Promise<ChainDatabase>,
  ): Promise<ChainStore> {
    await refuseOthers(path)
    const store = new ChainStore(await open(), sync)
    try {
      await store.#settle(network, mode === undefined || mode === 'read-write')
      return store
    } catch (error) {
      await store.close()
      throw error
    }
  }

  /** Checks that it is of this network and schema; a new one gets its first rows. */
  async #settle(network: string, writable: boolean): Promise<void> {
    const path = this.db.path
    const version = await this.#meta('schema_version')
    if (version === undefined && writable && (await this.#isEmpty())) {
      await this.#found(network)
      return
    }
    if (version === undefined) throw new WrongChainError(`${path} holds no chain`)
    if (version > SCHEMA_VERSION) {
      const said = `schema ${version}, and this program knows those up to ${SCHEMA_VERSION}`
      throw new WrongChainError(`the chain in ${path} has ${said}: use a newer version of it`)
    }
    const found = await this.#meta('network')
    if (found !== network) {
      const said = `the network ${JSON.stringify(found)}, not ${JSON.stringify(network)}`
      throw new WrongChainError(`the chain in ${path} is of ${said}`)
    }
  }

  async #isEmpty(): Promise<boolean> {
    const counts = Object.values(this.#families).map((family) => family.count({ limit: 1 }))
    return (await Promise.all(counts)).every((count) => count === 0)
  }

  async #found(network: string): Promise<void> {
    const { block, hash } = genesisOf(network)
    const work = workOf(block.header.bits)
    const batch = this.#batch()
    batch.stageMeta('schema_version', numberEncoding.encode(SCHEMA_VERSION))
    batch.stageMeta('network', textEncoding.encode(network))
    batch.stageBlock(hash, block, [])
    batch.stageCompactIndex([{ hash, work }])
    batch.stageTip({ height: 0, hash, work, reorgCount: 0 })
    await batch.commit()
  }

  tip(): Promise<Tip | undefined> {
    return this.#meta('tip')
  }

  /** Sets the end of the chain, without touching anything else: for repairs and for tests. */
  async setTip(tip: Tip): Promise<void> {
    const batch = this.#batch()
    batch.stageTip(tip)
    await batch.commit()
  }

  /** Forgets the end of the chain; blocks and outputs stay. */
  async clearTip(): Promise<void> {
    await this.#families.meta.delete('tip', { sync: this.#sync })
  }

  headerByHeight(height: number): Promise<Header | undefined> {
    return this.#families.headers.get(height)
  }

  blockByHash(hash: Uint8Array): Promise<Block | undefined> {
    return this.#families.blocks.get(hash)
  }

  async blockByHeight(height: number): Promise<Block | undefined> {
    const header = await this.headerByHeight(height)
    return header && this.#blockOf(header)
  }

  hasBlock(hash: Uint8Array): Promise<boolean> {
    return this.#families.blocks.has(hash)
  }

  /** One scan over the headers, as they were when it began, with a look-up for each block. */
  async *blocks(from = 0): AsyncGenerator<Block> {
    for await (const header of this.#families.headers.values({ gte: from })) {
      yield await this.#blockOf(header)
    }
  }

  coins(points: readonly OutPoint[]): Promise<(Coin | undefined)[]> {
    return this.#families.utxo.getMany(points)
  }

  /** Every output that is not spent, in the order of the keys. */
  unspent(): AsyncIterable<[OutPoint, Coin]> {
    return this.#families.utxo.entries({ fillCache: false })
  }

  async hasTags(tags: readonly Uint8Array[]): Promise<boolean[]> {
    const heights = await this.#families.tags.getMany(tags)
    return heights.map((height) => height !== undefined)
  }

  /** Every tag, with the height of the block that left it. */
  tags(): AsyncIterable<[Uint8Array, number]> {
    return this.#families.tags.entries({ fillCache: false })
  }

  undoOf(hash: Uint8Array): Promise<Undo | undefined> {
    return this.#families.undo.get(hash)
  }

  async compactIndex(): Promise<CompactIndex> {
    return required(await this.#meta('compact_index'), 'compact index')
  }

  utxoCount(): Promise<number> {
    return this.#families.utxo.count({ fillCache: false })
  }

  /** Removes all outputs and tags, in one write; `rebuildUtxo` makes them again. */
  async resetUtxo(): Promise<void> {
    const batch = this.#batch()
    batch.clearUtxo()
    await batch.commit()
  }

  /**
   * Makes the outputs and tags again from the blocks, in one write: a crash leaves the old ones or the
   * new ones. They are held in memory until then.
   */
  async rebuildUtxo(): Promise<void> {
    const view = new UtxoView(new MemoryStore())
    for await (const block of this.blocks(1)) await connectBlock(view, block)
    const batch = this.#batch()
    batch.clearUtxo()
    view.stageInto(batch)
    await batch.commit()
  }

  /**
   * Takes the blocks above a height from the chain, with everything they did, in one write. They are
   * still found by their hash. Gives the new tip; a `Chain` of this store is to be opened again.
   */
  async rewindTo(height: number): Promise<Tip> {
    const tip = required(await this.tip(), 'tip')
    if (!Number.isInteger(height) || height < 0 || height > tip.height) {
      throw new RangeError(`cannot rewind from height ${tip.height} to ${height}`)
    }
    const view = new UtxoView(this)
    const batch = this.beginBlockBatch()
    const left = await disconnectTo(this, view, batch, tip, height)
    view.stageInto(batch)
    batch.stageCompactIndex(truncated(await this.compactIndex(), height))
    batch.stageTip(left)
    await batch.commit()
    return left
  }

  beginBlockBatch(): BlockBatch {
    return this.#batch()
  }

  /** Copies the store as it is now to a new directory, by hard links where the disk has them. */
  async createCheckpoint(directory: string): Promise<void> {
    await this.db.checkpoint(directory)
  }

  /** Compactions that run now. */
  runningCompactions(): number {
    return this.db.intProperty('rocksdb.num-running-compactions', { aggregate: true }) ?? 0
  }

  /** Bytes that all families take in files and in memory. */
  totalSize(): number {
    const sum = (property: string) => this.db.intProperty(property, { aggregate: true }) ?? 0
    return sum('rocksdb.total-sst-files-size') + sum('rocksdb.size-all-mem-tables')
  }

  close(): Promise<void> {
    return this.db.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #batch(): RocksBatch {
    return new RocksBatch(this.db.batch(), this.#families, this.#sync)
  }

  async #meta<N extends MetaName>(name: N): Promise<MetaValue<N> | undefined> {
    const bytes = await this.#families.meta.get(name)
    return bytes && (META[name].decode(bytes) as MetaValue<N>)
  }

  async #blockOf(header: Header): Promise<Block> {
    const hash = blockHash(header)
    const block = required(await this.blockByHash(hash), `block ${hex(hash)}`)
    if (same(blockHash(block.header), hash)) return block
    throw new ChainCorruptError(`what is stored as block ${hex(hash)} is another one`)
  }
}

/** Refuses a RocksDB database that is not a chain's, before families are added to it. */
async function refuseOthers(path: string): Promise<void> {
  if (!existsSync(join(path, 'CURRENT'))) return
  const families = await Database.listColumnFamilies(path)
  const missing = FAMILY_NAMES.filter((name) => !families.includes(name))
  if (missing.length === 0 || (await isUnfinished(path, families))) return
  const said = `it has no column family ${missing.join(', ')}`
  throw new WrongChainError(`the database in ${path} is not a chain's: ${said}`)
}

/** Whether its families are the first of a chain's, and empty: a node died while it made them. */
async function isUnfinished(path: string, families: readonly string[]): Promise<boolean> {
  const ours = ['default', ...FAMILY_NAMES]
  if (!families.every((name) => ours.includes(name))) return false
  const db = await Database.open(path, { mode: 'read-only', env: false })
  try {
    const counts = families.map((name) => db.columnFamily(name).count({ limit: 1 }))
    return (await Promise.all(counts)).every((count) => count === 0)
  } finally {
    await db.close()
  }
}
