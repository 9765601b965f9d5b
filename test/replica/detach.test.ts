/** A replica's directory as a plain database. */
import { Database } from 'rocksdb-live'
import { detachReplica, openReplica } from 'rocksdb-live/replica'
import { openAt, track, useTempDirectory } from '../support/database'
import { expectRejection } from '../support/expectations'
import { MemoryLog } from '../support/memory-log'

const dir = useTempDirectory()

const open = async (log: string, path = dir('node')) =>
  track(
    await openReplica(path, {
      log: new MemoryLog(log),
      columnFamilies: { users: { key: 'utf8', value: 'utf8' } },
    }),
  )

it('keeps all rows, and can be opened and written', async () => {
  const node = await open('detach')
  await node.db.columnFamily('users').put('ada', 'Ada')
  await node.close()
  await expectRejection(Database.open(dir('node')), 'ERR_NOT_SUPPORTED')

  expect(await detachReplica(dir('node'))).toBe(true)
  expect(await Database.listColumnFamilies(dir('node'))).toEqual(['default', 'users'])
  const db = await openAt(dir('node'), {
    columnFamilies: { users: { key: 'utf8', value: 'utf8' } },
  })
  expect(db.columnFamilies()).toEqual(['default', 'users'])
  expect(await db.columnFamily('users').get('ada')).toBe('Ada')
  db.columnFamily('users').putSync('bob', 'Bob')
  await db.close()
  expect(await detachReplica(dir('node'))).toBe(false)
  // It has rows that are not in the log.
  await expectRejection(open('detach'), 'ERR_REPLICA_MISMATCH')
})

it('leaves a directory alone that is open, is none, or has no database', async () => {
  const node = await open('detach-open')
  await node.db.columnFamily('users').put('ada', 'Ada')
  await expectRejection(detachReplica(dir('node')), 'ERR_OPTIONS_MISMATCH')
  await node.close()
  await expectRejection(detachReplica(dir('nothing')), 'ERR_INVALID_ARGUMENT')
  await expectRejection(detachReplica(7 as never), 'ERR_INVALID_ARG_TYPE')
  const again = await open('detach-open')
  expect(await again.db.columnFamily('users').get('ada')).toBe('Ada')
})
