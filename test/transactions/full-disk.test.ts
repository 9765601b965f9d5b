/** A disk that fills up at a commit. Needs root, for its own disk. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import type { RocksDBError } from 'rocksdb-live'
import { openAt, useTempDirectory } from '../support/database'
import { where } from '../support/tools'

const dir = useTempDirectory()
const mounted = where(
  process.platform === 'linux' && process.getuid?.() === 0,
  'a full disk needs root, to mount a small tmpfs (sudo npm test)',
)

const SPECS = { rows: { key: 'utf8', value: 'json' } } as const
const PADDING = 'x'.repeat(20_000)

const attempts = [
  ['commits', false],
  ['synced commits', true],
] as const

mounted.each(attempts)(
  '%s fail once, with what is known of them, and go on when there is room',
  async (_, sync) => {
    const disk = dir('disk')
    mkdirSync(disk)
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk])
    expect(String(mount.stderr)).toBe('')
    try {
      writeFileSync(dir('disk', 'filler'), Buffer.alloc(8 << 20))
      const db = await openAt(dir('disk', 'db'), { columnFamilies: SPECS })
      const rows = db.columnFamily('rows')
      let acknowledged = 0
      let runs = 0
      /** Moves one from `left` to `right`, and counts. */
      const step = () =>
        db.transaction(
          async (tx) => {
            runs++
            const count = ((await tx.get(rows, 'count')) as number | undefined) ?? 0
            tx.put(rows, 'count', count + 1)
            tx.put(rows, 'left', [-count - 1, PADDING])
            tx.put(rows, 'right', [count + 1, PADDING])
          },
          { sync },
        )
      let failure: RocksDBError | undefined
      while (failure === undefined) {
        runs = 0
        try {
          await step()
          acknowledged++
        } catch (error) {
          failure = error as RocksDBError
        }
      }
      expect([failure.code, runs]).toEqual(['ERR_NO_SPACE', 1])
      expect(failure.outcome).toBeDefined()
      expect(db.transactions()).toEqual([])
      /**
       * The content is consistent, with everything acknowledged; failed commits must match their
       * outcome.
       */
      const check = (in_: typeof rows, known: number) => {
        const count = in_.getSync('count') as number
        expect([
          (in_.getSync('left') as [number])[0],
          (in_.getSync('right') as [number])[0],
        ]).toEqual([-count, count])
        expect(count - known).toBeGreaterThanOrEqual(0)
        expect(count - known).toBeLessThanOrEqual(failure?.outcome === 'unknown' ? 1 : 0)
      }
      check(rows, acknowledged)
      rmSync(dir('disk', 'filler'))
      await db.resume()
      const before = rows.getSync('count') as number
      await step()
      expect(rows.getSync('count')).toBe(before + 1)
      await db.close()
      const again = await openAt(dir('disk', 'db'), { columnFamilies: SPECS })
      check(again.columnFamily('rows'), acknowledged + 1)
      await again.close()
    } finally {
      spawnSync('umount', ['-l', disk])
    }
  },
  60_000,
)
