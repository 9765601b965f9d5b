/** Tuning that is read again; test/lifecycle/watch.test.ts does so on a signal. */
import { writeFileSync } from 'node:fs'
import { type Database, watchTuning } from 'rocksdb-live'
import { OPTIONS, readBack, type TuningName } from '../../lib/tuning'
import { openAt, openFresh, useTempDirectory } from '../support/database'
import { expectRejection } from '../support/expectations'

const MIB = 2 ** 20
const dir = useTempDirectory()

const held = (db: { options: Database['options'] }, name: TuningName, family = 'default') =>
  readBack(db.options(), OPTIONS[name].target, family)

describe('watchTuning', () => {
  it.each([undefined, null, {}, 'db', 7])('refuses %p for a database', (db) => {
    const call = () => watchTuning(db as unknown as Database)
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }))
  })

  it('refuses a closed database, and listens to nothing then', async () => {
    const db = await openFresh()
    await db.close()
    const before = process.listenerCount('SIGHUP')
    expect(() => watchTuning(db)).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
    expect(process.listenerCount('SIGHUP')).toBe(before)
  })

  it('ends with its database, however that closes', async () => {
    const before = process.listenerCount('SIGHUP')
    for (const close of ['close', 'closeSync'] as const) {
      const db = await openFresh()
      const watch = watchTuning(db)
      watchTuning(db)
      expect(process.listenerCount('SIGHUP')).toBe(before + 2)
      await db[close]()
      expect(process.listenerCount('SIGHUP')).toBe(before)
      watch.close()
      expect(process.listenerCount('SIGHUP')).toBe(before)
    }
  })

  it('reads the file again, applies what can change, and says what cannot', async () => {
    const configFile = dir('node.toml')
    writeFileSync(configFile, '[db]\nwrite_buffer_mb = 32\n')
    const db = await openFresh({ configFile, columnFamilies: { users: {} } })
    using watch = watchTuning(db)
    expect(await watch.reload()).toEqual({ applied: [], held: [] })
    writeFileSync(
      configFile,
      '[db]\nwrite_buffer_mb = 48\nfilter_policy = "ribbon"\n[db.column_families.users]\ncompression = "lz4"\n',
    )
    const { applied, held: waiting } = await watch.reload()
    expect(applied.map(({ option, columnFamily, to }) => [option, columnFamily, to])).toEqual([
      ['writeBufferMb', undefined, 48],
      ['compression', 'users', 'lz4'],
    ])
    expect(waiting.map(({ option, to }) => [option, to])).toEqual([['filterPolicy', 'ribbon']])
    expect(held(db, 'writeBufferMb')).toBe(String(48 * MIB))
    expect(held(db, 'compression', 'users')).toBe('kLZ4Compression')
    expect(held(db, 'filterPolicy')).toBe('bloomfilter:10:false')
    expect(db.tuning().options.filterPolicy.value).toBe('bloom')
    await db.setOptions({ maxBackgroundJobs: 3 })
    expect(held(db, 'maxBackgroundJobs')).toBe('3')
  })

  it('takes back what a family had', async () => {
    const db = await openFresh({ columnFamilies: { users: {} } })
    await db.close()
    const configFile = dir('node.toml')
    writeFileSync(
      configFile,
      '[db.column_families.users]\ncompression = "lz4"\nfilter_policy = "none"\n',
    )
    const again = await openAt(db.path, { configFile })
    using watch = watchTuning(again)
    writeFileSync(configFile, '')
    const changes = await watch.reload()
    expect(changes.applied).toEqual([
      expect.objectContaining({ option: 'compression', columnFamily: 'users', to: 'zstd' }),
    ])
    expect(changes.held).toEqual([
      expect.objectContaining({ option: 'filterPolicy', columnFamily: 'users', to: 'bloom' }),
    ])
    expect(held(again, 'compression', 'users')).toBe('kZSTD')
    expect(held(again, 'filterPolicy', 'users')).toBe('nullptr')
  })

  it('changes nothing where a value is wrong', async () => {
    const configFile = dir('node.toml')
    const db = await openFresh()
    using watch = watchTuning(db, { configFile })
    await expectRejection(watch.reload(), 'ERR_INVALID_TUNING', 'cannot be read')
    writeFileSync(configFile, '[db]\nwrite_buffer_mb = "much"\nblock_cache_mb = 100\n')
    const before = db.tuning()
    await expectRejection(watch.reload(), 'ERR_INVALID_TUNING', 'db.write_buffer_mb')
    expect(db.tuning()).toEqual(before)
  })

  it('keeps what was set while open', async () => {
    const configFile = dir('node.toml')
    writeFileSync(configFile, '[db]\nwrite_buffer_mb = 48\n')
    const db = await openFresh()
    using watch = watchTuning(db, { configFile })
    await db.setOptions({ writeBufferMb: 64 })
    await watch.reload()
    expect(db.tuning().options.writeBufferMb).toMatchObject({ value: 64, layer: 'live' })
  })

  it('listens for its signal until it or the database is closed', async () => {
    const count = () => process.listenerCount('SIGHUP')
    const before = count()
    const db = await openFresh()
    const watch = watchTuning(db)
    expect(count()).toBe(before + 1)
    watch.close()
    watch.close()
    expect(count()).toBe(before)
  })

  it.each([
    [{ signal: 'SIGKILL' }, 'options.signal'],
    [{ onChange: 5 }, 'options.onChange'],
    [{ configFile: 5 }, 'configFile'],
    [{ file: 'x' }, 'file'],
  ])('refuses %j', async (options, said) => {
    const db = await openFresh()
    expect(() => watchTuning(db, options as never)).toThrow(said)
  })
})
