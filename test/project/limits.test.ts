/**
 * The limits that docs/limits.md calls tested: what is allowed, and which error refuses the rest.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from '../../lib'
import { openFresh, useTempDirectory } from '../support/database'
import { root } from '../support/documents'

const page = readFileSync(join(root, 'docs/limits.md'), 'utf8')
const MIB = 1024 * 1024
const key = Buffer.from('key')

const directory = useTempDirectory()

/** Memory that nobody touches, so that the system does not need to provide it. */
const tooLarge = () => Buffer.alloc(2 ** 31)

/** The error, which is one that the page names. */
async function failureOf(call: () => unknown): Promise<{ code: string; message: string }> {
  let failure: { name: string; code: string; message: string } | undefined
  try {
    await call()
  } catch (error) {
    failure = error as typeof failure
  }
  expect(failure).toBeDefined()
  const { name, code, message } = failure ?? { name: '', code: '', message: '' }
  expect(page).toContain(code)
  if (name !== 'RocksDBError') expect(page).toContain(name)
  return { code, message }
}

describe('keys and values', () => {
  it('are as long as the page says, and no longer', async () => {
    const { default: rows } = await openFresh()
    const longest = Buffer.alloc(8 * MIB, 1)
    await rows.put(longest, key)
    expect(await rows.get(longest)).toEqual(key)
    const said = 'It must be <= 8388608 bytes'
    expect(page).toContain(said)
    const failure = await failureOf(() => rows.put(Buffer.alloc(8 * MIB + 1), key))
    expect(failure).toMatchObject({ code: 'ERR_OUT_OF_RANGE' })
    expect(failure.message).toContain(said)
  })

  it('make one write of less than 2 GiB', async () => {
    const { default: rows } = await openFresh()
    const said = 'It must be <= 2147483647 bytes'
    expect(page).toContain(said)
    const failure = await failureOf(() => rows.put(key, tooLarge()))
    expect(failure).toMatchObject({ code: 'ERR_OUT_OF_RANGE' })
    expect(failure.message).toContain(said)
    expect(await rows.get(key)).toBeUndefined()
  })

  it('may be an empty value', async () => {
    const { default: rows } = await openFresh()
    await rows.put(key, Buffer.alloc(0))
    expect(await rows.get(key)).toEqual(Buffer.alloc(0))
  })

  it('are of what a codec has', async () => {
    const db = await openFresh({
      columnFamilies: {
        small: { key: 'uint32', value: 'uint64' },
        text: { key: 'utf8', value: 'utf8' },
      },
    })
    const small = db.columnFamily('small')
    const text = db.columnFamily('text')
    await small.put(4294967295, 2n ** 64n - 1n)
    expect(await small.get(4294967295)).toBe(2n ** 64n - 1n)
    for (const call of [
      () => small.put(4294967296, 0n),
      () => small.put(-1, 0n),
      () => small.put(0, 2n ** 64n),
    ]) {
      expect(await failureOf(call)).toMatchObject({ code: 'ERR_OUT_OF_RANGE' })
    }
    const number = 5 as unknown as bigint
    expect(await failureOf(() => small.put(0, number))).toMatchObject({
      code: 'ERR_INVALID_ARG_TYPE',
    })
    expect(await failureOf(() => text.put('\ud800', ''))).toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
    })
  })
})

it('a batch keeps what it had where a put is too much for it', async () => {
  const db = await openFresh()
  const batch = db.batch().put(db.default, key, Buffer.from('kept'))
  const failure = await failureOf(() => batch.put(db.default, Buffer.from('more'), tooLarge()))
  expect(failure).toMatchObject({ code: 'ERR_OUT_OF_RANGE' })
  await batch.write()
  expect(await db.default.get(key)).toEqual(Buffer.from('kept'))
  expect(await db.default.count()).toBe(1)
})

it('names of column families are as the page says', async () => {
  const db = await openFresh()
  await db.createColumnFamily('x'.repeat(10_000))
  for (const name of ['', '\ud800']) {
    expect(await failureOf(() => db.createColumnFamily(name))).toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
    })
  }
  for (const call of [
    () => db.createColumnFamily('x'.repeat(10_000)),
    () => db.dropColumnFamily('default'),
  ]) {
    expect(await failureOf(call)).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  }
})

it('paths are as the page says', async () => {
  for (const path of ['', 'a\0b']) {
    expect(await failureOf(() => Database.open(path))).toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
    })
  }
  const long = directory('c'.repeat(256))
  expect(await failureOf(() => Database.open(long))).toMatchObject({ code: 'ERR_IO' })
})
