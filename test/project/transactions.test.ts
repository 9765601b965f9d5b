/**
 * The programs in docs/transactions.md print what their comments say, and its table of errors is
 * right.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Database, type RocksDBError, type Transaction } from 'rocksdb-live'
import { openFresh, useTempDirectory } from '../support/database'
import { blocksOf, root } from '../support/documents'
import { programsOf, testGuide } from '../support/guide'

const dir = useTempDirectory()
const page = readFileSync(join(root, 'docs/transactions.md'), 'utf8')

it('names each of its programs', () => {
  const blocks = blocksOf(page).filter(({ language }) => language === 'ts')
  expect(programsOf(page)).toHaveLength(blocks.length)
})

testGuide(
  page,
  [
    'order',
    'lost-update',
    'write-skew',
    'phantom',
    'report',
    'retry',
    'for-update',
    'names',
    'savepoint',
    'by-hand',
  ],
  [],
)

describe('its table of errors', () => {
  const SPECS = { a: { key: 'utf8', value: 'utf8' } } as const
  const lock = { forUpdate: true } as const
  const later = () => new Promise<void>((resolve) => setImmediate(resolve))

  async function open(tuning = {}) {
    const db = await openFresh({ columnFamilies: SPECS, tuning })
    return { db, a: db.columnFamily('a') }
  }

  type Opened = Awaited<ReturnType<typeof open>>
  const never = () => new Promise<void>(() => {})

  /** A failing call for each row, by the beginning of the row's second cell. */
  const FAILURES: Record<string, (opened: Opened) => unknown> = {
    'others have changed': async ({ db, a }) => {
      await using tx = db.begin()
      await tx.get(a, 'k')
      await a.put('k', 'other')
      tx.put(a, 'mine', '')
      await tx.commit()
    },
    'waiting for this lock': async ({ db, a }) => {
      await using one = db.begin()
      await using two = db.begin()
      await one.get(a, 'x', lock)
      await two.get(a, 'y', lock)
      const waiting = one.get(a, 'y', lock).catch(() => {})
      try {
        await two.get(a, 'x', lock)
      } finally {
        two.rollback()
        await waiting
      }
    },
    'a transaction inside': ({ db }) => db.transaction(() => db.transaction(() => 1)),
    'the lock was not free': async ({ db, a }) => {
      await using holder = db.begin()
      await holder.get(a, 'x', lock)
      db.transactionSync((tx) => tx.getSync(a, 'x', lock))
    },
    'the window has forgotten': async () => {
      const { db, a } = await open({ transactionWindowMb: 1 })
      await using tx = db.begin()
      const key = 'x'.repeat(1 << 20)
      for (let i = 0; i < 4; i++) await a.put(`${key}${i}`, '')
      tx.put(a, 'mine', '')
      await tx.commit()
    },
    'a call after the end': ({ db, a }) => {
      const tx = db.begin()
      tx.rollback()
      return tx.get(a, 'k')
    },
    'a commit while': ({ db }) => {
      const forget = (tx: Transaction) => {
        tx.savepoint(later).catch(() => {})
      }
      return db.transaction(forget)
    },
    'a database that was opened to read': async () => {
      await (await Database.open(dir('read'))).close()
      const reader = await Database.open(dir('read'), { mode: 'read-only' })
      try {
        reader.begin()
      } finally {
        await reader.close()
      }
    },
    '`deadlineMs` has passed': ({ db }) => db.transaction(never, { deadlineMs: 1 }),
    'the signal': ({ db }) => db.transaction(never, { signal: AbortSignal.abort() }),
    'the database was closed': async ({ db }) => {
      await db.close()
      db.begin()
    },
  }

  const table = page.slice(page.indexOf('\n## Errors\n'))
  const rows = [...table.matchAll(/^\| `(ERR_\w+)` \| (.*) \| (true|false) \| `?(.*?)`? \|$/gm)]

  it.each(rows.map(([, ...cells]) => cells as [string, string, string, string]))(
    '%s, %s',
    async (code, when, retryable, outcome) => {
      const [, fail] = Object.entries(FAILURES).find(([begin]) => when.startsWith(begin)) ?? []
      const failure = await (async () => fail?.(await open()))().then(
        () => undefined,
        (error: RocksDBError) => [error.code, error.retryable, error.outcome ?? '–'],
      )
      expect(failure).toEqual([code, retryable === 'true', outcome])
    },
  )

  it('has a row for each of them', () => {
    expect(rows).toHaveLength(Object.keys(FAILURES).length)
  })
})
