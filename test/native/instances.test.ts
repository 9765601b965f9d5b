/** `lib/` loaded several times over one addon, as test runners and bundlers may do. */
import { useTempDirectory } from '../support/database'

type Library = typeof import('rocksdb-live')

function loadAgain(): Library {
  let library: Library | undefined
  jest.isolateModules(() => {
    library = require('rocksdb-live') as Library
  })
  return library as Library
}

describe('two instances of the library in one environment', () => {
  const at = useTempDirectory()

  it('each gets the answers to its own calls, and shares an open database', async () => {
    const first = loadAgain()
    const db = await first.Database.open(at('db'))
    // In progress while another instance is set up, whose ids start at the same number.
    const synced = Promise.all(
      Array.from({ length: 64 }, (_, i) => db.default.put(`key${i}`, `value${i}`, { sync: true })),
    )
    const second = loadAgain()
    expect(second.Database).not.toBe(first.Database)
    const other = await second.Database.open(at('db'))
    const more = other.default.put('other', 'second', { sync: true })
    await Promise.all([synced, more])
    expect(String(await other.default.get('key63'))).toBe('value63')
    expect(String(db.default.getSync('other'))).toBe('second')
    await db.close()
    expect(String(other.default.getSync('key0'))).toBe('value0')
    await other.close()
  })

  it("an instance's errors are of its own classes", async () => {
    const [first, second] = [loadAgain(), loadAgain()]
    const db = await first.Database.open(at('db'))
    const other = await second.Database.open(at('db'))
    await Promise.all([db.close(), other.close()])
    expect(() => db.default.getSync('x')).toThrow(first.RocksDBError)
    expect(() => other.default.getSync('x')).toThrow(second.RocksDBError)
  })
})
