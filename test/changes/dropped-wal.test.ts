/** WAL files that are gone or damaged when a database is opened. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ChangesGapError, Database } from 'rocksdb-live'
import { Program, useDirectory } from '../lifecycle/children'
import { textsAfter, tokenOf } from '../support/changes'
import { expectRejection } from '../support/expectations'

const directory = useDirectory()
const KEPT = { tuning: { changesRetainMb: 64 } } as const
/** Memtables and WAL files change long before anything is flushed. */
const MANY_FILES = {
  ...KEPT,
  rocksdb: {
    columnFamily: {
      write_buffer_size: '262144',
      min_write_buffer_number_to_merge: '5',
      max_write_buffer_number: '8',
    },
  },
} as const

const walOf = (path: string) =>
  readdirSync(path)
    .filter((name) => name.endsWith('.log'))
    .sort()
    .map((name) => join(path, name))

/** Runs `work` with the database, and closes it. */
async function opened<T>(options: object, work: (db: Database) => Promise<T>): Promise<T> {
  const db = await Database.open(directory('db'), options)
  try {
    return await work(db)
  } finally {
    await db.close()
  }
}

/** Leaves several files with commits in the archive. */
async function archive(): Promise<string> {
  return opened(KEPT, async (db) => {
    const token = await tokenOf(db)
    await db.retainChanges('mirror', { after: token })
    for (let n = 0; n < 4; n++) {
      await db.default.put(`k${n}`, 'v')
      await db.flush()
    }
    return token
  })
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('files that were deleted from the archive', () => {
  it('are a gap that says where it is, and lose the places that need them', async () => {
    const after = await archive()
    for (const path of walOf(directory('db', 'archive'))) rmSync(path)
    await opened(KEPT, async (db) => {
      const error = await db
        .changes({ after })
        .next()
        .catch((reason) => reason)
      expect(error).toBeInstanceOf(ChangesGapError)
      expect(error.oldest).toBeGreaterThan(error.wanted)
      // Nothing is written here, so no file tells that the others are gone.
      while ((await db.retainedChanges())[0]?.lost !== true) await turn()
      expect(db.healthCause).toContain('mirror')
      await expectRejection(db.retainChanges('mirror', { after }), 'ERR_CHANGES_GAP')
      await db.retainChanges('mirror')
      expect(db.healthCause).toBeUndefined()
    })
  })

  it('in the middle stop a reader there, not before', async () => {
    const after = await archive()
    const files = walOf(directory('db', 'archive'))
    rmSync(files[2] as string)
    await opened(KEPT, async (db) => {
      const keys: unknown[] = []
      const read = async () => {
        for await (const { operations } of db.changes({ after })) {
          keys.push(...operations.map((one) => 'key' in one && String(one.key)))
        }
      }
      await expectRejection(read(), 'ERR_CHANGES_GAP')
      expect(keys).toEqual(['k0', 'k1'])
    })
  })
})

describe('files of which recovery has taken nothing', () => {
  /** A process that was killed with several WAL files; then a byte of one of them is changed. */
  async function damage(file: number, at: number): Promise<void> {
    const program = new Program('rows', [directory('db'), MANY_FILES, 50, 20_000])
    await program.waitFor('ready')
    program.kill('SIGKILL')
    await program.ended
    const files = walOf(directory('db'))
    expect(files.length).toBeGreaterThan(3)
    const path = files[file] as string
    const bytes = readFileSync(path)
    const index = at < 0 ? bytes.length + at : at
    bytes[index] = (bytes[index] as number) ^ 0xff
    writeFileSync(path, bytes)
  }

  it.each([
    ['in the middle', 1, -100_000],
    ['at the beginning', 2, 200],
  ])(
    'are never read again, where one was damaged %s',
    async (_, file, at) => {
      await damage(file, at)
      const [tokens, rows] = await opened(MANY_FILES, async (db) => {
        expect(db.recovery?.droppedBytes).toBeGreaterThan(250_000)
        const left: string[] = []
        for (const [, value] of db.default.entriesSync())
          left.push(String(value).split(' ')[0] ?? '')
        const news = db.changes({ after: await tokenOf(db) })
        const found: string[] = []
        for (let n = 0; n < 60; n++) {
          await db.default.put(`row${n % 7}`, `new${n}`)
          found.push((await news.next()).value?.token as string)
        }
        await news.return()
        await db.default.put('end', '')
        const all = await textsAfter(db, 'oldest')
        const old = (all as string[]).filter((text) => text.includes('=old'))
        expect(old).toHaveLength(left.length)
        return [found, all] as const
      })
      expect(rows.at(-1)).toBe('row3=new59')
      await opened(MANY_FILES, async (db) => {
        for (const [n, token] of tokens.entries()) {
          expect(await textsAfter(db, token)).toEqual(
            Array.from({ length: 59 - n }, (__, at) => `row${(n + at + 1) % 7}=new${n + at + 1}`),
          )
        }
      })
    },
    60_000,
  )
})
