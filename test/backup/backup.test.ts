/** `backup`, `backups` and `restore`: whole backups, shared files, and what is wrong with them. */
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from 'rocksdb-live'
import { backup, backups, directory, restore } from 'rocksdb-live/backup'
import { openAt, track, useTempDirectory } from '../support/database'
import { coded, expectRejection } from '../support/expectations'
import { allRows, Between, rowsIn } from './support'

const dir = useTempDirectory()

const SPECS = {
  users: { key: 'utf8', value: 'utf8' },
  sums: { key: 'utf8', value: 'utf8', mergeOperator: 'stringappend' },
  large: {
    key: 'utf8',
    value: 'buffer',
    rocksdb: { columnFamily: { enable_blob_files: true, min_blob_size: 100 } },
  },
} as const

async function filled() {
  const db = await openAt(dir('db'), { columnFamilies: SPECS })
  const users = db.columnFamily('users')
  for (let n = 0; n < 200; n++) await users.put(`u${n}`, String(n))
  await db.columnFamily('sums').merge('s', 'a')
  await db.columnFamily('large').put('blob', Buffer.alloc(5000, 'x'))
  await db.flush()
  await db.columnFamily('sums').merge('s', 'b')
  await users.delete('u1')
  return db
}

const target = () => directory(dir('target'))

describe('backup and restore', () => {
  it('bring back every row of every family, with merge operators and blobs', async () => {
    const db = await filled()
    const { id, bytes, files, bytesCopied, filesCopied, lockedMs } = await backup(db, target())
    expect([bytesCopied, filesCopied]).toEqual([bytes, files])
    expect(lockedMs).toBeGreaterThan(0)
    const restored = await restore(target(), dir('restored'))
    expect(restored).toMatchObject({ id, path: dir('restored'), bytes, files, segments: 0 })
    expect(await rowsIn(dir('restored'))).toEqual(await allRows(db))
    const again = await openAt(dir('restored'), { columnFamilies: SPECS })
    await again.columnFamily('sums').merge('s', 'c')
    expect(await again.columnFamily('sums').get('s')).toBe('a,b,c')
    expect(again.recovery.droppedBytes).toBe(0)
  })

  it('copy only what is new, and nothing where nothing is', async () => {
    const db = await filled()
    const first = await backup(db, target())
    const same = await backup(db, target())
    expect(same).toMatchObject({ id: first.id, timeMs: first.timeMs })
    expect(same.bytesShared).toBeGreaterThan(0)
    await db.columnFamily('users').put('new', '1')
    const second = await backup(db, target())
    expect(second.filesShared).toBeGreaterThanOrEqual(3)
    const tables = readdirSync(dir('db')).filter((name) => /\.(sst|blob)$/.test(name))
    const stored = [...readdirSync(dir('target', 'sst')), ...readdirSync(dir('target', 'blob'))]
    expect(stored.length).toBe(tables.length)
    expect((await backups(target()).list()).map(({ id }) => id)).toEqual([first.id, second.id])
    await restore(target(), dir('restored'), { at: first.id })
    expect((await rowsIn(dir('restored')))['users']).not.toContainEqual(['new', '1'])
  })

  it('go on while it is written: what was written before is in it, batches are whole', async () => {
    const db = await openAt(dir('db'), { columnFamilies: SPECS })
    const users = db.columnFamily('users')
    let written = 0
    let going = true
    const writing = (async () => {
      while (going) {
        await db
          .batch()
          .put(users, 'left', String(written))
          .put(users, 'right', String(written))
          .write()
        written++
        if (written % 200 === 0) await db.flush()
      }
    })()
    for (let n = 0; n < 5; n++) {
      const before = written
      await backup(db, target())
      await restore(target(), dir(`restored-${n}`))
      const rows = Object.fromEntries((await rowsIn(dir(`restored-${n}`)))['users'] ?? [])
      expect(rows['left']).toBe(rows['right'])
      expect(Number(rows['left'] ?? -1)).toBeGreaterThanOrEqual(before - 1)
    }
    going = false
    await writing
  })

  it('what was written without the WAL is in it', async () => {
    const db = await openAt(dir('db'))
    await db.default.put('k', 'v', { disableWAL: true })
    await backup(db, target())
    await restore(target(), dir('restored'))
    expect(await rowsIn(dir('restored'))).toEqual({ default: [['k', 'v']] })
  })

  it('a reader backs up what is on the disk, beside the writer', async () => {
    const db = await filled()
    const reader = await openAt(dir('db'), { mode: 'read-only' })
    await db.columnFamily('users').put('later', '1')
    await backup(reader, target())
    await restore(target(), dir('restored'))
    expect(await rowsIn(dir('restored'))).toEqual(await allRows(db))
    const { filesShared, epoch } = await backup(db, target())
    expect(filesShared).toBeGreaterThan(0)
    expect((await backups(target()).list()).at(-1)?.epoch).toBe(epoch)
  })

  it('tell how far they are, and end with their signal', async () => {
    const db = await filled()
    const told: number[] = []
    const onProgress = ({ filesDone, files }: { filesDone: number; files: number }) =>
      void told.push(filesDone / files)
    await backup(db, target(), { onProgress })
    expect(told.at(-1)).toBe(1)
    const abort = new AbortController()
    const between = new Between(directory(dir('other')))
    between.before = (call) => {
      if (call.startsWith('put sst/')) abort.abort(new Error('enough'))
    }
    const ended = backup(db, between, { signal: abort.signal })
    await expect(ended).rejects.toEqual(coded('ERR_ABORTED'))
    expect(await backups(between).list()).toEqual([])
    const aborted = restore(target(), dir('restored'), { signal: AbortSignal.abort() })
    await expect(aborted).rejects.toEqual(coded('ERR_ABORTED'))
    expect(readdirSync(dir())).not.toContain('restored')
  })

  it('files are deleted again once it has ended, also where it failed', async () => {
    const db = await filled()
    const between = new Between(target())
    between.before = (call) => {
      if (call.startsWith('put sst/')) throw new Error('no')
    }
    await expectRejection(backup(db, between), 'ERR_BACKUP_TARGET', 'no')
    for (let n = 0; n < 5; n++) {
      await db.columnFamily('users').put('k', String(n))
      await db.flush()
    }
    await db.compactRange('users', undefined, { bottommost: true })
    const left = readdirSync(dir('db')).filter((name) => name.endsWith('.sst'))
    expect(left.length).toBeLessThan(6)
  })
})

describe('verify', () => {
  it('names each object that is flipped, cut or missing', async () => {
    const db = await filled()
    const { id } = await backup(db, target())
    const all = backups(target())
    expect(await all.verify(id)).toMatchObject({ id, problems: [] })
    const objects = ['sst', 'blob', 'snapshots'].flatMap((folder) =>
      readdirSync(dir('target', folder)).map((name) => `${folder}/${name}`),
    )
    expect(objects.length).toBeGreaterThan(4)
    for (const key of objects) {
      const path = dir('target', ...key.split('/'))
      const bytes = readFileSync(path)
      const flipped = Buffer.from(bytes)
      flipped[flipped.length >> 1] = (flipped[flipped.length >> 1] as number) ^ 1
      const harms = [
        () => writeFileSync(path, flipped),
        () => truncateSync(path, bytes.length - 1),
        () => rmSync(path),
      ]
      for (const [index, harm] of harms.entries()) {
        harm()
        const { problems } = await all.verify(id)
        expect([index, problems.map((each) => each.key)]).toEqual([index, [key]])
        const sizes = await all.verify(id, { read: 'sizes' })
        const seen = index > 0 || key.startsWith('snapshots')
        expect([index, sizes.problems.map((each) => each.key)]).toEqual([index, seen ? [key] : []])
        await expectRejection(restore(target(), dir('restored')), 'ERR_BACKUP_DAMAGED', key)
        expect(readdirSync(dir())).not.toContain('restored')
        writeFileSync(path, bytes)
      }
    }
    await restore(target(), dir('restored'))
  })

  it('a manifest or a list that names other places is damaged', async () => {
    const db = await filled()
    await backup(db, target())
    const path = dir('target', 'manifest.json')
    const text = readFileSync(path, 'utf8')
    const bad = ['../../db/CURRENT', '/etc/passwd', 'sst/../manifest.json', 'other/x']
    for (const key of bad) {
      const manifest = JSON.parse(text)
      manifest.snapshots[0].key = key
      writeFileSync(path, JSON.stringify(manifest))
      await expectRejection(restore(target(), dir('restored')), 'ERR_BACKUP_DAMAGED')
      manifest.snapshots[0].key = JSON.parse(text).snapshots[0].key
      manifest.deleting = [key]
      writeFileSync(path, JSON.stringify(manifest))
      await expectRejection(backups(target()).keep({}), 'ERR_BACKUP_DAMAGED')
    }
    for (const damage of ['', '{', '[]', 'null', '{"format":2}', text.slice(0, -20)]) {
      writeFileSync(path, damage)
      await expectRejection(backups(target()).list(), 'ERR_BACKUP_DAMAGED', 'manifest.json')
      await expectRejection(backup(db, target()), 'ERR_BACKUP_DAMAGED', 'manifest.json')
    }
  })
})

describe('delete and keep', () => {
  it('remove what nothing else needs, and nothing more', async () => {
    const db = await openAt(dir('db'))
    const all = backups(target())
    const rows: Record<string, unknown> = {}
    for (let n = 0; n < 6; n++) {
      await db.default.put(`k${n}`, String(n))
      const { id } = await backup(db, target())
      rows[id] = await allRows(db)
    }
    const ids = Object.keys(rows)
    const { removed } = await all.delete(ids[2] as string)
    expect(removed).toEqual([ids[2]])
    await expectRejection(all.delete(ids[2] as string), 'ERR_BACKUP_NOT_FOUND')
    expect((await all.keep({ last: 2 })).removed).toEqual([ids[0], ids[1], ids[3]])
    const left = await all.list()
    expect(left.map(({ id }) => id)).toEqual(ids.slice(4))
    for (const { id } of left) {
      expect((await all.verify(id)).problems).toEqual([])
      await restore(target(), dir(id), { at: id })
      expect(await rowsIn(dir(id))).toEqual(rows[id])
    }
    expect(readdirSync(dir('target', 'snapshots')).length).toBe(2)
    expect(await all.keep({})).toEqual({ removed: [], objectsDeleted: 0 })
  })

  it('keep the newest of each day and week', async () => {
    const db = await openAt(dir('db'))
    const path = dir('target', 'manifest.json')
    const times = ['11-01', '11-01', '11-02', '11-05', '11-09', '11-10'].map((day) =>
      Date.parse(`2026-${day}T12:00:00Z`),
    )
    for (let n = 0; n < times.length; n++) {
      await db.default.put('k', String(n))
      await backup(db, target())
    }
    const manifest = JSON.parse(readFileSync(path, 'utf8'))
    times.forEach((time, n) => {
      manifest.snapshots[n].timeMs = time + n
    })
    writeFileSync(path, JSON.stringify(manifest))
    const ids = manifest.snapshots.map(({ id }: { id: string }) => id)
    const { removed } = await backups(target()).keep({ daily: 2, weekly: 3 })
    // Sunday the 1st; Monday to Sunday, the 2nd to the 8th; and the week of the 9th.
    expect(removed).toEqual([ids[0], ids[2]])
  })
})

describe('refused', () => {
  it('are a directory with something in it, one that is open, and a file', async () => {
    const db = await filled()
    await backup(db, target())
    mkdirSync(dir('full'))
    writeFileSync(dir('full', 'mine'), '')
    await expectRejection(restore(target(), dir('full')), 'ERR_INVALID_ARGUMENT', 'full')
    await expectRejection(restore(target(), dir('db')), 'ERR_INVALID_ARGUMENT')
    const file = restore(target(), dir('full', 'mine'))
    await expectRejection(file, 'ERR_INVALID_ARGUMENT')
    mkdirSync(dir('taken.rocksdb-live-restore'))
    writeFileSync(dir('taken.rocksdb-live-restore', 'mine'), '')
    await expectRejection(restore(target(), dir('taken')), 'ERR_INVALID_ARGUMENT', 'in the way')
    mkdirSync(dir('empty'))
    await restore(target(), dir('empty'))
    expect(readdirSync(dir('full'))).toEqual(['mine'])
  })

  it('is a place where no directory can be made', async () => {
    const db = await filled()
    await backup(db, target())
    await expectRejection(
      restore(target(), dir('target', 'manifest.json', 'x')),
      'ERR_INVALID_ARGUMENT',
    )
    if (process.platform !== 'linux') return
    await expectRejection(restore(target(), '/proc/x/y'), 'ERR_IO', '/proc/x')
    await expectRejection(backup(db, directory('/proc/x/y')), 'ERR_BACKUP_TARGET', '/proc/x')
  })

  it('is a target of another database', async () => {
    const db = await filled()
    await backup(db, target())
    const other = await openAt(dir('other'))
    await expectRejection(backup(other, target()), 'ERR_BACKUP_MISMATCH', 'another database')
    expect((await backups(target()).list()).length).toBe(1)
  })

  it('is what is not there', async () => {
    await expectRejection(restore(target(), dir('r')), 'ERR_BACKUP_NOT_FOUND')
    expect(await backups(target()).list()).toEqual([])
    expect(await backups(target()).keep({ last: 1 })).toEqual({ removed: [], objectsDeleted: 0 })
    const db = await filled()
    const { timeMs } = await backup(db, target())
    const at = async (at: string | Date) => restore(target(), dir('r'), { at })
    await expectRejection(at('no-1'), 'ERR_BACKUP_NOT_FOUND')
    await expectRejection(at(new Date(timeMs - 1)), 'ERR_BACKUP_NOT_FOUND', 'reaches back to')
    await expectRejection(backups(target()).verify('x'), 'ERR_BACKUP_NOT_FOUND')
    const later = await restore(target(), dir('r'), { at: new Date(timeMs + 1e9) })
    expect(later.timeMs).toBe(timeMs)
  })

  it('are databases in memory, closed ones, and wrong arguments', async () => {
    const memory = track(await Database.open(Database.memory('backed up')))
    await expectRejection(backup(memory, target()), 'ERR_NOT_SUPPORTED', 'memory')
    const db = await filled()
    const wrong: [unknown, unknown, unknown?][] = [
      [undefined, target()],
      [{}, target()],
      [db, undefined],
      [db, { name: 'x' }],
      [db, target(), { concurrency: 0 }],
      [db, target(), { rateLimitMbPerSec: 0 }],
      [db, target(), { rateLimitMbPerSec: Number.NaN }],
      [db, target(), { signal: 1 }],
      [db, target(), { onProgress: 1 }],
      [db, target(), { x: 1 }],
    ]
    for (const [given, where, options] of wrong) {
      const made = backup(given as never, where as never, options as never)
      await expect(made).rejects.toThrow(/must|has no property|out of range/)
    }
    expect(() => directory('')).toThrow(TypeError)
    expect(() => directory('a\0b')).toThrow(TypeError)
    await expect(restore(target(), '')).rejects.toThrow(TypeError)
    await expect(restore(target(), dir('r'), { at: 5 as never })).rejects.toThrow()
    await db.close()
    await expectRejection(backup(db, target()), 'ERR_CLOSED')
  })

  it('is a database that is closed while it is backed up', async () => {
    const db = await filled()
    const between = new Between(target())
    let closing: Promise<void> | undefined
    between.before = (call) => {
      if (call.startsWith('put sst/')) closing ??= db.close()
    }
    await expectRejection(backup(db, between), 'ERR_CLOSED')
    await closing
    expect(await backups(target()).list()).toEqual([])
  })
})

it('a dry run says what would be fetched, and makes nothing', async () => {
  const db = await filled()
  const { bytes, files, id } = await backup(db, target())
  const foreseen = await restore(target(), dir('restored'), { dryRun: true })
  expect(foreseen).toMatchObject({ id, bytes, files })
  expect(readdirSync(dir()).sort()).toEqual(['db', 'target'])
})

it('a restore that was killed is begun anew', async () => {
  const db = await filled()
  await backup(db, target())
  const left = dir('restored.rocksdb-live-restore')
  mkdirSync(left)
  writeFileSync(join(left, 'rocksdb-live.restoring'), '')
  writeFileSync(join(left, '000012.sst'), 'half')
  await restore(target(), dir('restored'))
  expect(await rowsIn(dir('restored'))).toEqual(await allRows(db))
  expect(readdirSync(dir()).sort()).toEqual(['db', 'restored', 'target'])
})
