/** Consumers of the change feed that keep a copy of the database, each in its own way. */
import type { ChangeStream, Database } from 'rocksdb-live'
import type { Random } from '../support/random'

type Rows = Map<string, string>

/** What the feed gives, with codecs of text or bytes. */
interface Operation {
  type: string
  family: string
  key?: unknown
  value?: unknown
  operand?: unknown
  begin?: unknown
  end?: unknown
}

interface Change {
  token: string
  sequence: bigint
  operations: Operation[]
}

/** A family, of any codecs. */
interface Family {
  readonly name: string
  entries(): AsyncIterable<[unknown, unknown]>
}

/** How a consumer reads. */
export type Manner = 'fast' | 'slow' | 'still' | 'restarts'

/** The row of the default family that a consumer reads until. */
export const FENCE = 'fence'

/** A copy of all rows, by family. */
export class Copy {
  readonly families = new Map<string, Rows>()
  sequence: bigint | undefined

  constructor(names: readonly string[]) {
    for (const name of names) this.families.set(name, new Map())
  }

  /** Applies a change; fails where it does not follow the one before. */
  apply({ sequence, operations }: Change): void {
    const made = operations.filter(({ type }) => type.endsWith('Family')).length
    const first = sequence - BigInt(operations.length - made) + 1n
    if (this.sequence !== undefined && first !== this.sequence + 1n) {
      throw new Error(`a change begins at ${first}, the one before ended at ${this.sequence}`)
    }
    this.sequence = sequence
    for (const operation of operations) this.#applyOne(operation)
  }

  #applyOne({ type, family, ...operands }: Operation): void {
    if (type === 'dropFamily') {
      if (!this.families.delete(family)) throw new Error(`${family} was dropped, but not made`)
      return
    }
    if (type === 'createFamily') {
      if (this.families.has(family)) throw new Error(`${family} was made twice`)
      this.families.set(family, new Map())
      return
    }
    const rows = this.families.get(family)
    if (rows === undefined) throw new Error(`${family} is written to, but was not made`)
    const key = String(operands.key)
    if (type === 'put') rows.set(key, String(operands.value))
    else if (type === 'delete') rows.delete(key)
    else if (type === 'merge') {
      const old = rows.get(key)
      rows.set(key, old === undefined ? String(operands.operand) : `${old},${operands.operand}`)
    } else {
      const [begin, end] = [String(operands.begin), String(operands.end)]
      for (const one of [...rows.keys()]) if (one >= begin && one < end) rows.delete(one)
    }
  }

  /** All rows, in the order of their families and keys. */
  rows(): Record<string, [string, string][]> {
    const sorted = [...this.families].sort(([a], [b]) => (a < b ? -1 : 1))
    return Object.fromEntries(
      sorted.map(([name, rows]) => [name, [...rows].sort(([a], [b]) => (a < b ? -1 : 1))]),
    )
  }
}

/** All rows of a database, as `Copy.rows` has them. */
export async function rowsOf(families: readonly Family[]): Promise<ReturnType<Copy['rows']>> {
  const all: ReturnType<Copy['rows']> = {}
  for (const family of [...families].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const rows: [string, string][] = []
    for await (const [key, value] of family.entries()) rows.push([String(key), String(value)])
    all[family.name] = rows
  }
  return all
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

export class Consumer {
  readonly copy: Copy
  /** Set once writers have ended: nobody reads slowly any more. */
  hurry = false
  changes = 0

  constructor(
    readonly manner: Manner,
    readonly random: Random,
    names: readonly string[],
    public token: string,
  ) {
    this.copy = new Copy(names)
  }

  /** Reads until the fence has this value, or as many changes as `most`. */
  async follow(db: Pick<Database, 'changes'>, fence: string, most = Number.POSITIVE_INFINITY) {
    let left = most
    while (left > 0) {
      const part = this.manner === 'restarts' ? 1 + this.random.below(40) : left
      const read = await this.#read(this.#open(db), fence, Math.min(part, left))
      if (read === undefined) return
      left -= read
    }
  }

  #open(db: Pick<Database, 'changes'>): ChangeStream<Change> {
    const maxBufferedBytes = this.random.pick([1, 1000, 1 << 16, 1 << 20, 1 << 24])
    return db.changes({ after: this.token, maxBufferedBytes }) as ChangeStream<Change>
  }

  /** How many changes it has read; undefined if the last one was the fence. */
  async #read(
    feed: ChangeStream<Change>,
    fence: string,
    most: number,
  ): Promise<number | undefined> {
    let read = 0
    for await (const change of feed) {
      this.changes++
      this.copy.apply(change)
      const [operation] = change.operations
      // A record may hold several commits; the fence is written alone, when nobody else writes.
      const ended =
        operation?.type === 'put' &&
        String(operation.key) === FENCE &&
        String(operation.value) === fence
      if (ended || ++read === most) {
        this.token = change.token
        return ended ? undefined : read
      }
      await this.#rest()
    }
    throw new Error('the feed ended')
  }

  async #rest(): Promise<void> {
    if (this.manner === 'slow' && !this.hurry) for (let n = 0; n < 5; n++) await turn()
    if (this.manner === 'still' && this.changes % 50 === 5) while (!this.hurry) await turn()
  }
}
