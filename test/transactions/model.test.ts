/**
 * What a transaction reads, beside a model: over its own puts, deletes, merges and deleted ranges, in both
 * directions, while it writes, after savepoints that were undone; and what is there once it has ended.
 *
 *   TRANSACTIONS_SEED=5 npx jest test/transactions/model
 */
import type { Database, Transaction } from 'rocksdb-live'
import { openFresh, reopen, useTempDirectory } from '../support/database'
import { Random } from '../support/random'

useTempDirectory()

const ROUNDS = 1000
const NAMES = ['a', 'b'] as const
type Name = (typeof NAMES)[number]

const spec = { key: 'utf8', value: 'utf8', mergeOperator: 'stringappend' } as const
const families = { a: spec, b: spec } as const

type Rows = Map<string, string>
type State = Record<Name, Rows>
type Bounds = { gt?: string; gte?: string; lt?: string; lte?: string; prefix?: string }

const copyOf = ({ a, b }: State): State => ({ a: new Map(a), b: new Map(b) })

/** Thrown to undo. */
class Undone extends Error {}

/** One transaction, and what it must read. */
class Tried {
  state: State

  constructor(
    readonly db: Database<typeof families>,
    readonly tx: Transaction,
    readonly random: Random,
    before: State,
  ) {
    this.state = copyOf(before)
  }

  family(name: Name) {
    return this.db.columnFamily(name)
  }

  key(): string {
    const number = this.random.below(40)
    if (number === 0) return ''
    return `k${String(number).padStart(2, '0')}${this.random.once(6) ? 'z' : ''}`
  }

  /** Writes something, in the transaction and in the model. */
  write(): void {
    const name = this.random.pick(NAMES)
    const family = this.family(name)
    const rows = this.state[name]
    const key = this.key()
    const value = String(this.random.below(1000))
    const kind = this.random.pick(['put', 'put', 'delete', 'merge', 'deleteRange'] as const)
    if (kind === 'deleteRange') {
      const [begin = '', end = ''] = [key, this.key()].sort()
      this.tx.deleteRange(family, begin, end)
      for (const one of [...rows.keys()]) if (one >= begin && one < end) rows.delete(one)
    } else if (kind === 'delete') {
      this.tx.delete(family, key)
      rows.delete(key)
    } else if (kind === 'merge') {
      this.tx.merge(family, key, value)
      const old = rows.get(key)
      rows.set(key, old === undefined ? value : `${old},${value}`)
    } else {
      this.tx.put(family, key, value)
      rows.set(key, value)
    }
  }

  bounds(): Bounds {
    const bounds: Bounds = {}
    for (const name of ['gt', 'gte', 'lt', 'lte'] as const) {
      if (this.random.once(3)) bounds[name] = this.key()
    }
    if (this.random.once(6)) bounds.prefix = this.random.pick(['k', 'k1', 'k2', 'z'])
    return bounds
  }

  range(name: Name, { gt, gte, lt, lte, prefix = '' }: Bounds): [string, string][] {
    const rows = [...this.state[name]].filter(([key]) => {
      const behind = (gt === undefined || key > gt) && (gte === undefined || key >= gte)
      const before = (lt === undefined || key < lt) && (lte === undefined || key <= lte)
      return behind && before && key.startsWith(prefix)
    })
    return rows.sort(([a], [b]) => (a < b ? -1 : 1))
  }

  /** Reads something in each of its ways. */
  async read(): Promise<void> {
    const name = this.random.pick(NAMES)
    if (this.random.once(3)) await this.readKeys(name)
    else if (this.random.once(2)) await this.readEnds(name)
    else await this.scan(name)
  }

  async readKeys(name: Name): Promise<void> {
    const { tx } = this
    const family = this.family(name)
    const keys = Array.from({ length: 1 + this.random.below(20) }, () => this.key())
    const values = keys.map((key) => this.state[name].get(key))
    const [key = ''] = keys
    expect([name, keys, await tx.getMany(family, keys)]).toEqual([name, keys, values])
    expect([name, keys, tx.getManySync(family, keys)]).toEqual([name, keys, values])
    expect([name, key, await tx.get(family, key)]).toEqual([name, key, values[0]])
    expect([name, key, tx.getSync(family, key)]).toEqual([name, key, values[0]])
    const there = values[0] !== undefined
    expect([name, key, await tx.has(family, key)]).toEqual([name, key, there])
    expect([name, key, tx.hasSync(family, key)]).toEqual([name, key, there])
  }

  async readEnds(name: Name): Promise<void> {
    const { tx } = this
    const family = this.family(name)
    const bounds = this.bounds()
    const rows = this.range(name, bounds)
    const context = [name, bounds]
    expect([...context, await tx.first(family, bounds)]).toEqual([...context, rows[0]])
    expect([...context, tx.lastSync(family, bounds)]).toEqual([...context, rows.at(-1)])
    expect([...context, await tx.count(family, bounds)]).toEqual([...context, rows.length])
  }

  /** Iterates over a range, and writes sometimes: it must see the state when it began. */
  async scan(name: Name): Promise<void> {
    const { tx, random } = this
    const limit = random.once(3) ? { limit: 1 + random.below(5) } : {}
    const reverse = random.once(2)
    const range = { ...this.bounds(), reverse, ...limit }
    const sorted = this.range(name, range)
    const expected = (reverse ? sorted.reverse() : sorted).slice(0, range.limit)
    const writes = random.once(2)
    const found: [string, string][] = []
    const take = (row: [string, string]) => {
      found.push(row)
      if (writes && random.once(3)) this.write()
    }
    if (random.once(2)) for (const row of tx.entriesSync(this.family(name), range)) take(row)
    else for await (const row of tx.entries(this.family(name), range)) take(row)
    expect([name, range, found]).toEqual([name, range, expected])
  }

  /** Several steps, including savepoints, some of which are undone. */
  async steps(depth: number): Promise<void> {
    for (let left = this.random.below(12); left > 0; left--) {
      const chance = this.random.below(10)
      if (chance < 5) this.write()
      else if (chance < 9 || depth > 2) await this.read()
      else if (this.random.once(3)) this.savepointSync()
      else await this.savepoint(depth)
    }
  }

  async savepoint(depth: number): Promise<void> {
    const before = copyOf(this.state)
    const undo = this.random.once(2)
    const part = this.tx.savepoint(async () => {
      await this.steps(depth + 1)
      if (undo) throw new Undone()
    })
    if (!undo) return part
    await expect(part).rejects.toThrow(Undone)
    this.state = before
  }

  savepointSync(): void {
    const before = copyOf(this.state)
    const undo = this.random.once(2)
    const part = () =>
      this.tx.savepointSync(() => {
        for (let left = this.random.below(5); left > 0; left--) this.write()
        expect([...this.tx.entriesSync(this.family('a'))]).toEqual(this.range('a', {}))
        if (undo) throw new Undone()
      })
    if (undo) {
      expect(part).toThrow(Undone)
      this.state = before
    } else part()
  }
}

it('reads its own writes, whatever they are, and leaves what the model has', async () => {
  const random = Random.fromEnvironment('TRANSACTIONS_SEED')
  let db = await openFresh({ columnFamilies: families })
  let committed: State = { a: new Map(), b: new Map() }
  for (let round = 0; round < ROUNDS; round++) {
    // Part of what it reads is then in files, and not in memory.
    if (round % 100 === 99) db = await reopen(db, { columnFamilies: families })
    const isolation = random.pick(['serializable', 'snapshot'] as const)
    const tx = db.begin({ isolation })
    const tried = new Tried(db, tx, random, committed)
    await tried.steps(0)
    if (random.once(4)) tx.rollback()
    else {
      if (random.once(2)) await tx.commit()
      else tx.commitSync()
      committed = tried.state
    }
    for (const name of NAMES) {
      const expected = [...committed[name]].sort(([a], [b]) => (a < b ? -1 : 1))
      expect([...db.columnFamily(name).entriesSync()]).toEqual(expected)
    }
  }
}, 120_000)

it('forgets no delete of the empty key where a savepoint behind it is undone', async () => {
  const db = await openFresh({ columnFamilies: families })
  const a = db.columnFamily('a')
  await a.put('', 'there')
  await db.transaction(async (tx) => {
    tx.delete(a, '')
    const part = tx.savepoint(async () => {
      tx.put(a, 'key', 'value')
      expect(await tx.get(a, 'key')).toBe('value')
      throw new Undone()
    })
    await expect(part).rejects.toThrow(Undone)
    expect([await tx.get(a, ''), await tx.count(a)]).toEqual([undefined, 0])
  })
  expect(await a.count()).toBe(0)
})
