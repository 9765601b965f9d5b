/** A copy in another process than the writer, which is killed at random and begins again. */
import { Database } from 'rocksdb-live'
import { Program, randomOf, seedOfRun, useDirectory } from '../lifecycle/children'
import { take } from '../support/changes'

const directory = useDirectory()
const KILLS = 8

/** Rows that follow a secondary. */
class Copy {
  readonly rows = new Map<string, string>()
  #token = ''
  /** How often it had to begin again. */
  anew = 0

  constructor(readonly db: Database) {}

  async begin(): Promise<void> {
    this.rows.clear()
    for await (const event of this.db.default.watch({ initial: true })) {
      if (event.type === 'put') this.rows.set(String(event.key), String(event.value))
      if (event.type !== 'ready') continue
      this.#token = event.token
      return
    }
  }

  /** Reads all that the secondary has caught up with. */
  async follow(): Promise<void> {
    const [beat] = await take(this.db.changes({ heartbeatMs: 1 }), 1)
    const end = beat?.sequence as bigint
    try {
      for await (const change of this.db.changes({ after: this.#token, heartbeatMs: 1 })) {
        for (const operation of change.operations) {
          if (operation.type === 'put') {
            this.rows.set(String(operation.key), String(operation.value))
          } else if (operation.type === 'delete') this.rows.delete(String(operation.key))
        }
        this.#token = change.token
        if (change.sequence >= end) return
      }
    } catch (error) {
      expect((error as { code: string }).code).toMatch(/^ERR_CHANGES_(GAP|EPOCH)$/)
      this.anew++
      await this.begin()
    }
  }

  get sorted() {
    return [...this.rows].sort(([a], [b]) => (a < b ? -1 : 1))
  }
}

async function rowsOf(db: Database) {
  const rows: [string, string][] = []
  for await (const [key, value] of db.default.entries()) rows.push([String(key), String(value)])
  return rows
}

it.each([
  ['whose WAL is kept', { tuning: { changesRetainMb: 64 } }, 0],
  ['whose WAL goes', {}, Number.POSITIVE_INFINITY],
  [
    'that holds back its WAL',
    { rocksdb: { db: { manual_wal_flush: true } } },
    Number.POSITIVE_INFINITY,
  ],
])(
  'follows a writer %s',
  async (_, options, most) => {
    const seed = seedOfRun()
    const random = randomOf(seed)
    let first = 0
    const start = async () => {
      const program = new Program('feed-writer', [directory('db'), options, seed + first, first])
      await program.waitFor('wrote')
      return program
    }
    let writer = await start()
    const mode = { secondary: directory('secondary') }
    const db: Database = await Database.open(directory('db'), { mode })
    try {
      const copy = new Copy(db)
      await copy.begin()
      const check = async () => {
        await db.catchUp()
        await copy.follow()
        expect({ seed, rows: copy.sorted }).toEqual({ seed, rows: await rowsOf(db) })
      }
      for (let kill = 0; kill < KILLS; kill++) {
        for (let n = random(4); n >= 0; n--) await check()
        writer.kill('SIGKILL')
        const { said } = await writer.ended
        if (kill % 2 === 0) await check()
        first = Number(said.findLast(([word]) => word === 'wrote')?.[1]) + 1000
        writer = await start()
      }
      writer.send('end')
      expect((await writer.ended).said.at(-1)).toEqual(['closed'])
      await check()
      expect(copy.rows.get('end')).toBe(String(first))
      // Who keeps no WAL deletes it with each flush.
      expect(copy.anew).toBeLessThanOrEqual(most)
    } finally {
      await db.close()
    }
  },
  60_000,
)
