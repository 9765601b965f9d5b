/** Merge operators that a database records, and that its opening leaves out or contradicts. */
import { Database } from 'rocksdb-live'
import { openAt, useTempDirectory } from '../support/database'
import { errorOf, filesOf, fingerprint, removeFiles } from './support'

const at = useTempDirectory()
const APPEND = {
  columnFamilies: { hits: { mergeOperator: 'stringappend', value: 'utf8' } },
} as const
const MODES = () => ['read-write', 'read-only', { secondary: at('secondary') }] as const

/** A database whose family `hits` has operands in its WAL, and in a table with `flush`. */
async function written(path: string, flush: boolean): Promise<void> {
  const db = await Database.open(path, { ...APPEND, tuning: {} })
  await db.columnFamily('hits').merge('a', 'x')
  if (flush) await db.flush()
  await db.columnFamily('hits').merge('a', 'y', { sync: true })
  await db.default.put('last', 'row', { sync: true })
  await db.close()
}

it.each([false, true])(
  'takes over the recorded operator in every mode (flushed: %s)',
  async (f) => {
    await written(at('db'), f)
    for (const mode of MODES()) {
      const db = await openAt(at('db'), { mode })
      const hits = db.columnFamily('hits', { value: 'utf8' })
      expect(await hits.get('a')).toBe('x,y')
      await db.close()
    }
  },
)

it('keeps the options that the operator was recorded with', async () => {
  const spec = '{id=StringAppendOperator;delimiter=+;}'
  const options = { rocksdb: { columnFamily: { merge_operator: spec } } }
  const db = await openAt(at('db'), options)
  await db.default.merge('a', 'x')
  await db.default.merge('a', 'y')
  await db.close()
  for (const again of [
    {},
    options,
    { columnFamilies: { default: { mergeOperator: 'stringappend' } } } as const,
  ]) {
    const opened = await openAt(at('db'), again)
    expect(String(await opened.default.get('a'))).toBe('x+y')
    await opened.close()
  }
  const other = {
    rocksdb: { columnFamily: { merge_operator: '{id=StringAppendOperator;delimiter=-;}' } },
  }
  expect(await errorOf(Database.open(at('db'), other))).toMatchObject({
    code: 'ERR_OPTIONS_MISMATCH',
  })
})

it('refuses another operator in every mode, and changes nothing', async () => {
  await written(at('db'), true)
  const before = fingerprint(at('db'))
  for (const mode of MODES()) {
    const error = await errorOf(
      Database.open(at('db'), { mode, columnFamilies: { hits: { mergeOperator: 'max' } } }),
    )
    expect(error).toMatchObject({ code: 'ERR_OPTIONS_MISMATCH' })
    expect(error.message).toMatch(
      /"hits".*StringAppendOperator.*max.*mergeOperator: 'stringappend'/s,
    )
  }
  expect(fingerprint(at('db'))).toEqual(before)
})

it('lets a second opening name the operator that the first one took over', async () => {
  await written(at('db'), true)
  const first = await openAt(at('db'))
  const second = await openAt(at('db'), APPEND)
  expect(await second.columnFamily('hits').get('a')).toBe('x,y')
  const plain = await openAt(at('db'))
  await Promise.all([plain.close(), second.close()])
  const max = { columnFamilies: { hits: { mergeOperator: 'max' } } } as const
  expect(await errorOf(Database.open(at('db'), max))).toMatchObject({
    code: 'ERR_OPTIONS_MISMATCH',
  })
  await first.dropColumnFamily('hits')
  const anew = await first.createColumnFamily('hits', { mergeOperator: 'max', value: 'utf8' })
  await anew.merge('k', '1')
  await anew.merge('k', '2')
  expect(await anew.get('k')).toBe('2')
})

describe('with no record of an operator', () => {
  /** Operands in a table and in the WAL, and no OPTIONS file. */
  async function forgotten(): Promise<Database> {
    await written(at('db'), true)
    expect(removeFiles(at('db'), /^OPTIONS-/)).not.toEqual([])
    return openAt(at('db'))
  }

  it('replays the WAL whole, and fails reads of operands by name', async () => {
    const db = await forgotten()
    expect(db.recovery.droppedBytes).toBe(0)
    expect(String(await db.default.get('last'))).toBe('row')
    const hits = db.columnFamily('hits')
    await hits.put('b', 'value')
    const reads: (() => unknown)[] = [
      () => hits.get('a'),
      () => hits.getSync('a'),
      () => hits.getMany(['a', 'b']),
      () => [...hits.entriesSync()],
      () => [...hits.entriesSync({ reverse: true })],
      () => [...hits.keysSync()],
      () => hits.count(),
    ]
    for (const read of reads) {
      const error = await errorOf(Promise.resolve().then(read))
      expect(error).toMatchObject({ code: 'ERR_NOT_SUPPORTED' })
      expect(error.message).toContain('mergeOperator')
    }
    expect(String(await hits.get('b'))).toBe('value')
    expect(await errorOf(hits.merge('a', 'z'))).toMatchObject({ code: 'ERR_NOT_SUPPORTED' })
  })

  it('keeps operands through flushes and compactions, until they can be merged', async () => {
    const db = await forgotten()
    await db.flush()
    await db.compactRange('hits', {}, { bottommost: true })
    await db.columnFamily('hits').put('b', 'value')
    await db.flush()
    await db.compactRange('hits', {}, { bottommost: true })
    expect(db.health).toBe('ok')
    await db.close()
    expect(filesOf(at('db'), /\.sst$/).length).toBeGreaterThan(0)
    const again = await openAt(at('db'), APPEND)
    expect(await again.columnFamily('hits').get('a')).toBe('x,y')
    expect(await again.columnFamily('hits').get('b')).toBe('value')
  })
})
