/** Tokens of a process that was killed: each gives what follows it, or is refused. */
import { readdirSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from 'rocksdb-live'
import { Program, useDirectory } from '../lifecycle/children'

const directory = useDirectory()

/** What the program has read of its own feed. */
interface Seen {
  token: string
  sequence: number
  last: string
}

const TUNING = { tuning: { changesRetainMb: 64 } }
const BY_HAND = { ...TUNING, rocksdb: { db: { manual_wal_flush: true } } }

async function seenUntilKilled(
  options: object,
  first: number,
  count: number,
  flushAt: number,
): Promise<Seen[]> {
  const program = new Program('changes', [directory('db'), options, first, count, flushAt])
  await program.waitFor('ready')
  program.kill('SIGKILL')
  const { signal, said } = await program.ended
  expect(signal).toBe('SIGKILL')
  return said.filter(([word]) => word === 'token').map(([, seen]) => seen as Seen)
}

/** All changes after a place, up to the row `end`; or the code of the error. */
async function readFrom(db: Database, after: string): Promise<[bigint, string][] | string> {
  const read: [bigint, string][] = []
  try {
    for await (const { sequence, operations } of db.changes({ after })) {
      const [operation] = operations
      const value = operation?.type === 'put' ? String(operation.value) : ''
      read.push([sequence, value])
      if (value === 'end') return read
    }
  } catch (error) {
    return (error as { code: string }).code
  }
  throw new Error('the feed ended')
}

/** Checks each token beside what the database has; returns how many were refused. */
async function check(db: Database, seen: readonly Seen[]): Promise<number> {
  const all = await readFrom(db, 'oldest')
  if (typeof all === 'string') throw new Error(all)
  const has = new Map(all.map(([sequence, value]) => [Number(sequence), value]))
  let refused = 0
  for (const { token, sequence, last } of seen) {
    const read = await readFrom(db, token)
    // A token of what was lost must not go on with what has its numbers now.
    if (has.get(sequence) === last) {
      expect(read).toEqual(all.filter(([one]) => one > BigInt(sequence)))
    } else {
      expect([last, read]).toEqual([last, 'ERR_CHANGES_EPOCH'])
      refused++
    }
  }
  return refused
}

/** Opens what is left, writes more than was lost, and checks all tokens. */
async function reopenAndCheck(options: object, seen: readonly Seen[]): Promise<number> {
  const db = await Database.open(directory('db'), options)
  try {
    await db.default.put('row', 'end')
    const refused = await check(db, seen)
    await db.default.put('row', 'new')
    for (let n = 0; n < seen.length; n++) await db.default.put('row', `other ${n}`)
    expect(await check(db, seen)).toBe(refused)
    return refused
  } finally {
    await db.close()
  }
}

/** The newest WAL file that has something in it. */
function newestWal(): string {
  const names = readdirSync(directory('db')).filter((name) => name.endsWith('.log'))
  const paths = names.sort().map((name) => join(directory('db'), name))
  return paths.findLast((path) => statSync(path).size > 0) as string
}

it('gives all that follows where nothing was lost', async () => {
  const seen = await seenUntilKilled(TUNING, 0, 60, -1)
  expect(seen).toHaveLength(61)
  expect(await reopenAndCheck(TUNING, seen)).toBe(0)
}, 60_000)

it('refuses tokens of what was never flushed, also once others have their numbers', async () => {
  const seen = await seenUntilKilled(BY_HAND, 0, 60, 19)
  expect(await reopenAndCheck(BY_HAND, seen)).toBe(40)
}, 60_000)

it('refuses them over several crashes', async () => {
  const seen: Seen[] = []
  let refused = 0
  for (let round = 0; round < 3; round++) {
    seen.push(...(await seenUntilKilled(BY_HAND, round * 100, 30, round * 100 + 9)))
    refused += 20
  }
  expect(await reopenAndCheck(BY_HAND, seen)).toBe(refused)
}, 60_000)

it.each([1, 3, 20, 100])(
  'refuses tokens of a tail that was cut by %i bytes',
  async (bytes) => {
    const seen = await seenUntilKilled(TUNING, 0, 40, -1)
    const path = newestWal()
    truncateSync(path, statSync(path).size - bytes)
    const refused = await reopenAndCheck(TUNING, seen)
    expect(refused).toBeGreaterThan(0)
    expect(refused).toBeLessThan(seen.length)
  },
  60_000,
)
