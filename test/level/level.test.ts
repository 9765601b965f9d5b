/** `RocksLevel` beside the other ways to its database, and where it cannot be opened. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Database, json } from 'rocksdb-live'
import { RocksLevel } from 'rocksdb-live/level'
import { openFresh, useTempDirectory } from '../support/database'
import { root } from '../support/documents'

const dir = useTempDirectory()

async function causeOf(work: Promise<unknown>): Promise<{ code?: string; message: string }> {
  const error = await work.then(
    () => undefined,
    (failure: Error) => failure,
  )
  expect(error).toMatchObject({ code: 'LEVEL_DATABASE_NOT_OPEN' })
  return error?.cause as { code?: string; message: string }
}

it('works over a family of an open database, and leaves that open', async () => {
  const db = await openFresh({
    columnFamilies: { documents: { key: 'utf8', value: json<{ n: number }>() }, other: {} },
  })
  const documents = db.columnFamily('documents')
  const level = RocksLevel.over<string, { n: number }>(db, {
    family: 'documents',
    valueEncoding: 'json',
  })
  await level.put('a', { n: 1 })
  await documents.put('b', { n: 2 })
  expect(await level.getMany(['a', 'b', 'c'])).toEqual([{ n: 1 }, { n: 2 }, undefined])
  expect(await documents.get('a')).toEqual({ n: 1 })
  expect(await db.columnFamily('other').count()).toBe(0)
  const part = level.sublevel<string, string>('part', { valueEncoding: 'utf8' })
  await part.put('x', 'y')
  expect(String(await db.columnFamily('documents', {}).get('!part!x'))).toBe('y')
  await level.close()
  expect(level.status).toBe('closed')
  expect(await documents.get('b')).toEqual({ n: 2 })
  const again = RocksLevel.over(db, { family: documents })
  expect(await again.has('a')).toBe(true)
  expect(again.db).toBe(db)
  await again.close()
})

it('fails with what happened to the database under it', async () => {
  const db = await openFresh()
  const level = RocksLevel.over(db)
  await level.open()
  const iterator = level.iterator()
  await db.close()
  await expect(level.get('a')).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  await expect(level.put('a', 'b')).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  await expect(level.clear()).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  expect(() => level.getSync('a')).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
  await expect(iterator.next()).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  await iterator.close()
  await level.close()
  await expect(level.get('a')).rejects.toMatchObject({ code: 'LEVEL_DATABASE_NOT_OPEN' })
  const other = RocksLevel.over(await openFresh(), { family: 'none' })
  expect((await causeOf(other.open())).message).toMatch(/must name a column family/)
})

it('opens in the next turn, and lets calls wait', async () => {
  const level = new RocksLevel<string, number>(dir('deep', 'er'), { valueEncoding: 'json' })
  const put = level.put('a', 1)
  expect(level.status).toBe('opening')
  const rows = level.iterator().all()
  await put
  expect([[], [['a', 1]]]).toContainEqual(await rows)
  expect(level.getSync('a')).toBe(1)
  expect(level.location).toBe(dir('deep', 'er'))
  await level.close()
  await level.open()
  expect(await level.get('a')).toBe(1)
  await level.close()
})

it('says why it cannot be opened', async () => {
  writeFileSync(dir('file'), 'text')
  expect((await causeOf(new RocksLevel(dir('file')).open())).message).toContain('file')
  mkdirSync(dir('foreign'))
  writeFileSync(join(dir('foreign'), 'CURRENT'), 'MANIFEST-000001\n')
  const foreign = await causeOf(new RocksLevel(dir('foreign')).open())
  expect(foreign.message).toBeTruthy()
  const missing = new RocksLevel(dir('none'), { createIfMissing: false })
  expect((await causeOf(missing.open())).message).toMatch(/does not exist/)
  for (const wrong of ['', 5, null, {}]) {
    expect(() => new RocksLevel(wrong as never)).toThrow(TypeError)
  }
})

it('says where another process has it', async () => {
  const level = new RocksLevel(dir('locked'))
  await level.open()
  const text = `
    const { RocksLevel } = require(${JSON.stringify(join(root, 'dist/level/index.js'))})
    new RocksLevel(${JSON.stringify(dir('locked'))}).open().catch(({ code, cause }) => console.log(code, cause.code, cause.cause.code))`
  const { stdout } = spawnSync(process.execPath, ['-e', text], { encoding: 'utf8' })
  expect(stdout).toBe('LEVEL_DATABASE_NOT_OPEN LEVEL_LOCKED ERR_LOCKED\n')
  await level.close()
})

it('is in memory as well', async () => {
  const level = new RocksLevel(Database.memory('level'))
  await level.open()
  await level.batch().put('a', '1').put('b', '2').del('a').write()
  expect(await level.keys().all()).toEqual(['b'])
  expect(level.location).toBe('memory:level')
  await level.close()
})

it('keeps what iterators see, and seeks in both directions', async () => {
  const level = new RocksLevel(dir('seek'))
  await level.batch(
    Array.from({ length: 3000 }, (_, i) => ({
      type: 'put' as const,
      key: String(i).padStart(4, '0'),
      value: `v${i}`,
    })),
  )
  const iterator = level.iterator({ gte: '0100', lt: '2900' })
  const back = level.iterator({ gte: '0100', lt: '2900', reverse: true })
  await level.clear()
  expect(await iterator.next()).toEqual(['0100', 'v100'])
  iterator.seek('2000')
  expect((await iterator.nextv(500)).length).toBeGreaterThan(0)
  iterator.seek('2899')
  expect(await iterator.nextv(10)).toEqual([['2899', 'v2899']])
  iterator.seek('2900')
  expect(await iterator.next()).toBeUndefined()
  iterator.seek('0099')
  expect(await iterator.next()).toBeUndefined()
  back.seek('1500')
  expect(await back.next()).toEqual(['1500', 'v1500'])
  expect((await back.all()).length).toBe(1400)
  await iterator.close()
  expect(await level.keys().all()).toEqual([])
  await level.close()
})

it('takes bytes for text, and text that is none, as other stores do', async () => {
  const level = new RocksLevel(dir('bytes'))
  const bytes = Buffer.from([0xff, 0x00, 0xc3])
  await level.put('a', bytes as never, { valueEncoding: 'buffer' as never })
  expect(await level.get('a')).toBe(bytes.toString())
  expect(await level.get('a', { valueEncoding: 'view' })).toEqual(bytes)
  await level.put('lone \ud800', 'lone \udc00')
  expect(await level.get('lone \ufffd')).toBe('lone \ufffd')
  await level.close()
})

it('has the types of the options that classic-level takes', async () => {
  const level = new RocksLevel<string, { n: number }>(dir('options'), { valueEncoding: 'json' })
  await level.put('a', { n: 1 }, { sync: true })
  await level.batch([{ type: 'put', key: 'b', value: { n: 2 } }], { sync: true })
  await level.del('b', { sync: true })
  expect(await level.get('a', { fillCache: false })).toEqual({ n: 1 })
  expect(await level.getMany(['a', 'b'], { fillCache: false })).toEqual([{ n: 1 }, undefined])
  expect(await level.keys({ fillCache: false, gte: 'a' }).all()).toEqual(['a'])
  expect(
    await level.get<Buffer, string>(Buffer.from('a'), {
      keyEncoding: 'buffer',
      valueEncoding: 'utf8',
    }),
  ).toBe('{"n":1}')
  // @ts-expect-error A number is no value of this level.
  await level.put('c', 5)
  await level.close()
})
