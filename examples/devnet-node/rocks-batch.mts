/**
 * The changes of one block as one RocksDB batch over five families.
 *
 * And no transaction: there is nobody to conflict with. Only `Chain` writes, one thing after the other
 * (`exclusively`), and RocksDB's lock keeps other processes out. It decides by a tip that it holds in
 * memory, which running again after a conflict would have to load anew. What a block reads of the blocks
 * before it in the same commit is in `UtxoView`, which works over a store in memory as well; and a
 * reorganisation, or `rebuildUtxo`, may write more than the 64 MiB of a transaction.
 */
import type { Batch } from 'rocksdb-live'
import { compactIndexEncoding, tipEncoding } from './encoding.mjs'
import type { ChainFamilies } from './families.mjs'
import { HASH_BYTES, ZERO_HASH } from './hash.mjs'
import type { BlockBatch } from './storage.mjs'
import type { Block, Coin, CompactIndex, OutPoint, Tip, Undo } from './types.mjs'

/** Behind every hash there is. */
const LAST_HASH = Buffer.alloc(HASH_BYTES, 0xff)

export class RocksBatch implements BlockBatch {
  readonly #batch: Batch
  readonly #families: ChainFamilies
  readonly #sync: boolean

  /** `batch` is empty, and of the database of the families. */
  constructor(batch: Batch, families: ChainFamilies, sync: boolean) {
    this.#batch = batch
    this.#families = families
    this.#sync = sync
  }

  storeBlock(hash: Uint8Array, block: Block): void {
    this.#batch.put(this.#families.blocks, hash, block)
  }

  removeBlock(hash: Uint8Array): void {
    this.#batch.delete(this.#families.blocks, hash)
  }

  stageBlock(hash: Uint8Array, block: Block, undo: Undo): void {
    this.storeBlock(hash, block)
    this.#batch.put(this.#families.headers, block.header.height, block.header)
    this.#batch.put(this.#families.undo, hash, undo)
  }

  unstageBlock(hash: Uint8Array, height: number): void {
    this.#batch.delete(this.#families.headers, height)
    this.#batch.delete(this.#families.undo, hash)
  }

  addCoin(point: OutPoint, coin: Coin): void {
    this.#batch.put(this.#families.utxo, point, coin)
  }

  removeCoin(point: OutPoint): void {
    this.#batch.delete(this.#families.utxo, point)
  }

  addTag(tag: Uint8Array, height: number): void {
    this.#batch.put(this.#families.tags, tag, height)
  }

  removeTag(tag: Uint8Array): void {
    this.#batch.delete(this.#families.tags, tag)
  }

  /** Removes every output and every tag; what is added afterwards stays. */
  clearUtxo(): void {
    const [first, last] = [
      { txid: ZERO_HASH, index: 0 },
      { txid: LAST_HASH, index: 0 },
    ]
    this.#batch.deleteRange(this.#families.utxo, first, last)
    this.#batch.deleteRange(this.#families.tags, ZERO_HASH, LAST_HASH)
  }

  stageTip(tip: Tip): void {
    this.stageMeta('tip', tipEncoding.encode(tip))
  }

  stageCompactIndex(index: CompactIndex): void {
    this.stageMeta('compact_index', compactIndexEncoding.encode(index))
  }

  /** Sets a row of META. */
  stageMeta(name: string, value: Uint8Array): void {
    this.#batch.put(this.#families.meta, name, value)
  }

  async commit(): Promise<void> {
    await this.#batch.write({ sync: this.#sync })
  }
}
