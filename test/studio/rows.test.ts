/** Rows through the studio: pages of them, formats, and edits. */
import { json, tuple } from 'rocksdb-live'
import { serveStudio, type StudioServer } from 'rocksdb-live/studio'
import { openFresh, useTempDirectory } from '../support/database'
import { answered, ask } from './support'

useTempDirectory()

let studios: StudioServer[] = []
afterEach(async () => {
  const all = studios
  studios = []
  await Promise.all(all.map((studio) => studio.close()))
})

async function serve(...given: Parameters<typeof serveStudio>): Promise<StudioServer> {
  const studio = await serveStudio(...given)
  studios.push(studio)
  return studio
}

interface Row {
  key: { text?: string; hex: string; cut: boolean; bytes: number; problem?: string }
  value?: { text?: string; hex: string; cut: boolean; bytes: number; problem?: string }
}

const asked = (family: string, rest: object = {}) => ({
  family,
  keyFormat: 'auto',
  valueFormat: 'auto',
  ...rest,
})

/** The keys of all pages. */
async function pages(studio: StudioServer, body: object): Promise<string[][]> {
  const all: string[][] = []
  for (let from: string | undefined; ; ) {
    const { rows, next, read } = await answered(studio, 'rows', { ...body, from })
    expect(read).toBeLessThanOrEqual(100)
    all.push(rows.map(({ key }: Row) => key.text))
    if (next === undefined) return all
    from = next
  }
}

describe('pages', () => {
  const name = (at: number) => `k${String(at).padStart(4, '0')}`

  async function many() {
    const db = await openFresh({ columnFamilies: { k: { key: 'utf8', value: 'utf8' } } })
    const k = db.columnFamily('k')
    for (let at = 0; at < 250; at++) k.putSync(name(at), `${at}`)
    k.putSync('z', 'last')
    return { db, studio: await serve(db) }
  }

  it('come one after the other, in both directions', async () => {
    const { studio } = await many()
    const forth = await pages(studio, asked('k', { reverse: false }))
    expect(forth.map(({ length }) => length)).toEqual([100, 100, 51])
    expect(forth.flat()[0]).toBe('k0000')
    const back = await pages(studio, asked('k', { reverse: true }))
    expect(back.flat()).toEqual(forth.flat().reverse())
  })

  it('have a prefix, and begin at a key', async () => {
    const { studio } = await many()
    expect((await pages(studio, asked('k', { prefix: 'k00' }))).flat()).toHaveLength(100)
    expect((await pages(studio, asked('k', { prefix: 'k024', reverse: true }))).flat()[0]).toBe(
      'k0249',
    )
    expect((await pages(studio, asked('k', { seek: 'k0248' }))).flat()).toEqual([
      'k0248',
      'k0249',
      'z',
    ])
    const down = await pages(studio, asked('k', { seek: 'k0001', reverse: true }))
    expect(down.flat()).toEqual(['k0001', 'k0000'])
    const both = await pages(studio, asked('k', { prefix: 'k', seek: 'zz', reverse: true }))
    expect(both.flat()[0]).toBe('k0249')
    expect((await pages(studio, asked('k', { prefix: '0xff' }))).flat()).toEqual([])
  })

  it.each([false, true])(
    'read no more than a page of the database (reverse: %s)',
    async (reverse) => {
      const db = await openFresh({ tuning: { statistics: true } })
      const batch = db.batch()
      for (let at = 0; at < 5000; at++) batch.put(db.default, name(at), 'x'.repeat(100))
      await batch.write()
      await db.flush()
      const studio = await serve(db)
      const steps = () => {
        const { tickers = {} } = db.statistics() ?? {}
        const ticker = (of: string) => tickers[`rocksdb.number.${of}`] as number
        return [ticker('db.next') + ticker('db.prev'), ticker('keys.read')]
      }
      const [before = 0, gets = 0] = steps()
      const { rows } = await answered(studio, 'rows', asked('default', { prefix: 'k', reverse }))
      expect(rows).toHaveLength(100)
      const [after = 0, read = 0] = steps()
      expect(after - before).toBeGreaterThanOrEqual(99)
      expect(after - before).toBeLessThanOrEqual(100)
      expect(read - gets).toBe(100)
    },
  )

  it('are 404 of a family that is not there, and 400 where the question is wrong', async () => {
    const { studio } = await many()
    expect((await ask(studio, 'rows', asked('nothing'))).status).toBe(404)
    expect((await ask(studio, 'rows', asked('k', { keyFormat: 'utf9' }))).json.message).toMatch(
      /did you mean utf8/,
    )
    expect(
      (await ask(studio, 'rows', asked('k', { keyFormat: 'uint64', prefix: 'x' }))).status,
    ).toBe(400)
    expect((await ask(studio, 'rows', asked('k', { from: 'xyz' }))).status).toBe(400)
    for (const body of [null, [], 'x', { family: 1 }])
      expect((await ask(studio, 'rows', body)).status).toBe(400)
  })
})

describe('formats', () => {
  it('are those that the service declares', async () => {
    const db = await openFresh({
      columnFamilies: {
        users: { key: 'utf8', value: json() },
        events: { key: 'uint64', value: 'date' },
        pairs: { key: tuple('utf8', 'uint32'), value: 'utf8' },
      },
    })
    db.columnFamily('users').putSync('ada', { name: '<img src=x onerror=alert(1)>' })
    db.columnFamily('events').putSync(2n ** 60n, new Date(0))
    db.columnFamily('pairs').putSync(['eu', 7], 'seven')
    const studio = await serve(db)
    const { families } = await answered(studio, 'families')
    const shown: Record<string, unknown> = {}
    for (const { name, key, value } of families) {
      const { rows } = await answered(studio, 'rows', {
        family: name,
        keyFormat: key,
        valueFormat: value,
      })
      shown[name] = [key, value, ...rows.map((row: Row) => [row.key.text, row.value?.text])]
    }
    expect(shown).toEqual({
      default: ['auto', 'auto'],
      users: ['utf8', 'json', ['ada', '{"name":"<img src=x onerror=alert(1)>"}']],
      events: ['uint64', 'date', ['1152921504606846976', '1970-01-01T00:00:00.000Z']],
      pairs: ['declared', 'utf8', ['["eu",7]', 'seven']],
    })
  })

  it('show bytes where they do not decode, and say why', async () => {
    const db = await openFresh()
    db.default.putSync(Buffer.from([0xff, 1]), '{"a":')
    const studio = await serve(db)
    const { rows } = await answered(studio, 'rows', {
      family: 'default',
      keyFormat: 'uint64',
      valueFormat: 'json',
    })
    const [{ key, value }] = rows as Row[] as [Row]
    expect([key.text, key.hex, key.problem]).toEqual([
      undefined,
      'ff01',
      expect.stringContaining('uint64'),
    ])
    expect([value?.text, value?.hex]).toEqual([undefined, Buffer.from('{"a":').toString('hex')])
  })

  it('give a row as code', async () => {
    const db = await openFresh({ columnFamilies: { users: { key: 'utf8', value: json() } } })
    db.columnFamily('users').putSync("o'neill\n", { a: 1 })
    const studio = await serve(db)
    const key = Buffer.from("o'neill\n").toString('hex')
    const { code } = await answered(studio, 'row', {
      family: 'users',
      keyFormat: 'utf8',
      valueFormat: 'json',
      key,
    })
    expect(code).toBe(`const family = db.columnFamily('users', { key: 'utf8', value: 'json' })
const value = await family.get('o\\'neill\\n')
await family.put('o\\'neill\\n', {
  "a": 1
})
`)
  })

  it('say when a row expires', async () => {
    const db = await openFresh({
      columnFamilies: { s: { key: 'utf8', value: 'utf8', expires: true } },
    })
    const s = db.columnFamily('s')
    const at = new Date(Date.now() + 3_600_000)
    s.putSync('a', 'x', { expiresAt: at })
    s.putSync('b', 'y')
    const studio = await serve(db)
    const row = (key: string) =>
      answered(studio, 'row', { ...asked('s'), key: Buffer.from(key).toString('hex') })
    expect((await row('a')).expiresAt).toBe(at.toISOString())
    expect((await row('b')).expiresAt).toBeNull()
    expect((await row('a')).row.value.text).toBe('x')
  })
})

it('cuts values of 100 MB, and reads few of them for a page', async () => {
  const db = await openFresh()
  const long = Buffer.alloc(100 << 20, 'x')
  for (let at = 0; at < 4; at++) await db.default.put(`long-${at}`, long, { disableWAL: true })
  const studio = await serve(db)
  const { text } = await ask(studio, 'rows', asked('default'))
  expect(text.length).toBeLessThan(100_000)
  const { rows } = JSON.parse(text) as { rows: [Row, Row, Row, Row] }
  expect(rows[0].value).toMatchObject({ bytes: 100 << 20, cut: true, text: 'x'.repeat(1024) })
  expect(rows.map(({ value }) => value?.bytes)).toEqual([
    100 << 20,
    undefined,
    undefined,
    undefined,
  ])
  const detail = await ask(studio, 'row', { ...asked('default'), key: rows[3].key.hex })
  expect(detail.json.row.value).toMatchObject({ bytes: 100 << 20, cut: true })
  expect(detail.text.length).toBeLessThan(1 << 20)
}, 120_000)

describe('edits', () => {
  const hex = (text: string) => Buffer.from(text).toString('hex')
  const put = (key: string, value: string, before: string | null) => ({
    type: 'put',
    family: 'k',
    key,
    keyFormat: 'utf8',
    value,
    valueFormat: 'json',
    before: before === null ? null : hex(before),
  })

  async function open(write: boolean) {
    const db = await openFresh({ columnFamilies: { k: { key: 'utf8', value: json() } } })
    const k = db.columnFamily('k')
    k.putSync('a', 1)
    k.putSync('b', 2)
    return { k, studio: await serve(db, { write }) }
  }

  it('are not there without write', async () => {
    const { k, studio } = await open(false)
    for (const name of ['preview', 'write'])
      expect((await ask(studio, name, { edits: [put('a', '9', '1')] })).status).toBe(403)
    expect(k.getSync('a')).toBe(1)
  })

  it('are shown as a batch, and then written at once', async () => {
    const { k, studio } = await open(true)
    const edits = [
      put('a', '{"x":[1]}', '1'),
      { ...put('b', '', '2'), type: 'delete' },
      put('c', '3', null),
    ]
    const { edits: shown } = await answered(studio, 'preview', { edits })
    const texts = shown.map((each: Record<'before' | 'after', { text: string } | undefined>) => [
      each.before?.text,
      each.after?.text,
    ])
    expect(texts).toEqual([
      ['1', '{"x":[1]}'],
      ['2', undefined],
      [undefined, '3'],
    ])
    expect(k.getSync('a')).toBe(1)
    expect(await answered(studio, 'write', { edits })).toEqual({ written: true })
    expect([k.getSync('a'), k.getSync('b'), k.getSync('c')]).toEqual([{ x: [1] }, undefined, 3])
  })

  it('overwrite nothing that has changed since', async () => {
    const { k, studio } = await open(true)
    k.putSync('b', 22)
    const edits = [put('a', '9', '1'), put('b', '9', '2')]
    const { edits: shown } = await answered(studio, 'preview', { edits })
    expect(shown.map(({ changed }: { changed: boolean }) => changed)).toEqual([false, true])
    expect(await answered(studio, 'write', { edits })).toEqual({ written: false })
    expect([k.getSync('a'), k.getSync('b')]).toEqual([1, 22])
    expect(await answered(studio, 'write', { edits: [put('new', '1', null)] })).toEqual({
      written: true,
    })
    expect(await answered(studio, 'write', { edits: [put('new', '2', null)] })).toEqual({
      written: false,
    })
  })

  it('are refused where they are wrong', async () => {
    const { studio } = await open(true)
    const wrong = [
      { edits: [] },
      { edits: [put('a', '{', '1')] },
      { edits: [put('a', '1', '1'), put('a', '2', '1')] },
      { edits: [{ ...put('a', '1', '1'), type: 'merge' }] },
      { edits: [{ ...put('a', '1', '1'), before: 'zz' }] },
      { edits: [{ ...put('a', '1', '1'), before: undefined }] },
      { edits: Array.from({ length: 1001 }, (_, at) => put(`${at}`, '1', null)) },
    ]
    for (const body of wrong) {
      const { status, json: failure } = await ask(studio, 'write', body)
      expect({ status, code: failure.code }).toEqual({ status: 400, code: 'ERR_INVALID_ARGUMENT' })
    }
  })
})
