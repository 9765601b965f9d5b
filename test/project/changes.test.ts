/** The programs in docs/changes.md print what it says, and its table of errors is right. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from 'rocksdb-live'
import { tokenOf } from '../support/changes'
import { openFresh, reopen, useTempDirectory } from '../support/database'
import { root } from '../support/documents'
import { testGuide } from '../support/guide'

const dir = useTempDirectory()
const page = readFileSync(join(root, 'docs/changes.md'), 'utf8')

testGuide(page, ['feed', 'retain', 'search-index', 'cache', 'outbox'], ['data'])

describe('its table of errors', () => {
  /** A failing call for each code. */
  const FAILURES: Record<string, () => Promise<unknown>> = {
    ERR_CHANGES_GAP: async () => {
      const db = await openFresh()
      const after = await tokenOf(db)
      await db.default.put('k', 'v', { disableWAL: true })
      await db.flush()
      const later = await reopen(db)
      for await (const _ of later.changes({ after }));
      return undefined
    },
    ERR_CHANGES_EPOCH: async () => {
      const db = await openFresh()
      const after = await tokenOf(db)
      await db.checkpoint(dir('copy'))
      const copy = await Database.open(dir('copy'))
      return copy
        .changes({ after })
        .next()
        .finally(() => copy.close())
    },
    ERR_INVALID_ARGUMENT: async () => (await openFresh()).changes({ after: 'none' }).next(),
    ERR_NOT_SUPPORTED: async () => (await openFresh()).retainChanges('place'),
    ERR_CORRUPTION: async () => {
      const db = await openFresh({ columnFamilies: { a: { value: 'json' } } })
      const next = db.changes({ after: await tokenOf(db), families: ['a'] }).next()
      await db.columnFamily('a', { value: 'buffer' }).put('k', '{')
      return next
    },
    ERR_ABORTED: async () => (await openFresh()).changes({ signal: AbortSignal.abort() }),
    ERR_CLOSED: async () => {
      const db = await openFresh()
      const next = db.changes().next()
      await Promise.all([expect(next).rejects.toMatchObject({ code: 'ERR_CLOSED' }), db.close()])
      return db.changes()
    },
    ERR_DROPPED: async () => {
      const db = await openFresh({ columnFamilies: { a: {} } })
      const watch = db.columnFamily('a').watch({ heartbeatMs: 1 })
      await watch.next()
      await db.dropColumnFamily('a')
      for await (const _ of watch);
      return undefined
    },
  }
  const table = page.slice(page.indexOf('\n## Errors\n'))
  const codes = [...table.matchAll(/^\| (`ERR_.*?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/ERR_\w+/g)].map(([code]) => code),
  )

  it('has each of them', () => {
    expect([...codes].sort()).toEqual(Object.keys(FAILURES).sort())
  })

  it.each(codes)('%s', async (code) => {
    await expect(FAILURES[code]?.()).rejects.toMatchObject({ code })
  })
})
