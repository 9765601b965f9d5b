/** The file that holds the history: damaged, replaced, gone, unreadable. */
import { cpSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { Database } from 'rocksdb-live'
import { textsAfter, tokenOf } from '../support/changes'
import { openAt, reopen, track, useTempDirectory } from '../support/database'

const dir = useTempDirectory()
const KEPT = { tuning: { changesRetainMb: 16 } } as const
const FILE = 'rocksdb-live.changes'

/** A closed database with a token, after which there is one row, and a named place. */
async function closed(name = 'db'): Promise<string> {
  const db = await openAt(dir(name), KEPT)
  const token = await tokenOf(db)
  await db.retainChanges('mirror', { after: token })
  await db.default.put('k', name)
  await db.close()
  return token
}

const file = (name = 'db') => dir(name, FILE)
const text = () => readFileSync(file(), 'utf8')

const DAMAGE: Record<string, () => void> = {
  empty: () => truncateSync(file()),
  'cut to a byte': () => truncateSync(file(), 1),
  'cut in half': () => truncateSync(file(), text().length >> 1),
  'without its end': () => truncateSync(file(), text().length - 3),
  'with another number': () =>
    writeFileSync(file(), text().replace(/incarnation \d/, 'incarnation 9')),
  'of zeros': () => writeFileSync(file(), Buffer.alloc(text().length)),
  'of noise': () =>
    writeFileSync(
      file(),
      Buffer.from(text()).map((byte, at) => byte ^ (at * 31)),
    ),
  'of an older version': () => writeFileSync(file(), text().replace('changes 1', 'changes 0')),
  'of a later version': () => writeFileSync(file(), text().replace('changes 1', 'changes 2')),
  gone: () => rmSync(file()),
  rewritten: () => {
    const same = readFileSync(file())
    rmSync(file())
    writeFileSync(dir('takes its inode'), '')
    writeFileSync(file(), same)
  },
}

it.each(Object.keys(DAMAGE))('%s: the database opens, with another history', async (name) => {
  const after = await closed()
  DAMAGE[name]?.()
  let db: Database = await openAt(dir('db'), KEPT)
  expect(await textsAfter(db, after)).toBe('ERR_CHANGES_EPOCH')
  expect(await db.retainedChanges()).toEqual([])
  expect(String(await db.default.get('k'))).toBe('db')
  const token = await tokenOf(db)
  await db.default.put('l', 'v')
  await db.default.put('end', '')
  db = await reopen(db, KEPT)
  expect(await textsAfter(db, token)).toEqual(['l=v'])
})

it('of another database, copied over it: its tokens are not taken for this one’s', async () => {
  const [after, other] = [await closed(), await closed('other')]
  cpSync(file('other'), file())
  const db = await openAt(dir('db'), KEPT)
  await db.default.put('end', '')
  expect(await textsAfter(db, other)).toBe('ERR_CHANGES_EPOCH')
  expect(await textsAfter(db, after)).toBe('ERR_CHANGES_EPOCH')
  expect(await db.retainedChanges()).toEqual([])
})

it('a directory in its place: opening says so', async () => {
  await closed()
  rmSync(file())
  mkdirSync(file())
  await expect(Database.open(dir('db'), KEPT).then(track)).rejects.toMatchObject({
    message: expect.stringContaining(FILE),
  })
})
