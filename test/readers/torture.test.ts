/**
 * Readers beside a writer in another process that flushes, compacts, deletes and restarts all the
 * time: each sees exactly one state, never older than what was written before it looked.
 */
import type { OpenMode, OpenOptions } from 'rocksdb-live'
import { useDirectory } from '../lifecycle/children'
import { openAt, openFiles, useTempDirectory } from '../support/database'
import { expectOneState, progressOf, startChurn } from './churn'

const path = useDirectory()
const dir = useTempDirectory()

const WRITERS: Record<string, OpenOptions> = {
  plain: {},
  'recycled WALs': { rocksdb: { db: { recycle_log_file_num: 4 } } },
  'compressed WALs': { rocksdb: { db: { wal_compression: 'kZSTD' } } },
  'archived WALs': { rocksdb: { db: { WAL_ttl_seconds: 60 } } },
  'blob files': {
    tuning: { blobFiles: true },
    rocksdb: { columnFamily: { min_blob_size: 100, blob_file_size: 65_536 } },
  },
}

const MODES: [string, () => OpenMode][] = [
  ['read-only', () => 'read-only'],
  ['secondary', () => ({ secondary: dir('secondary') })],
]

describe.each(Object.entries(WRITERS))('beside a writer with %s', (name, options) => {
  const often = name === 'plain'

  it.each(MODES)(
    '%s opens again and again',
    async (_mode, mode) => {
      const writer = await startChurn(path('db'), path('progress'), options)
      for (let i = 0; i < (often ? 50 : 10); i++) {
        const before = progressOf(path('progress'))
        const db = await openAt(path('db'), { ...options, mode: mode() })
        expect(await expectOneState(db)).toBeGreaterThanOrEqual(before)
        await db.close()
      }
      writer.goOn()
      expect(await writer.ended).toMatchObject({ code: 0, signal: null, stderr: '' })
    },
    120_000,
  )

  it('a secondary catches up again and again, and holds no more files than the database has', async () => {
    const writer = await startChurn(path('db'), path('progress'), options)
    const db = await openAt(path('db'), { ...options, mode: { secondary: dir('secondary') } })
    let most = 0
    for (let i = 0; i < (often ? 300 : 30); i++) {
      const before = progressOf(path('progress'))
      await db.catchUp()
      const seen = await expectOneState(db)
      expect(seen).toBeGreaterThanOrEqual(before)
      expect(await expectOneState(db)).toBe(seen)
      most = Math.max(most, openFiles(path('db')).length)
    }
    expect(most).toBeLessThan(500)
    writer.goOn()
    expect(await writer.ended).toMatchObject({ code: 0, signal: null, stderr: '' })
    await db.catchUp()
    expect(await expectOneState(db)).toBe(progressOf(path('progress')))
  }, 120_000)
})
