/**
 * Databases on a disk that is full and then has room again, and that are closed or killed
 * meanwhile. Needs root, for a disk of their own.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { where } from '../support/tools'
import { last, run, runWell, type Said, useDirectory } from './children'

const path = useDirectory()
const mounted = where(
  process.platform === 'linux' && process.getuid?.() === 0,
  'a full disk needs root, to mount a small tmpfs (sudo npm test)',
)

/** The program's instructions: see programs/full-disk.cjs. */
interface Spec {
  families: number
  wal: boolean
  atomic?: boolean
  /** How often the disk fills up. */
  times?: number
  during?: readonly string[]
  /** Memtables large enough for the WAL to fill the disk. */
  large?: boolean
  /** Nobody writes until it has healed. */
  alone?: boolean
  end?: 'close' | 'closed while full' | 'room, then closed' | 'exit' | 'natural'
}

const WORK = ['flush', 'flushWAL', 'compactRange', 'checkpoint', 'createColumnFamily', 'setOptions']

const HEALED: Spec[] = [
  ...[1, 5, 20].flatMap((families) => [
    { families, wal: true },
    { families, wal: false },
    { families, wal: true, atomic: true },
  ]),
  { families: 5, wal: true, during: WORK },
  { families: 5, wal: false, during: WORK },
  { families: 20, wal: true, times: 3 },
  { families: 5, wal: true, alone: true },
  { families: 5, wal: true, large: true, during: WORK, times: 2 },
  { families: 1, wal: false, times: 3, during: WORK },
]

const ENDED: Spec[] = [true, false].flatMap((wal) =>
  (['closed while full', 'room, then closed', 'exit', 'natural'] as const).map((end) => ({
    families: 5,
    wal,
    end,
    during: ['flush'],
  })),
)

/** Runs `work` with a disk of 64 MiB at `disk`, 40 MiB of which are a file that can be removed. */
async function onSmallDisk(work: (at: { path: string; filler: string }) => Promise<void>) {
  const disk = path('disk')
  mkdirSync(disk)
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk])
  expect(String(mount.stderr)).toBe('')
  try {
    writeFileSync(path('disk', 'filler'), Buffer.alloc(40 << 20))
    await work({ path: path('disk', 'db'), filler: path('disk', 'filler') })
  } finally {
    spawnSync('umount', ['-l', disk])
  }
}

const all = (said: readonly Said[], word: string) =>
  said.filter(([first]) => first === word).map(([, ...rest]) => rest)

const nameOf = (spec: Spec) => JSON.stringify(spec)

describe('a full disk', () => {
  mounted.each(HEALED.map((spec) => [nameOf(spec), spec] as const))(
    'fails with a code, and writes go on within 15 s of room: %s',
    (_, spec) =>
      onSmallDisk(async (at) => {
        const said = await runWell('full-disk', [{ ...at, ...spec }])
        const times = spec.times ?? 1
        expect(all(said, 'full')).toEqual(Array(times).fill(['ERR_NO_SPACE', true]))
        expect(all(said, 'went on')).toEqual(Array(times).fill([expect.any(Number), 'ok']))
        for (const [milliseconds] of all(said, 'went on')) expect(milliseconds).toBeLessThan(15_000)
        for (const [work, outcome] of all(said, 'during')) {
          expect([work, outcome]).toEqual([work, work === 'setOptions' ? 'ok' : 'ERR_NO_SPACE'])
        }
        expect(last(said, 'flush')).toBe('ok')
        expect(all(said, 'lost')).toEqual([[0], [0]])
        expect(last(said, 'closed')).toBe('ok')
      }),
    120_000,
  )

  mounted.each(ENDED.map((spec) => [nameOf(spec), spec] as const))(
    'holds up no end, which saves what it can: %s',
    (_, spec) =>
      onSmallDisk(async (at) => {
        const { code, signal, said, stderr } = await run('full-disk', [{ ...at, ...spec }])
        expect({ code, signal }).toEqual({ code: 0, signal: null })
        expect(all(said, 'full')).toEqual([['ERR_NO_SPACE', true]])
        expect(all(said, 'during')).toEqual([['flush', 'ERR_NO_SPACE']])
        // Without the WAL, rows in memory cannot be saved, and close must report that.
        const kept = spec.wal || spec.end === 'room, then closed'
        if (spec.end === 'exit' || spec.end === 'natural') {
          if (kept) expect(stderr).toBe('')
          else expect(stderr).toMatch(/Warning: close of ".*" failed: .*no space/i)
          rmSync(at.filler)
          const rows = last(said, 'rows')
          const [lost] = all(await runWell('full-disk', [{ ...at, ...spec, rows }]), 'lost')
          expect(kept ? lost : [0]).toEqual([0])
        } else {
          expect(stderr).toBe('')
          expect(last(said, 'closed')).toBe(kept ? 'ok' : 'ERR_NO_SPACE')
          if (kept) expect(all(said, 'lost')).toEqual([[0]])
        }
      }),
    120_000,
  )
})
