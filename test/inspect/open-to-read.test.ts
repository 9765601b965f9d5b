/** Looking at a database beside whoever writes it. */
import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { holderOf, openToRead } from '../../lib/inspect/open-to-read'
import { openFresh, useTempDirectory } from '../support/database'
import { coded } from '../support/expectations'
import { checksums } from '../support/files'
import { startService } from '../support/service'

const dir = useTempDirectory()

const foldersOfSecondaries = () =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('rocksdb-live-read-'))

it('is read-only where nobody writes, and changes nothing', async () => {
  const db = await openFresh()
  await db.default.put('flushed', '1')
  await db.flush()
  await db.default.put('logged', '2')
  await db.close()
  const before = checksums(db.path)
  expect(await holderOf(db.path)).toBeUndefined()
  {
    await using opened = await openToRead(db.path, {
      columnFamilies: { default: { value: 'utf8' } },
    })
    expect([opened.mode, opened.holder]).toEqual(['read-only', undefined])
    expect(await opened.db.default.get('logged')).toBe('2')
  }
  expect(checksums(db.path)).toEqual(before)
})

it('follows who writes, and names who that is', async () => {
  const service = await startService(dir('db'))
  await service.put('a', '1')
  const before = foldersOfSecondaries().length
  {
    await using opened = await openToRead(dir('db'))
    expect(opened.mode).toBe('secondary')
    if (process.platform === 'linux') {
      expect(opened.holder).toContain(`another process (${service.pid}: `)
    }
    expect(foldersOfSecondaries()).toHaveLength(before + 1)
    expect(String(await opened.db.default.get('a'))).toBe('1')
    await service.put('a', '2')
    await opened.db.catchUp()
    expect(String(await opened.db.default.get('a'))).toBe('2')
  }
  expect(foldersOfSecondaries()).toHaveLength(before)
  {
    await using opened = await openToRead(dir('db'), { follow: false })
    expect(opened.mode).toBe('read-only')
    expect(String(await opened.db.default.get('a'))).toBe('2')
  }
  await service.put('a', '3')
  await service.end()
  expect(await holderOf(dir('db'))).toBeUndefined()
})

it('says that this process has it', async () => {
  const db = await openFresh()
  expect(await holderOf(db.path)).toBe('this process')
  await using opened = await openToRead(db.path)
  expect([opened.mode, opened.holder]).toEqual(['secondary', 'this process'])
})

it('makes no database, and leaves no folder behind', async () => {
  const before = foldersOfSecondaries()
  await expect(openToRead(dir('none'))).rejects.toEqual(coded('ERR_INVALID_ARGUMENT'))
  expect(existsSync(dir('none'))).toBe(false)
  expect(foldersOfSecondaries()).toEqual(before)
})
