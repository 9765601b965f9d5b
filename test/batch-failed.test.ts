/** A batch whose write failed has its operations still. */
import { type Batch, Database } from 'rocksdb-live'
import { openFresh, useTempDirectory } from './support/database'
import { expectRejection, expectThrow, listOf } from './support/expectations'

useTempDirectory()

/** A database of which a batch has rows of a family that is dropped then. */
async function failing() {
  const db = await openFresh({ columnFamilies: { a: {} } })
  const rows = async () => (await listOf(db.default.entries())).map(String)
  const batch = db.batch().put(db.default, 'x', '1').put(db.columnFamily('a'), 'y', '2')
  const bytes = batch.byteLength
  await db.dropColumnFamily('a')
  return { db, rows, batch, bytes }
}

const stateOf = ({ count, byteLength }: Batch): [number, number] => [count, byteLength]

it.each([
  ['asynchronously', {}],
  ['with fsync', { sync: true }],
])('that was written %s', async (_, options) => {
  const { db, rows, batch, bytes } = await failing()
  for (let i = 0; i < 3; i++) {
    await expectRejection(batch.write(options), 'ERR_DROPPED')
    expect(stateOf(batch)).toEqual([2, bytes])
  }
  // It fails as a whole again, with what is put in behind.
  batch.put(db.default, 'z', '3')
  await expectRejection(batch.write(options), 'ERR_DROPPED')
  expect(batch.count).toBe(3)
  expect(await rows()).toEqual([])
  await batch.clear().put(db.default, 'z', '3').write(options)
  expect(stateOf(batch)).toEqual([0, 12])
  expect(await rows()).toEqual(['z,3'])
})

it('that was written on this thread', async () => {
  const { rows, batch, bytes } = await failing()
  expectThrow(() => batch.writeSync(), 'ERR_DROPPED')
  expect(stateOf(batch)).toEqual([2, bytes])
  expect(await rows()).toEqual([])
})

it('that is large', async () => {
  const { db, rows, batch } = await failing()
  batch.put(db.default, 'large', Buffer.alloc(3 << 20, 'v'))
  const bytes = batch.byteLength
  await expectRejection(batch.write({ sync: true }), 'ERR_DROPPED')
  expect(stateOf(batch)).toEqual([3, bytes])
  expect(await rows()).toEqual([])
})

it('that was used meanwhile has what it was filled with alone', async () => {
  const { db, rows, batch } = await failing()
  const uses: [(batch: Batch) => void, number][] = [
    [(used) => used.put(db.default, 'other', 'row'), 1],
    [(used) => used.put(db.default, 'other', 'row').clear(), 0],
    [
      (used) =>
        expectThrow(() => used.put(db.default, 'x'.repeat(9 << 20), ''), 'ERR_OUT_OF_RANGE'),
      0,
    ],
    [(used) => used.deleteRange(db.default, 'b', 'b'), 0],
  ]
  for (const [use, count] of uses) {
    batch.clear().put(db.default, 'x', '1')
    const gone = await db.createColumnFamily('gone')
    batch.put(gone, 'y', '2')
    await db.dropColumnFamily('gone')
    const writing = batch.write({ sync: true })
    use(batch)
    await expectRejection(writing, 'ERR_DROPPED')
    expect(batch.count).toBe(count)
  }
  await batch.clear().put(db.default, 'last', '1').write()
  expect(await rows()).toEqual(['last,1'])
})

it('that waits behind others which succeed is empty', async () => {
  const db = await openFresh()
  const batch = db.batch()
  const writes: Promise<void>[] = []
  for (let n = 0; n < 20; n++) writes.push(batch.put(db.default, `${n}`, 'v').write({ sync: true }))
  await Promise.all(writes)
  expect(stateOf(batch)).toEqual([0, 12])
  expect(await db.default.count()).toBe(20)
  expect(db).toBeInstanceOf(Database)
})
