/** Restores into links: to where they lead, and nothing is fetched for one that leads nowhere. */
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { backup, directory, restore } from 'rocksdb-live/backup'
import { openAt, useTempDirectory } from '../support/database'
import { expectRejection } from '../support/expectations'
import { Between, rowsIn } from './support'

const dir = useTempDirectory()

it('a link to an empty directory stays, and has the database behind it', async () => {
  const db = await openAt(dir('db'))
  await db.default.put('a', '1')
  await backup(db, directory(dir('target')))
  mkdirSync(dir('empty'))
  symlinkSync(dir('empty'), dir('link'))
  const { path } = await restore(directory(dir('target')), dir('link'))
  expect(path).toBe(dir('empty'))
  expect(await rowsIn(dir('link'))).toEqual({ default: [['a', '1']] })
  expect(readdirSync(dir()).sort()).toEqual(['db', 'empty', 'link', 'target'])
})

it('a link that leads nowhere is refused before anything is fetched', async () => {
  const db = await openAt(dir('db'))
  await db.default.put('a', '1')
  await backup(db, directory(dir('target')))
  symlinkSync(dir('nowhere'), dir('link'))
  const target = new Between(directory(dir('target')))
  await expectRejection(restore(target, dir('link')), 'ERR_INVALID_ARGUMENT', 'leads nowhere')
  expect(target.calls.filter((call) => call.includes('sst/'))).toEqual([])
  expect(readdirSync(dir()).sort()).toEqual(['db', 'link', 'target'])
})
