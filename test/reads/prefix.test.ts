/** Scans of families with key prefixes for RocksDB: faster, without losing rows. */
import { openFresh, useTempDirectory } from '../support/database'
import { listOf } from '../support/expectations'
import { Random } from '../support/random'

useTempDirectory()

const BYTES = [0x00, 0x01, 0x61, 0xfe, 0xff]

describe('with a prefixLength', () => {
  it('every scan has the rows of an ordered list, keys shorter than a prefix among them', async () => {
    const random = Random.fromEnvironment('PREFIX_SEED')
    const key = () =>
      Buffer.from(Array.from({ length: 1 + random.below(5) }, () => random.pick(BYTES)))
    const db = await openFresh({ tuning: { prefixLength: 2 } })
    const keys = new Map<string, Buffer>()
    for (let file = 0; file < 12; file++) {
      for (let i = 0; i < 8; i++) {
        const one = key()
        keys.set(one.toString('hex'), one)
        db.default.putSync(one, 'value')
      }
      if (file < 11) await db.flush()
    }
    const all = [...keys.values()].sort(Buffer.compare)
    for (let i = 0; i < 3000; i++) {
      const range = random.once(2)
        ? { prefix: key() }
        : { gte: key(), [random.pick(['lt', 'lte'])]: key() }
      const reverse = random.once(4)
      const { prefix, gte, lt, lte } = range as Record<string, Buffer | undefined>
      const expected = all.filter(
        (one) =>
          (!prefix || one.subarray(0, prefix.length).equals(prefix)) &&
          (!gte || one.compare(gte) >= 0) &&
          (!lt || one.compare(lt) < 0) &&
          (!lte || one.compare(lte) <= 0),
      )
      if (reverse) expected.reverse()
      const found = await listOf(db.default.keysSync({ ...range, reverse }))
      const hex = (list: Uint8Array[]) => list.map((one) => Buffer.from(one).toString('hex'))
      expect([range, hex(found)]).toEqual([range, hex(expected)])
      expect(await db.default.count(range)).toBe(expected.length)
    }
  })

  it('a key shorter than a prefix is found behind a carry', async () => {
    const db = await openFresh({ tuning: { prefixLength: 2 } })
    for (const key of ['aa', 'b', 'zz']) db.default.putSync(key, 'value')
    await db.flush()
    const range = { gte: Buffer.from('a\xff', 'latin1'), lt: Buffer.from('b\0') }
    expect(String(await listOf(db.default.keys(range)))).toBe('b')
    expect(await db.default.count(range)).toBe(1)
  })

  it('scans of one prefix leave out the files that have none of it', async () => {
    const useful = async (prefixLength: number) => {
      const db = await openFresh({
        tuning: { prefixLength, statistics: 'counters' },
        rocksdb: { columnFamily: { disable_auto_compactions: true } },
      })
      for (let file = 0; file < 4; file++) {
        // Each file spans all groups, and has rows of half of them.
        for (let group = file % 2; group < 100; group += 2) {
          const name = String(group).padStart(4, '0')
          for (let i = 0; i < 10; i++) db.default.putSync(`${name}-${file}-${i}`, 'value')
        }
        await db.flush()
      }
      for (let group = 0; group < 50; group++) {
        const prefix = String(group).padStart(4, '0')
        expect(await listOf(db.default.keys({ prefix }))).toHaveLength(20)
      }
      const { tickers = {} } = db.statistics() ?? {}
      return Object.entries(tickers)
        .filter(([name]) => /bloom\.filter\.prefix\.useful|seek\.filtered/.test(name))
        .reduce((sum, [, count]) => sum + count, 0)
    }
    expect(await useful(4)).toBeGreaterThan(50)
    expect(await useful(0)).toBe(0)
  })
})
