/** How much memory callers hold who keep a few of many rows. */
import { last, runWell, useDirectory } from '../lifecycle/children'
import { openFresh, useTempDirectory } from '../support/database'

useTempDirectory()
const path = useDirectory()

describe('200 of many rows', () => {
  it.each(['entries', 'keys', 'values', 'asynchronous entries', 'getMany', 'getManySync'])(
    'of %s hold less than 8 MB',
    async (kind) => {
      const said = await runWell('kept', [path(), kind], { node: ['--expose-gc'] })
      expect(last(said, 'megabytes')).toBeLessThan(8)
    },
    60_000,
  )
})

test('rows of all sizes are whole, whatever is copied together', async () => {
  const db = await openFresh()
  const sizes = [
    0, 1, 100, 5000, 16_000, 16_384, 16_385, 32_000, 32_768, 32_769, 40_000, 3, 200_000, 7,
  ]
  const rows = sizes.map(
    (size, i) => [`key${String(i).padStart(3, '0')}`, Buffer.alloc(size, i)] as const,
  )
  for (const [key, value] of rows) await db.default.put(key, value)
  const texts = (list: readonly (readonly [unknown, unknown])[]) =>
    list.map(([key, value]) => [String(key), (value as Buffer).toString('latin1')])
  expect(texts([...db.default.entriesSync()])).toEqual(texts(rows))
  const found = []
  for await (const row of db.default.entries({ reverse: true })) found.unshift(row)
  expect(texts(found)).toEqual(texts(rows))
  expect([...db.default.keysSync()].map(String)).toEqual(rows.map(([key]) => key))
  const keys = [...rows.map(([key]) => key), 'missing', 'key001']
  const wanted = [...rows.map(([, value]) => value), undefined, rows[1]?.[1]]
  expect(await db.default.getMany(keys)).toEqual(wanted)
  expect(db.default.getManySync(keys)).toEqual(wanted)
})
