/** What a chain needs of the place that it lives in: RocksDB (chain-store.ts), or memory. */
import type { Block, Coin, CompactIndex, Header, OutPoint, Tip, Undo } from './types.mjs'

/** The chain as it is stored. Heights and hashes are those of the chain of most work. */
export interface ChainStorage {
  /** The end of the chain; undefined where none is set. */
  tip(): Promise<Tip | undefined>
  headerByHeight(height: number): Promise<Header | undefined>
  /** Any block that is known, also of another branch. */
  blockByHash(hash: Uint8Array): Promise<Block | undefined>
  blockByHeight(height: number): Promise<Block | undefined>
  hasBlock(hash: Uint8Array): Promise<boolean>
  /** The blocks of the chain in order, read while they are used. */
  blocks(from?: number): AsyncIterable<Block>
  /** The outputs in the order asked for; undefined for each that is not there, or is spent. */
  coins(points: readonly OutPoint[]): Promise<(Coin | undefined)[]>
  /** Whether each tag is marked: whether what it is of was spent. */
  hasTags(tags: readonly Uint8Array[]): Promise<boolean[]>
  /** What a block of the chain spent. */
  undoOf(hash: Uint8Array): Promise<Undo | undefined>
  compactIndex(): Promise<CompactIndex>
  /** Counts the outputs that are not spent. */
  utxoCount(): Promise<number>
  /** Begins the changes of one block, or of one reorganisation. */
  beginBlockBatch(): BlockBatch
}

/** Changes that are committed at once: all of them or, where one fails, none. */
export interface BlockBatch {
  /** Stores a block; it is not of the chain yet. */
  storeBlock(hash: Uint8Array, block: Block): void
  removeBlock(hash: Uint8Array): void
  /** Stores a block as the one of its height, with what it spent. */
  stageBlock(hash: Uint8Array, block: Block, undo: Undo): void
  /** Takes the block of a height from the chain; the block itself stays. */
  unstageBlock(hash: Uint8Array, height: number): void
  addCoin(point: OutPoint, coin: Coin): void
  removeCoin(point: OutPoint): void
  /** Marks a tag as spent by the block of a height. */
  addTag(tag: Uint8Array, height: number): void
  removeTag(tag: Uint8Array): void
  stageTip(tip: Tip): void
  stageCompactIndex(index: CompactIndex): void
  /** Commits, and leaves the batch empty. */
  commit(): Promise<void>
}

/** What is stored cannot be of one chain: something is missing, or does not match. */
export class ChainCorruptError extends Error {
  override readonly name = 'ChainCorruptError'
}

/** The value, or a `ChainCorruptError` that says what is missing. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new ChainCorruptError(`the chain has no ${what}`)
  return value
}
