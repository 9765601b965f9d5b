/**
 * What every codec of keys promises: bytes in the order of the values, what goes in comes out, and no value
 * of a tuple is the beginning of another. KEYS_SEED repeats a run.
 */
import fc from 'fast-check'
import { type Codec, Database, descending, tuple } from 'rocksdb-live'
import { KINDS_OF_KEYS, type Kind, LEAVES, reversed, seedOf, tupled } from '../support/codecs'
import { track, useTempDirectory } from '../support/database'

useTempDirectory()

const seed = seedOf('KEYS_SEED')

/** Writes the values as keys, and expects them back in order. */
function checkOrder(db: Database, kind: Kind, values: readonly unknown[]): void {
  const rows = db.columnFamily('default', { key: kind.codec, value: 'uint32' })
  for (const [at, value] of values.entries()) rows.putSync(value as never, at)
  const last = new Map<number, unknown>()
  const unique: unknown[] = []
  for (const value of [...values].sort(kind.compare)) {
    const before = unique.at(-1)
    if (unique.length === 0 || kind.compare(before, value) !== 0) unique.push(value)
  }
  expect([...rows.keysSync()]).toEqual(unique.map(kind.normal))
  for (const [at, value] of values.entries()) {
    const equal = unique.findIndex((each) => kind.compare(each, value) === 0)
    last.set(equal, at)
  }
  for (const [at, value] of unique.entries())
    expect(rows.getSync(value as never)).toBe(last.get(at))
  db.default.deleteRangeSync('', Buffer.alloc(300, 0xff))
}

async function openMemory(): Promise<Database> {
  return track(await Database.open(Database.memory(`order ${Math.random()}`)))
}

describe.each(LEAVES.map((kind) => [kind.name, kind] as const))('%s', (_, kind) => {
  it.each([
    ['alone', kind],
    ['descending', reversed(kind)],
    ['twice descending', reversed(reversed(kind))],
    ['in a tuple', tupled([kind, kind])],
    ['in a descending tuple', reversed(tupled([kind, reversed(kind)]))],
  ] as const)('%s is in order of its values, and comes back', async (_name, form) => {
    const db = await openMemory()
    const list = fc.array(form.values, { maxLength: 12 })
    fc.assert(
      fc.property(list, (values) => checkOrder(db, form, values)),
      { seed, numRuns: 150 },
    )
  })
})

it('any nesting is in order of its values, and comes back', async () => {
  const db = await openMemory()
  const cases = KINDS_OF_KEYS.chain((kind) =>
    fc.tuple(fc.constant(kind), fc.array(kind.values, { maxLength: 8 })),
  )
  fc.assert(
    fc.property(cases, ([kind, values]) => checkOrder(db, kind, values)),
    {
      seed,
      numRuns: 1000,
    },
  )
})

it('no tuple is the beginning of another one', () => {
  const cases = KINDS_OF_KEYS.chain((kind) =>
    fc.tuple(fc.constant(tupled([kind])), fc.array(kind.values, { minLength: 2, maxLength: 8 })),
  )
  const check = ([kind, values]: [Kind, unknown[]]) => {
    const codec = kind.codec as Codec<unknown>
    const all = values.map((value) => Buffer.from(codec.encode([value])))
    for (const a of all) {
      for (const b of all) {
        if (a.equals(b)) continue
        expect(b.subarray(0, a.length).equals(a)).toBe(false)
      }
    }
  }
  fc.assert(fc.property(cases, check), { seed, numRuns: 1000 })
})

it('bytes that no tuple has are corrupt, and nothing worse', () => {
  const hostile = fc.array(fc.oneof(fc.constantFrom(0, 1, 2, 0xfe, 0xff), fc.nat(255)), {
    maxLength: 40,
  })
  const cases = fc.tuple(KINDS_OF_KEYS, hostile)
  const check = ([kind, list]: [Kind, number[]]) => {
    const codec = tuple(kind.codec) as Codec<unknown>
    const bytes = Buffer.from(list)
    let value: unknown
    try {
      value = codec.decode(bytes)
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_CORRUPTION' })
      return
    }
    expect(Buffer.from(codec.encode(value))).toEqual(bytes)
  }
  fc.assert(fc.property(cases, check), { seed, numRuns: 5000 })
})

it('the bytes of a tuple are as the documentation says', () => {
  const hex = <C>(codec: Codec<unknown, C>, value: C) =>
    Buffer.from(codec.encode(value)).toString('hex')
  expect(hex(tuple('utf8', 'uint64'), ['eu', 5n])).toBe('657500' + '0000000000000005')
  expect(hex(tuple('buffer'), [Buffer.from([0, 1, 2])])).toBe('0101' + '0102' + '02' + '00')
  expect(hex(tuple('int32', 'boolean'), [-1, true])).toBe('7fffffff' + '01')
  expect(hex(tuple('float64'), [-1.5])).toBe('4007ffffffffffff')
  expect(hex(tuple('date'), [new Date(1)])).toBe('8000000000000001')
  expect(hex(descending('utf8'), 'eu')).toBe('9a8aff')
  expect(hex(descending('uint32'), 5)).toBe('fffffffa')
})

it('long parts come back, however many escapes they need', async () => {
  const db = await openMemory()
  const key = tuple('buffer', 'utf8', descending('utf8'), 'uint32')
  const rows = db.columnFamily('default', { key, value: key })
  const texts = ['', 'a', '\0', 'ä€🦆', '\x01\0']
  for (const size of [1, 20, 24, 25, 63, 64, 126, 127, 128, 5000, 20_000]) {
    for (const [at, text] of texts.entries()) {
      const long = text.repeat(size)
      const row = [Buffer.alloc(size, at), long, long, size] as const
      rows.putSync(row, row)
      db.batch().put(rows, row, row).writeSync()
      expect(rows.getSync(row)).toEqual(row)
      expect(await rows.getMany([row, row])).toEqual([row, row])
      expect([...rows.entriesSync({ prefix: row.slice(0, 2) as never })]).toEqual([[row, row]])
      rows.deleteSync(row)
    }
  }
  const half = Buffer.alloc(4 * 1024 * 1024)
  const message = expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' })
  expect(() => rows.putSync([half, 'a', 'b', 1], ['', '', '', 1])).toThrow(message)
  expect(() => rows.getSync([half, 'a', 'b', 1])).toThrow(message)
  expect(await rows.count()).toBe(0)
})
