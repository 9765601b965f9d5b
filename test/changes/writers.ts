/** Random writes in all of their ways, for the change feed to follow. */
import type { Database, WriteOptions } from 'rocksdb-live'
import type { Random } from '../support/random'

const spec = { key: 'utf8', value: 'utf8' } as const

export const SPECS = {
  a: spec,
  b: spec,
  merged: { ...spec, mergeOperator: 'stringappend' },
} as const

export const NAMES = ['a', 'b', 'merged'] as const

type Writes = Pick<
  ReturnType<Database<typeof SPECS>['batch']>,
  'put' | 'delete' | 'deleteRange' | 'merge'
>

export class Writer {
  /** Operations that were written. */
  count = 0
  #made = 0

  constructor(
    readonly db: Database<typeof SPECS>,
    readonly random: Random,
    /** Families that this writer makes are named after it. */
    readonly name: string,
    readonly options: () => WriteOptions = () => ({}),
  ) {}

  key(): string {
    return `k${String(this.random.below(200)).padStart(3, '0')}`
  }

  /** Adds one operation. */
  add(writes: Writes): void {
    const { db, random } = this
    const family = db.columnFamily(random.pick(NAMES))
    const key = this.key()
    const kind = random.below(20)
    const value = String(this.count++)
    if (kind < 10) writes.put(family, key, value)
    else if (kind < 14) writes.delete(family, key)
    else if (kind < 19) writes.merge(db.columnFamily('merged'), key, value)
    else {
      const [begin = '', end = ''] = [key, this.key()].sort()
      writes.deleteRange(family, begin, end)
    }
  }

  async writeBatch(operations: number, bytes = 0): Promise<void> {
    const batch = this.db.batch()
    for (let n = 0; n < operations; n++) this.add(batch)
    if (bytes > 0) batch.put(this.db.columnFamily('a'), this.key(), 'x'.repeat(bytes))
    if (this.random.once(4)) batch.writeSync(this.options())
    else await batch.write(this.options())
  }

  async transact(): Promise<void> {
    const tx = this.db.begin()
    for (let left = 1 + this.random.below(10); left > 0; left--) this.add(tx as unknown as Writes)
    if (this.random.once(4)) return tx.rollback()
    try {
      await tx.commit()
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_CONFLICT') throw error
    }
  }

  /** Makes a family, which may have the name of one that is gone, and drops it while it is written to. */
  async family(): Promise<void> {
    const made = await this.db.createColumnFamily(`made by ${this.name}`, spec)
    const keep = this.random.below(6)
    const writes = Array.from({ length: keep }, (_, n) => made.put(`k${n}`, String(this.#made++)))
    if (this.random.once(2)) await Promise.all(writes)
    const dropped = this.db.dropColumnFamily(made)
    await Promise.allSettled(writes)
    await dropped
    this.count += keep
  }

  async step(): Promise<void> {
    const { random } = this
    const chance = random.below(100)
    if (chance < 60) await this.writeBatch(1 + random.below(3))
    else if (chance < 85) await this.writeBatch(random.below(40))
    else if (chance < 95) await this.transact()
    else if (chance < 97) await this.family()
    else if (chance < 98) await this.writeBatch(3, 1_200_000)
    else await this.db.flush(this.db.columnFamily(random.pick(NAMES)))
  }

  async write(operations: number): Promise<void> {
    while (this.count < operations) await this.step()
  }
}
