/** Readers that follow while a disk fills up and has room again. Needs root, for its own disk. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import type { Database } from 'rocksdb-live'
import { textsAfter, tokenOf } from '../support/changes'
import { openAt, useTempDirectory } from '../support/database'
import { where } from '../support/tools'

const dir = useTempDirectory()
const mounted = where(
  process.platform === 'linux' && process.getuid?.() === 0,
  'a full disk needs root, to mount a small tmpfs (sudo npm test)',
)

const PADDING = 'x'.repeat(20_000)
const TUNING = { changesRetainMb: 64 } as const
const short = (texts: string[] | string) =>
  typeof texts === 'string' ? texts : texts.map((text) => text.replaceAll('x', ''))

async function onSmallDisk(work: () => Promise<void>): Promise<void> {
  mkdirSync(dir('disk'))
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', dir('disk')])
  expect(String(mount.stderr)).toBe('')
  try {
    writeFileSync(dir('disk', 'filler'), Buffer.alloc(12 << 20))
    await work()
  } finally {
    spawnSync('umount', ['-l', dir('disk')])
  }
}

/** Writes some rows at a time until some fail; adds what was acknowledged to `written`. */
async function fill(db: Database, sync: boolean, written: string[]): Promise<void> {
  for (let n = 0, failed = false; !failed; n += 3) {
    const rows = [n, n + 1, n + 2].map((each) => `k${each}`)
    const outcomes = await Promise.allSettled(
      rows.map((key) => db.default.put(key, PADDING, { sync })),
    )
    rows.forEach((key, at) => {
      if (outcomes[at]?.status === 'fulfilled') written.push(`${key}=`)
      else failed = true
    })
  }
}

/** Frees room, and writes until it works. */
async function goOn(db: Database, written: string[]): Promise<void> {
  rmSync(dir('disk', 'filler'))
  await db.resume()
  for (const key of ['after', 'later']) {
    await db.default.put(key, '')
    written.push(`${key}=`)
  }
}

mounted.each([
  ['pipelined', false],
  ['pipelined', true],
  ['one by one', false],
  ['one by one', true],
  ['unordered', false],
  ['unordered', true],
] as const)(
  'gives what was written and nothing else: %s, synced %j',
  async (mode, sync) =>
    onSmallDisk(async () => {
      const tuning = { ...TUNING, enablePipelinedWrite: mode === 'pipelined' }
      const options = { tuning, rocksdb: { db: { unordered_write: mode === 'unordered' } } }
      let db: Database = await openAt(dir('disk', 'db'), options)
      const after = await tokenOf(db)
      const written: string[] = []
      // One that follows, and one that comes when the disk is full.
      const follows = textsAfter(db, after)
      await fill(db, sync, written)
      const comes = textsAfter(db, after)
      const token = await tokenBehind(db, after, written.at(-1) as string)
      await goOn(db, written)
      await db.default.put('end', '')
      for (const read of [follows, comes, textsAfter(db, after)]) {
        expect(short(await read)).toEqual(written)
      }
      await db.close()
      db = await openAt(dir('disk', 'db'), options)
      expect(short(await textsAfter(db, after))).toEqual(written)
      expect(await textsAfter(db, token)).toEqual(['after=', 'later='])
      await db.close()
    }),
  60_000,
)

/** The place behind a row. */
async function tokenBehind(db: Database, after: string, text: string): Promise<string> {
  for await (const { token, operations } of db.changes({ after })) {
    if (operations.some((one) => 'key' in one && `${one.key}=` === text)) return token
  }
  throw new Error('the feed ended')
}

mounted(
  'a feed that begins only afterwards has no row that failed',
  async () =>
    onSmallDisk(async () => {
      const db = await openAt(dir('disk', 'db'))
      const written: string[] = []
      await fill(db, true, written)
      await goOn(db, written)
      await db.default.put('end', '')
      const read = short(await textsAfter(db, 'oldest'))
      // Writes before the flush of the recovery are in files that nobody has kept.
      expect(written.slice(-read.length)).toEqual(read)
      expect(read.slice(-2)).toEqual(['after=', 'later='])
      await db.close()
    }),
  60_000,
)
