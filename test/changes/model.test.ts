/**
 * Copies that follow the change feed, beside the database: each must end with the same rows, with no operation
 * left out, whatever is written, however the consumer reads, over reopens.
 *
 *   CHANGES_SEED=5 npx jest test/changes/model
 *   npm run test:changes -- --operations 1000000
 */
import type { Database } from 'rocksdb-live'
import { tokenOf } from '../support/changes'
import { openFresh, reopen, useTempDirectory } from '../support/database'
import { Random } from '../support/random'
import { Consumer, FENCE, rowsOf } from './copies'
import { NAMES, SPECS, Writer } from './writers'

useTempDirectory()

const OPENINGS = 4
const WRITERS = 4
/** By each writer in an opening: 48,000 in all modes, or as many as are asked for. */
const OPERATIONS = Math.ceil(Number(process.env['CHANGES_OPERATIONS'] ?? 48_000) / 80)

type Model = Database<typeof SPECS>

const one = { enablePipelinedWrite: false }

const MODES = {
  plain: [one, {}],
  pipelined: [{ enablePipelinedWrite: true }, {}],
  unordered: [one, { unordered_write: true }],
  compressed: [{}, { wal_compression: 'kZSTD' }],
  'flushed by hand': [{}, { manual_wal_flush: true }],
} as const

async function consumersOf(db: Model, random: Random): Promise<Consumer[]> {
  const token = await tokenOf(db)
  const start = (manner: Consumer['manner']) => {
    const consumer = new Consumer(
      manner,
      new Random(random.below(2 ** 32)),
      ['default', ...NAMES],
      token,
    )
    consumer.copy.families.get('default')?.set('marks the place', 'here')
    return consumer
  }
  return [start('fast'), start('slow'), start('still'), start('restarts')]
}

function familiesOf(db: Model) {
  return [db.default, ...NAMES.map((name) => db.columnFamily(name))]
}

/** Writes and reads at once, until all consumers but those that leave have read everything. */
async function oneOpening(db: Model, consumers: Consumer[], round: number, random: Random) {
  const fence = String(round)
  const last = round === OPENINGS - 1
  const leaves = ({ manner }: Consumer) => !last && (manner === 'still' || manner === 'slow')
  for (const consumer of consumers) consumer.hurry = false
  const reads = Promise.all(
    consumers.map((consumer) => consumer.follow(db, fence, leaves(consumer) ? 30 : undefined)),
  )
  reads.catch(() => {})
  const writers = Array.from({ length: WRITERS }, (_, n) => {
    return new Writer(db, new Random(random.below(2 ** 32)), String(n))
  })
  await Promise.all(writers.map((writer) => writer.write(OPERATIONS)))
  await db.default.put(FENCE, fence)
  for (const consumer of consumers) consumer.hurry = true
  await reads
  const rows = await rowsOf(familiesOf(db))
  for (const consumer of consumers) {
    if (leaves(consumer)) continue
    expect({ manner: consumer.manner, rows: consumer.copy.rows() }).toEqual({
      manner: consumer.manner,
      rows,
    })
  }
}

it.each(Object.entries(MODES))(
  'copies end with the rows: %s',
  async (_, [tuning, settings]) => {
    const random = Random.fromEnvironment('CHANGES_SEED')
    const options = {
      columnFamilies: SPECS,
      tuning: { changesRetainMb: 1024, ...tuning },
      rocksdb: { db: { ...settings } },
    }
    let db = await openFresh(options)
    const consumers = await consumersOf(db, random)
    for (let round = 0; round < OPENINGS; round++) {
      if (round > 0) db = await reopen(db, options)
      await oneOpening(db, consumers, round, random)
    }
  },
  120_000 + OPERATIONS * 100,
)

it('says so where changes are gone, or a copy is whole', async () => {
  const random = Random.fromEnvironment('CHANGES_SEED')
  const options = { columnFamilies: SPECS }
  let gaps = 0
  let db = await openFresh(options)
  for (let round = 0; round < 12; round++) {
    const before = await rowsOf(familiesOf(db))
    const consumers = await consumersOf(db, random)
    for (const { copy } of consumers) fill(copy, before)
    // Every other round without a write that leaves no trace in the WAL.
    const bare = () => ({ disableWAL: round % 2 === 1 && random.once(5) })
    const writer = new Writer(db, random, 'one', bare)
    const half = consumers.map((consumer) => outcomeOf(consumer.follow(db, 'half')))
    await writer.write(300)
    await db.default.put(FENCE, 'half')
    for (const consumer of consumers) consumer.hurry = true
    const first = await Promise.all(half)
    if (round % 3 === 2) db = await reopen(db, options)
    await new Writer(db, random, 'two', bare).write(300)
    await db.default.put(FENCE, 'end')
    const second = await Promise.all(
      consumers.map((each, n) =>
        first[n] === 'ok' ? outcomeOf(each.follow(db, 'end')) : first[n],
      ),
    )
    const rows = await rowsOf(familiesOf(db))
    for (const [n, { copy, manner }] of consumers.entries()) {
      const failed = [first[n], second[n]].some((outcome) => outcome !== 'ok')
      if (failed) gaps++
      else expect([manner, copy.rows()]).toEqual([manner, rows])
    }
    for (const outcome of [...first, ...second])
      expect(['ok', 'ERR_CHANGES_GAP']).toContain(outcome)
  }
  expect(gaps).toBeGreaterThan(0)
}, 60_000)

function fill(copy: Consumer['copy'], rows: Awaited<ReturnType<typeof rowsOf>>): void {
  for (const [name, all] of Object.entries(rows)) {
    for (const [key, value] of all) copy.families.get(name)?.set(key, value)
  }
  copy.families.get('default')?.set('marks the place', 'here')
}

async function outcomeOf(reads: Promise<void>): Promise<string> {
  try {
    await reads
    return 'ok'
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === undefined) throw error
    return code
  }
}
