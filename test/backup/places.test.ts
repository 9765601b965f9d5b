/** Targets that are full, gone, read-only or slow, clocks that step back, and WAL that is too long. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { backup, backups, checkTarget, directory, restore, startBackups } from 'rocksdb-live/backup'
import { openAt, useTempDirectory } from '../support/database'
import { coded, expectRejection } from '../support/expectations'
import { allRows, Between, rowsIn } from './support'

const dir = useTempDirectory()
const OPTIONS = { tuning: { changesRetainMb: 1 } } as const
const isRoot = process.getuid?.() === 0

async function expectRestored(target: Parameters<typeof restore>[0], rows: unknown) {
  rmSync(dir('restored'), { recursive: true, force: true })
  await restore(target, dir('restored'))
  expect(await rowsIn(dir('restored'))).toEqual(rows)
}

/** Mounts a small disk; null where only root may. */
function smallDisk(path: string, size: string): (() => void) | null {
  mkdirSync(path, { recursive: true })
  if (!isRoot) return null
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'pipe' })
  } catch {
    return null
  }
  return () => execFileSync('umount', [path])
}

it('a full target says so, keeps what it has, and goes on once there is space', async () => {
  const db = await openAt(dir('db'), OPTIONS)
  const unmount = smallDisk(dir('target'), '400k')
  if (unmount === null) {
    process.stderr.write('SKIPPED: a full target needs root and mount(8)\n')
    return
  }
  try {
    const target = directory(dir('target', 'backups'))
    await db.default.put('k', 'v')
    const { id } = await backup(db, target)
    const rows = await allRows(db)
    writeFileSync(dir('target', 'ballast'), Buffer.alloc(200_000))
    for (let n = 0; n < 40; n++) await db.default.put(`large${n}`, randomBytes(10_000))
    await expectRejection(backup(db, target), 'ERR_BACKUP_TARGET', 'ENOSPC')
    expect((await backups(target).verify(id)).problems).toEqual([])
    await expectRestored(target, rows)
    rmSync(dir('target', 'ballast'))
    await db.default.deleteRange('large', 'largf')
    await db.compactRange('default', undefined, { bottommost: true })
    await backup(db, target)
    await expectRestored(target, await allRows(db))
  } finally {
    unmount()
  }
})

it('a restore to a full disk is refused before anything is fetched', async () => {
  const db = await openAt(dir('db'), OPTIONS)
  const unmount = smallDisk(dir('small'), '64k')
  if (unmount === null) {
    process.stderr.write('SKIPPED: a full disk needs root and mount(8)\n')
    return
  }
  try {
    await db.default.put('k', randomBytes(300_000))
    const between = new Between(directory(dir('target')))
    await backup(db, between)
    const calls = between.calls.length
    const restored = restore(between, dir('small', 'restored'))
    await expectRejection(restored, 'ERR_NO_SPACE', 'bytes')
    const fetched = between.calls.slice(calls).filter((call) => call.startsWith('get sst/'))
    expect(fetched).toEqual([])
  } finally {
    unmount()
  }
})

it('a target that is gone, a file, or read-only fails as the target', async () => {
  const db = await openAt(dir('db'), OPTIONS)
  writeFileSync(dir('file'), '')
  await expectRejection(backup(db, directory(dir('file', 'x'))), 'ERR_BACKUP_TARGET')
  await expectRejection(backup(db, directory(dir('file'))), 'ERR_BACKUP_TARGET')
  const target = directory(dir('target'))
  await backup(db, target)
  renameSync(dir('target'), dir('away'))
  expect(await backups(target).list()).toEqual([])
  renameSync(dir('away'), dir('target'))
  if (!isRoot) {
    chmodSync(dir('target'), 0o500)
    await db.default.put('k', 'v')
    await expectRejection(backup(db, target), 'ERR_BACKUP_TARGET')
    chmodSync(dir('target'), 0o700)
  }
  await backup(db, target)
})

it('writers do not wait for a slow target', async () => {
  const db = await openAt(dir('db'), OPTIONS)
  const between = new Between(directory(dir('target')))
  await using stream = await startBackups(db, between, { everyMs: 1 })
  await stream.flushed()
  let release = () => {}
  const slow = new Promise<void>((resolve) => {
    release = resolve
  })
  between.before = () => slow
  for (let n = 0; n < 200; n++) {
    await db.default.put(`k${n}`, String(n))
    db.default.putSync(`s${n}`, String(n))
  }
  await db.flush()
  expect((await allRows(db))['default']?.length).toBe(400)
  release()
  await stream.flushed()
  await expectRestored(between, await allRows(db))
})

it('WAL that waits for longer than its bound costs a whole backup, and no full disk', async () => {
  const db = await openAt(dir('db'), OPTIONS)
  const between = new Between(directory(dir('target')))
  const told: string[] = []
  await using stream = await startBackups(db, between, {
    everyMs: 1,
    maxWalMb: 1,
    onError: (error) => void told.push((error as { code?: string }).code ?? ''),
  })
  await db.default.put('k', 'v')
  await stream.flushed()
  between.before = () => {
    throw new Error('gone')
  }
  for (let n = 0; n < 60; n++) {
    await db.default.put('large', randomBytes(300_000))
    if (n % 10 === 9) await db.flush()
  }
  await db.default.put('end', '1')
  await db.flush()
  between.before = () => {}
  await stream.flushed()
  expect(stream.status().state).toBe('running')
  await expectRestored(between, await allRows(db))
}, 60_000)

it('a clock that steps back an hour spoils nothing', async () => {
  const real = Date.now
  const db = await openAt(dir('db'), OPTIONS)
  const target = directory(dir('target'))
  try {
    await using stream = await startBackups(db, target, { everyMs: 1, keepMs: 1000 })
    await db.default.put('a', '1')
    await stream.flushed()
    await stream.snapshot()
    Date.now = () => real() - 3_600_000
    await db.default.put('b', '2')
    await stream.flushed()
    await stream.snapshot()
    await db.default.put('c', '3')
    await stream.flushed()
    expect(stream.status().lagMs).toBeGreaterThanOrEqual(0)
    Date.now = real
    await db.default.put('d', '4')
    await stream.flushed()
    await stream.snapshot()
    await expectRestored(target, await allRows(db))
    for (const { id } of await backups(target).list()) {
      expect((await backups(target).verify(id)).problems).toEqual([])
    }
  } finally {
    Date.now = real
  }
})

it('what is aborted is aborted', async () => {
  const db = await openAt(dir('db'), OPTIONS)
  await db.default.put('k', randomBytes(3_000_000))
  const target = directory(dir('target'))
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(backup(db, target, { signal })).rejects.toEqual(coded('ERR_ABORTED'))
  const abort = new AbortController()
  const limited = backup(db, target, {
    rateLimitMbPerSec: 0.1,
    signal: abort.signal,
    onProgress: () => abort.abort(),
  })
  await expect(limited).rejects.toEqual(coded('ERR_ABORTED'))
  const { id } = await backup(db, target)
  await expect(backups(target).verify(id, { signal })).rejects.toEqual(coded('ERR_ABORTED'))
  await expect(backups(target).keep({ signal })).rejects.toEqual(coded('ERR_ABORTED'))
})

it('a directory is a target as the contract has it', async () => {
  await checkTarget(directory(dir('target')))
}, 60_000)

it('an object that was removed or cut is copied again, which mends older backups', async () => {
  const db = await openAt(dir('db'), OPTIONS)
  const target = directory(dir('target'))
  await db.default.put('k', 'v')
  const { id } = await backup(db, target)
  const [name = ''] = readdirSync(dir('target', 'sst'))
  for (const harm of [
    () => rmSync(dir('target', 'sst', name)),
    () => truncateSync(dir('target', 'sst', name), 10),
  ]) {
    harm()
    expect((await backups(target).verify(id)).problems.length).toBe(1)
    await db.default.put('l', 'v')
    const { filesCopied } = await backup(db, target)
    expect(filesCopied).toBeGreaterThan(0)
    expect((await backups(target).verify(id)).problems).toEqual([])
  }
})
