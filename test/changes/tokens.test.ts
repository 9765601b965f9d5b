/** Tokens that are not of this place in this history, and options that change between openings. */
import { mkdirSync, readdirSync, renameSync } from 'node:fs'
import type { Database, OpenOptions } from 'rocksdb-live'
import { textsAfter, tokenOf } from '../support/changes'
import { openAt, openFresh, reopen, useTempDirectory } from '../support/database'
import { coded, expectRejection } from '../support/expectations'

const dir = useTempDirectory()
const KEPT = { tuning: { changesRetainMb: 16 } } as const

const flip = (text: string, at: number) =>
  `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`

describe('a token', () => {
  const WRONG: Record<string, [change: (token: string) => string, text: string]> = {
    'of another version': [(token) => `02${token.slice(2)}`, 'another version'],
    'cut by a digit': [(token) => token.slice(0, -1), 'not a token'],
    'cut by a byte': [(token) => token.slice(0, -2), 'cut short'],
    'cut to its version': [(token) => token.slice(0, 2), 'cut short'],
    'with more behind it': [(token) => `${token}00`, 'cut short or damaged'],
    twice: [(token) => token + token, 'cut short or damaged'],
    'in capitals': [(token) => `${token.toUpperCase()}A`, 'not a token'],
    'with a space': [(token) => ` ${token}`, 'not a token'],
    'very long': [(token) => token.repeat(10_000), 'cut short or damaged'],
  }
  it.each(Object.keys(WRONG))('%s is no token', async (name) => {
    const db = await openFresh(KEPT)
    const [change, text] = WRONG[name] as (typeof WRONG)[string]
    const after = change(await tokenOf(db))
    await expectRejection(db.changes({ after }).next(), 'ERR_INVALID_ARGUMENT', text)
    await expectRejection(db.retainChanges('a', { after }), 'ERR_INVALID_ARGUMENT', text)
  })

  it('with any digit changed is no token', async () => {
    const db = await openFresh(KEPT)
    const token = await tokenOf(db)
    for (let at = 0; at < token.length; at++) {
      const next = db.changes({ after: flip(token, at) }).next()
      await expect(next).rejects.toEqual(coded('ERR_INVALID_ARGUMENT'))
    }
  })

  it('of the future of this database is of another history', async () => {
    let db: Database = await openAt(dir('db'), KEPT)
    await tokenOf(db)
    await db.close()
    const file = 'rocksdb-live.changes'
    // The same file, moved with the directory: its history goes on twice.
    renameSync(dir('db'), dir('moved'))
    db = await openAt(dir('moved'), KEPT)
    expect(readdirSync(dir('moved'))).toContain(file)
    const future = await tokenOf(db)
    await db.checkpoint(dir('copy'))
    await db.close()
    const copy = await openAt(dir('copy'), KEPT)
    await tokenOf(copy)
    expect(await textsAfter(copy, future)).toBe('ERR_CHANGES_EPOCH')
    db = await openAt(dir('moved'), KEPT)
    await db.default.put('end', '')
    expect(await textsAfter(db, future)).toEqual([])
  })
})

describe('names of places', () => {
  it('may be any text', async () => {
    let db: Database = await openFresh(KEPT)
    const names = [
      'a b',
      '\n',
      '\0',
      '"\\',
      '.',
      '../x',
      'é€😀',
      '__proto__',
      'place',
      'x'.repeat(255),
    ]
    for (const name of names) await db.retainChanges(name)
    db = await reopen(db, KEPT)
    const listed = (await db.retainedChanges()).map(({ name }) => name)
    expect(listed.sort()).toEqual([...names].sort())
    for (const name of names) expect(await db.releaseChanges(name)).toBe(true)
    expect(await db.retainedChanges()).toEqual([])
  })

  it('have any bounds, and moving one sets them anew', async () => {
    const db = await openFresh(KEPT)
    const most = Number.MAX_SAFE_INTEGER
    await db.retainChanges('a', { maxBytes: most, maxAgeMs: most })
    await db.default.put('k', 'v')
    await db.retainChanges('b', { after: 'oldest', maxBytes: 1, maxAgeMs: 1 })
    const place = async (wanted: string) =>
      (await db.retainedChanges()).find(({ name }) => name === wanted)
    expect(await place('a')).toMatchObject({ maxBytes: most, maxAgeMs: most, lost: false })
    while ((await place('b'))?.lost !== true) await db.retainChanges('c')
    await db.retainChanges('b')
    expect(await place('b')).toMatchObject({ maxBytes: undefined, lost: false })
  })
})

describe('options that change between openings', () => {
  /** Opens it with these options, one after another, and writes a row each time. */
  async function through(all: OpenOptions[]): Promise<[Database, string]> {
    let db: Database = await openAt(dir('db'), all[0])
    const after = await tokenOf(db)
    for (const [n, options] of all.entries()) {
      if (n > 0) db = await reopen(db, options)
      await db.default.put(`k${n}`, 'v')
    }
    await db.default.put('end', '')
    return [db, after]
  }

  it.each([
    [
      'more and less',
      [{ tuning: { changesRetainMb: 16 } }, { tuning: { changesRetainMb: 1 } }],
      true,
    ],
    ['on, off, on', [KEPT, {}, KEPT], false],
    ['off, on', [{}, KEPT], true],
    [
      'the WAL compressed',
      [KEPT, { ...KEPT, rocksdb: { db: { wal_compression: 'kZSTD' } } }, KEPT],
      true,
    ],
  ])('changesRetainMb %s', async (_, all, whole) => {
    const [db, after] = await through(all as OpenOptions[])
    const rows = all.map((__, n) => `k${n}=v`)
    expect(await textsAfter(db, after)).toEqual(whole ? rows : 'ERR_CHANGES_GAP')
  })

  it('a WAL folder that was moved takes its archive along, or there is a gap', async () => {
    const at = (name: string) => ({ ...KEPT, rocksdb: { db: { wal_dir: dir(name) } } })
    let db: Database = await openAt(dir('db'), at('wal'))
    const after = await tokenOf(db)
    await db.default.put('k0', 'v')
    await db.close()
    renameSync(dir('wal'), dir('wal2'))
    db = await openAt(dir('db'), at('wal2'))
    await db.default.put('k1', 'v')
    await db.default.put('end', '')
    expect(await textsAfter(db, after)).toEqual(['k0=v', 'k1=v'])
    await db.close()
    mkdirSync(dir('wal3'))
    for (const name of readdirSync(dir('wal2'))) {
      if (name !== 'archive') renameSync(dir('wal2', name), dir('wal3', name))
    }
    db = await openAt(dir('db'), at('wal3'))
    expect(await textsAfter(db, after)).toBe('ERR_CHANGES_GAP')
  })

  it('WAL_ttl_seconds beside changesRetainMb is refused, and a place keeps its WAL from it', async () => {
    const clock = { rocksdb: { db: { WAL_ttl_seconds: '1' } } }
    await expectRejection(
      openFresh({ ...KEPT, ...clock }),
      'ERR_INVALID_ARGUMENT',
      'WAL_ttl_seconds',
    )
    let db: Database = await openFresh(KEPT)
    await db.retainChanges('a')
    const { path } = db
    await db.close()
    await expectRejection(openAt(path, clock), 'ERR_INVALID_ARGUMENT', 'WAL_ttl_seconds')
    db = await openAt(path, KEPT)
    await db.releaseChanges('a')
    db = await reopen(db, clock)
    const token = await tokenOf(db)
    await db.default.put('end', '')
    expect(await textsAfter(db, token)).toEqual([])
  })
})
