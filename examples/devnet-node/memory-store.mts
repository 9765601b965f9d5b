/**
 * A stand-in for the store that keeps the same rows, encoded in the same way, in maps: what the
 * benchmark holds RocksDB against. Nothing of it is there after a restart.
 */

import { genesisOf, NETWORK } from './consensus.mjs'
import {
  blockEncoding,
  blockHash,
  coinEncoding,
  compactIndexEncoding,
  type Encoding,
  headerEncoding,
  numberEncoding,
  tipEncoding,
  undoEncoding,
} from './encoding.mjs'
import { blockKey, coinKey, headerKey, type KeyEncoding, tagKey, undoKey } from './keys.mjs'
import { type BlockBatch, type ChainStorage, required } from './storage.mjs'
import { workOf } from './target.mjs'
import type { Block, Coin, CompactIndex, Header, OutPoint, Tip, Undo } from './types.mjs'

/** One family: rows by the bytes of their keys. */
class Rows<K, V> {
  readonly #rows = new Map<string, Uint8Array>()
  readonly #key: KeyEncoding<K>
  readonly #value: Encoding<V>

  constructor(key: KeyEncoding<K>, value: Encoding<V>) {
    this.#key = key
    this.#value = value
  }

  get size(): number {
    return this.#rows.size
  }

  has(key: K): boolean {
    return this.#rows.has(this.#text(key))
  }

  get(key: K): V | undefined {
    const bytes = this.#rows.get(this.#text(key))
    return bytes && this.#value.decode(bytes)
  }

  /** The change, encoded now and made later. */
  put(key: K, value: V): () => void {
    const [text, bytes] = [this.#text(key), this.#value.encode(value)]
    return () => this.#rows.set(text, bytes)
  }

  delete(key: K): () => void {
    const text = this.#text(key)
    return () => this.#rows.delete(text)
  }

  #text(key: K): string {
    return Buffer.from(this.#key.encode(key)).toString('latin1')
  }
}

export class MemoryStore implements ChainStorage {
  readonly headers = new Rows(headerKey, headerEncoding)
  readonly stored = new Rows(blockKey, blockEncoding)
  readonly undo = new Rows(undoKey, undoEncoding)
  readonly utxo = new Rows(coinKey, coinEncoding)
  readonly tagged = new Rows(tagKey, numberEncoding)
  tipBytes: Uint8Array | undefined
  indexBytes: Uint8Array | undefined

  /** A store with the first block of a network. */
  static async open(network = NETWORK): Promise<MemoryStore> {
    const store = new MemoryStore()
    const { block, hash } = genesisOf(network)
    const work = workOf(block.header.bits)
    const batch = store.beginBlockBatch()
    batch.stageBlock(hash, block, [])
    batch.stageCompactIndex([{ hash, work }])
    batch.stageTip({ height: 0, hash, work, reorgCount: 0 })
    await batch.commit()
    return store
  }

  async tip(): Promise<Tip | undefined> {
    return this.tipBytes && tipEncoding.decode(this.tipBytes)
  }

  async headerByHeight(height: number): Promise<Header | undefined> {
    return this.headers.get(height)
  }

  async blockByHash(hash: Uint8Array): Promise<Block | undefined> {
    return this.stored.get(hash)
  }

  async blockByHeight(height: number): Promise<Block | undefined> {
    const header = this.headers.get(height)
    return header && this.stored.get(blockHash(header))
  }

  async hasBlock(hash: Uint8Array): Promise<boolean> {
    return this.stored.has(hash)
  }

  async *blocks(from = 0): AsyncGenerator<Block> {
    for (let height = from; ; height++) {
      const block = await this.blockByHeight(height)
      if (block === undefined) return
      yield block
    }
  }

  async coins(points: readonly OutPoint[]): Promise<(Coin | undefined)[]> {
    return points.map((point) => this.utxo.get(point))
  }

  async hasTags(tags: readonly Uint8Array[]): Promise<boolean[]> {
    return tags.map((tag) => this.tagged.has(tag))
  }

  async undoOf(hash: Uint8Array): Promise<Undo | undefined> {
    return this.undo.get(hash)
  }

  async compactIndex(): Promise<CompactIndex> {
    return compactIndexEncoding.decode(required(this.indexBytes, 'compact index'))
  }

  async utxoCount(): Promise<number> {
    return this.utxo.size
  }

  beginBlockBatch(): BlockBatch {
    return new MemoryBatch(this)
  }
}

class MemoryBatch implements BlockBatch {
  readonly #store: MemoryStore
  #changes: (() => void)[] = []

  constructor(store: MemoryStore) {
    this.#store = store
  }

  storeBlock(hash: Uint8Array, block: Block): void {
    this.#changes.push(this.#store.stored.put(hash, block))
  }

  removeBlock(hash: Uint8Array): void {
    this.#changes.push(this.#store.stored.delete(hash))
  }

  stageBlock(hash: Uint8Array, block: Block, undo: Undo): void {
    const { stored, headers, undo: undone } = this.#store
    const { header } = block
    this.#changes.push(stored.put(hash, block), headers.put(header.height, header))
    this.#changes.push(undone.put(hash, undo))
  }

  unstageBlock(hash: Uint8Array, height: number): void {
    this.#changes.push(this.#store.headers.delete(height), this.#store.undo.delete(hash))
  }

  addCoin(point: OutPoint, coin: Coin): void {
    this.#changes.push(this.#store.utxo.put(point, coin))
  }

  removeCoin(point: OutPoint): void {
    this.#changes.push(this.#store.utxo.delete(point))
  }

  addTag(tag: Uint8Array, height: number): void {
    this.#changes.push(this.#store.tagged.put(tag, height))
  }

  removeTag(tag: Uint8Array): void {
    this.#changes.push(this.#store.tagged.delete(tag))
  }

  stageTip(tip: Tip): void {
    const bytes = tipEncoding.encode(tip)
    this.#changes.push(() => {
      this.#store.tipBytes = bytes
    })
  }

  stageCompactIndex(index: CompactIndex): void {
    const bytes = compactIndexEncoding.encode(index)
    this.#changes.push(() => {
      this.#store.indexBytes = bytes
    })
  }

  async commit(): Promise<void> {
    const changes = this.#changes
    this.#changes = []
    for (const change of changes) change()
  }
}
