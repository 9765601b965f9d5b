/**
 * The unspent outputs as they are after some blocks, over those that are stored. Blocks are checked
 * against it, and what they changed goes into one batch in the end.
 */
import { hex } from './hash.mjs'
import { pointText } from './keys.mjs'
import type { BlockBatch, ChainStorage } from './storage.mjs'
import type { Coin, OutPoint } from './types.mjs'

interface Seen<Key, Value> {
  key: Key
  /** undefined: spent, or never there. */
  value: Value | undefined
  changed: boolean
}

export class UtxoView {
  readonly #storage: ChainStorage
  readonly #coins = new Map<string, Seen<OutPoint, Coin>>()
  readonly #tags = new Map<string, Seen<Uint8Array, number>>()

  constructor(storage: ChainStorage) {
    this.#storage = storage
  }

  /** Reads what is not known yet, all at once; `coin` and `isMarked` know it from then on. */
  async load(points: readonly OutPoint[], tags: readonly Uint8Array[]): Promise<void> {
    const newPoints = points.filter((point) => !this.#coins.has(pointText(point)))
    const newTags = tags.filter((tag) => !this.#tags.has(hex(tag)))
    const [coins, marks] = await Promise.all([
      newPoints.length > 0 ? this.#storage.coins(newPoints) : [],
      newTags.length > 0 ? this.#storage.hasTags(newTags) : [],
    ])
    for (const [i, key] of newPoints.entries()) {
      this.#coins.set(pointText(key), { key, value: coins[i], changed: false })
    }
    for (const [i, key] of newTags.entries()) {
      this.#tags.set(hex(key), { key, value: marks[i] ? 0 : undefined, changed: false })
    }
  }

  /** An output that can be spent; `load` must have been told of it. */
  coin(point: OutPoint): Coin | undefined {
    return this.#coins.get(pointText(point))?.value
  }

  /** Whether a tag is marked; `load` must have been told of it. */
  isMarked(tag: Uint8Array): boolean {
    return this.#tags.get(hex(tag))?.value !== undefined
  }

  add(point: OutPoint, coin: Coin): void {
    this.#coins.set(pointText(point), { key: point, value: coin, changed: true })
  }

  remove(point: OutPoint): void {
    this.#coins.set(pointText(point), { key: point, value: undefined, changed: true })
  }

  mark(tag: Uint8Array, height: number): void {
    this.#tags.set(hex(tag), { key: tag, value: height, changed: true })
  }

  unmark(tag: Uint8Array): void {
    this.#tags.set(hex(tag), { key: tag, value: undefined, changed: true })
  }

  /** Puts what has changed into a batch. */
  stageInto(batch: BlockBatch): void {
    for (const { key, value, changed } of this.#coins.values()) {
      if (!changed) continue
      if (value === undefined) batch.removeCoin(key)
      else batch.addCoin(key, value)
    }
    for (const { key, value, changed } of this.#tags.values()) {
      if (!changed) continue
      if (value === undefined) batch.removeTag(key)
      else batch.addTag(key, value)
    }
  }
}
