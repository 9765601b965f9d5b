/**
 * Two nodes that take turns at writing, while writes of every kind are on their way: nothing hangs, nothing that
 * was acknowledged is lost, and in the end both have the same rows.
 *
 *   REPLICA_SEED=5 REPLICA_TURNS=200 npx jest test/native/replica-turns
 */
import { Database } from 'rocksdb-live'
import { Random } from '../support/random'
import { type TestNode, useNodes } from '../support/replica'

const TURNS = Number(process.env['REPLICA_TURNS'] ?? 12)
const KEYS = 200
const { path, log, node } = useNodes()
const turn = () => new Promise((resolve) => setImmediate(resolve))

interface Told {
  done: number
  failed: Map<string, number>
}

async function rowsOf(db: TestNode['db']): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {}
  for (const name of db.columnFamilies().sort()) {
    const rows: string[] = []
    for await (const [key, value] of db.columnFamily(name).entries()) rows.push(`${key}=${value}`)
    all[name] = rows
  }
  return all
}

/** Writes of all kinds; `counts` has how often each counter was raised for sure, and at most. */
class Load {
  readonly told: Told = { done: 0, failed: new Map() }
  readonly raised = { sure: 0, perhaps: 0 }
  readonly #random: Random
  #next = 0

  constructor(random: Random) {
    this.#random = random
  }

  async #try(work: Promise<unknown>): Promise<'done' | 'no' | 'perhaps'> {
    try {
      await work
      this.told.done++
      return 'done'
    } catch (error) {
      const { code, outcome } = error as { code: string; outcome?: string }
      expect(code).toMatch(
        /^ERR_(NOT_WRITER|CLOSED|DROPPED|CONFLICT|INVALID_ARGUMENT|BUSY|TRANSACTION_DONE)$/,
      )
      this.told.failed.set(code, (this.told.failed.get(code) ?? 0) + 1)
      return outcome === 'unknown' ? 'perhaps' : 'no'
    }
  }

  #raise(db: Database): Promise<unknown> {
    return db.transaction(
      async (tx) => {
        const before = Number((await tx.get(db.default, 'counter')) ?? 0)
        tx.put(db.default, 'counter', String(before + 1))
      },
      { maxRetries: 10_000 },
    )
  }

  async #compare(db: Database): Promise<void> {
    const key = `row ${this.#random.below(KEYS)}`
    const before = await db.default.get(key)
    const check = before === undefined ? { key, absent: true as const } : { key, equals: before }
    await db.compareAndWrite({
      checks: [check],
      operations: [{ type: 'put', key, value: `compared ${this.#next++}` }],
    })
  }

  async #family(db: Database): Promise<void> {
    const name = `family ${this.#random.below(3)}`
    if (db.columnFamilies().includes(name)) await db.dropColumnFamily(name)
    else await (await db.createColumnFamily(name)).put('made', String(this.#next++))
  }

  async one(db: Database): Promise<void> {
    const key = `row ${this.#random.below(KEYS)}`
    const kind = this.#random.below(20)
    if (kind < 8) await this.#try(db.default.put(key, `put ${this.#next++}`))
    else if (kind < 11) {
      const ended = await this.#try(this.#raise(db))
      if (ended === 'done') this.raised.sure++
      if (ended !== 'no') this.raised.perhaps++
    } else if (kind < 14) await this.#try(this.#compare(db))
    else if (kind < 16) await this.#try(db.default.delete(key))
    else if (kind < 17) await this.#try(db.default.clear({ gte: 'row 1', lt: 'row 2' }))
    else if (kind < 18) await this.#try(this.#family(db))
    else
      await this.#try(db.batch().put(db.default, key, 'batch').delete(db.default, 'row 0').write())
  }
}

describe('nodes that take turns', () => {
  it('lose nothing, and end up equal', async () => {
    const random = Random.fromEnvironment('REPLICA_SEED')
    const nodes = [await node('one'), await node('two')]
    const load = new Load(random)
    for (let at = 0; at < TURNS; at++) {
      const writer = nodes[at % 2] as TestNode
      const stops = { now: false }
      writer.delay = async () => {
        for (let turns = random.below(6); turns > 0; turns--) await turn()
        // It hangs until somebody else takes over.
        while (stops.now) await turn()
      }
      await writer.write()
      const other = await Database.open(path(at % 2 === 0 ? 'one' : 'two'), { env: false })
      let over = false
      const worker = async (db: Database) => {
        while (!over) await load.one(db)
      }
      const workers = Array.from({ length: 8 }, (_, n) => worker(n % 2 === 0 ? writer.db : other))
      const until = load.told.done + 20 + random.below(200)
      while (load.told.done < until) await turn()
      const kind = random.below(4)
      if (kind === 0) stops.now = true
      for (let turns = random.below(5); turns > 0; turns--) await turn()
      if (kind === 1) writer.session.replicaDrain('it hands over')
      if (kind === 1) await writer.pumped
      over = true
      if (kind === 2) {
        writer.db.closeSync()
        nodes[at % 2] = await node(at % 2 === 0 ? 'one' : 'two')
      } else await writer.follow()
      stops.now = false
      await Promise.all(workers)
      await other.close()
      await writer.pumped
      for (const each of nodes) await each.catchUp()
    }
    const [one, two] = nodes as [TestNode, TestNode]
    expect(two.position).toEqual(one.position)
    expect(await rowsOf(two.db)).toEqual(await rowsOf(one.db))
    const counter = Number(await one.db.default.get('counter'))
    const { sure, perhaps } = load.raised
    expect({ seed: random.seed, counter, lost: counter < sure, more: counter > perhaps }).toEqual({
      seed: random.seed,
      counter,
      lost: false,
      more: false,
    })
    expect(log().records.length).toBeGreaterThan(TURNS)
  }, 120_000)
})
