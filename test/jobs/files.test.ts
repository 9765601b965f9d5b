import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { type DataFile, versions } from 'rocksdb-live'
import { openAt, openFresh, reopen, useTempDirectory } from '../support/database'
import { expectRejection } from '../support/expectations'

const dir = useTempDirectory()

const SPEC = {
  columnFamilies: { n: { key: 'uint32', value: 'buffer' } },
  tuning: { compression: 'lz4' },
} as const

async function filled() {
  const db = await openFresh(SPEC)
  const n = db.columnFamily('n')
  for (let i = 0; i < 1000; i++) n.putSync(i, Buffer.alloc(100, i))
  n.deleteSync(3)
  n.deleteRangeSync(500, 600)
  await db.flush()
  return { db, n }
}

const only = (files: readonly DataFile[]): DataFile => {
  expect(files).toHaveLength(1)
  return files[0] as DataFile
}

describe('files', () => {
  it('are none before the first flush', async () => {
    const db = await openFresh()
    db.default.putSync('a', '1')
    expect(await db.files()).toEqual([])
  })

  it('say what is in a table', async () => {
    const begun = Date.now()
    const { db } = await filled()
    const table = only(await db.files())
    expect(table).toMatchObject({
      kind: 'table',
      columnFamily: 'n',
      level: 0,
      entries: 901, // what a flush finds deleted is not written
      deletions: 2, // RocksDB counts that of the range as well
      rangeDeletions: 1,
      smallestKey: Buffer.from('00000000', 'hex'),
      largestKey: Buffer.from('000003e7', 'hex'),
      beingCompacted: false,
      reads: 0,
      compression: 'lz4',
      temperature: 'unknown',
    })
    expect(dirname(table.path)).toBe(db.path)
    expect(basename(table.path)).toBe(table.name)
    expect(table.bytes).toBe(statSync(table.path).size)
    expect(table.smallestSequence).toBeGreaterThan(0n)
    expect(table.largestSequence).toBeGreaterThanOrEqual((table.smallestSequence as bigint) + 900n)
    for (const at of [table.createdAt, table.oldestAncestorAt]) {
      expect(Math.abs(Number(at) - begun)).toBeLessThan(600_000)
    }
    expect(Object.keys(table)).not.toContain('blobs')
  })

  it('come family by family and by level', async () => {
    const { db, n } = await filled()
    await db.compactRange('n', undefined, { bottommost: true })
    n.putSync(1, Buffer.from('new'))
    db.default.putSync('a', '1')
    await db.flush()
    const files = await db.files()
    expect(files.map(({ columnFamily, level }) => [columnFamily, level])).toEqual([
      ['default', 0],
      ['n', 0],
      ['n', expect.any(Number)],
    ])
    expect(files[2]?.level).toBeGreaterThan(0)
    for (const columnFamily of ['default', db.default] as const) {
      expect(await db.files({ columnFamily })).toEqual(files.slice(0, 1))
    }
    expect(await db.files({ columnFamily: n })).toEqual(files.slice(1))
    expect(files[2]).toMatchObject({ entries: 899, deletions: 0, rangeDeletions: 0 })
  })

  it('say what is in a blob file', async () => {
    const db = await openFresh({ tuning: { blobFiles: true, blobMinSizeKb: 1 } })
    for (let i = 0; i < 10; i++) db.default.putSync(`key${i}`, randomBytes(5000))
    await db.flush()
    db.default.deleteSync('key3')
    await db.flush()
    await db.compactRange('default', undefined, { bottommost: true })
    const files = await db.files()
    const blob = only(files.filter(({ kind }) => kind === 'blob'))
    expect(blob).toEqual({
      kind: 'blob',
      columnFamily: 'default',
      name: expect.stringMatching(/^\d{6}\.blob$/),
      path: expect.stringContaining(db.path),
      bytes: statSync(blob.path).size,
      blobs: 10,
      garbageBlobs: 1,
      garbageBytes: expect.any(Number),
    })
    expect(blob.garbageBytes).toBeGreaterThan(5000)
  })

  it.each(['none', 'zstd', 'snappy'] as const)('name the compression %s', async (compression) => {
    if (compression !== 'none' && versions[compression] === undefined) return
    const db = await openFresh({ tuning: { compression } })
    for (let i = 0; i < 1000; i++) db.default.putSync(`key${i}`, 'value')
    await db.flush()
    expect(only(await db.files()).compression).toBe(compression)
  })

  it('are those of the state that a reader has', async () => {
    const { db, n } = await filled()
    const reader = await openAt(db.path, { mode: 'read-only' })
    const follower = await openAt(db.path, { mode: { secondary: dir('follower') } })
    const before = await db.files()
    n.putSync(1, Buffer.from('new'))
    await db.flush()
    await db.compactRange('n')
    expect(await reader.files()).toEqual(before)
    expect(await follower.files()).toEqual(before)
    await follower.catchUp()
    expect(await follower.files()).toEqual(await db.files())
  })

  it('of a database in memory are told as well', async () => {
    const { Database } = await import('rocksdb-live')
    await using db = await Database.open(Database.memory('files'))
    db.default.putSync('a', '1')
    await db.flush()
    expect(only(await db.files())).toMatchObject({ level: 0, entries: 1 })
  })

  it('have keys of any bytes', async () => {
    const db = await openFresh()
    const [first, last] = [Buffer.from('0000ff', 'hex'), Buffer.alloc(70_000, 0xff)]
    for (const key of [first, last]) db.default.putSync(key, '')
    await db.flush()
    const { smallestKey, largestKey } = only(await db.files())
    expect([smallestKey, largestKey].map((key) => Buffer.compare(key as Buffer, first))).toEqual([
      0, 1,
    ])
    expect(largestKey?.equals(last)).toBe(true)
  })

  it('refuse what is no option', async () => {
    const { db } = await filled()
    const wrong = (options: unknown) => db.files(options as never)
    await expectRejection(wrong({ family: 'n' }), 'ERR_INVALID_ARG_VALUE', '"family"')
    await expectRejection(wrong({ columnFamily: 5 }), 'ERR_INVALID_ARG_TYPE')
    await expectRejection(wrong({ columnFamily: 'none' }), 'ERR_INVALID_ARG_VALUE')
    await expectRejection(wrong({ signal: {} }), 'ERR_INVALID_ARG_TYPE', 'signal')
    await expectRejection(wrong({ deadlineMs: 0 }), 'ERR_OUT_OF_RANGE', 'deadlineMs')
    await expectRejection(wrong({ signal: AbortSignal.abort() }), 'ERR_ABORTED')
  })

  it('end as the signal asks, and with the close', async () => {
    const { db } = await filled()
    const controller = new AbortController()
    const asked = db.files({ signal: controller.signal })
    controller.abort()
    await expectRejection(asked, 'ERR_ABORTED')
    const last = db.files().catch((error: unknown) => error)
    await db.close()
    await last
    await expectRejection(db.files(), 'ERR_CLOSED')
    const again = await reopen(db, SPEC)
    expect(await again.files()).toHaveLength(1)
  })
})
