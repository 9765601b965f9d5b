/** What a `RocksLevel` has open: snapshots and chained batches. */
import { AbstractChainedBatch, AbstractSnapshot } from 'abstract-level'
import type { Batch } from '../batch'
import type { Snapshot } from '../connection/snapshot'
import type { BytesFamily } from '../families'
import type { WriteOptions } from '../types/options'
import { type Format, stored } from './formats'

/** A snapshot of the database. */
export class LevelSnapshot extends AbstractSnapshot {
  readonly inner: Snapshot

  constructor(options: object, inner: Snapshot) {
    // @ts-expect-error Its constructor is not declared: it takes the owner.
    super(options)
    this.inner = inner
  }

  /** @internal */
  async _close(): Promise<void> {
    this.inner.release()
  }
}

/** Operations that are collected, and written at once. */
// biome-ignore lint/suspicious/noExplicitAny: of any keys and values
export class LevelBatch extends AbstractChainedBatch<any, any, any> {
  readonly #batch: Batch
  readonly #family: BytesFamily

  // biome-ignore lint/suspicious/noExplicitAny: see above
  constructor(db: any, batch: Batch, family: BytesFamily) {
    super(db)
    this.#batch = batch
    this.#family = family
  }

  /** @internal */
  _put(key: Format, value: Format): void {
    this.#batch.put(this.#family, stored(key), stored(value))
  }

  /** @internal */
  _del(key: Format): void {
    this.#batch.delete(this.#family, stored(key))
  }

  /** @internal */
  _clear(): void {
    this.#batch.clear()
  }

  /** @internal */
  _write(options: WriteOptions): Promise<void> {
    return this.#batch.write(syncOf(options))
  }
}

/** Options of a write, where they say more than the default. */
export function syncOf({ sync }: WriteOptions): WriteOptions | undefined {
  return sync ? { sync } : undefined
}
