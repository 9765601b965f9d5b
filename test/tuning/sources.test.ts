/** Where `Database.open` takes tuning from, and RocksDB's resulting options. */
import { writeFileSync } from 'node:fs'
import { Database } from 'rocksdb-live'
import { OPTIONS, readBack, type TuningName } from '../../lib/tuning'
import { openAt, openFresh, useTempDirectory } from '../support/database'
import { expectReadahead } from '../support/engine'
import { expectRejection } from '../support/expectations'

const MIB = 2 ** 20
const dir = useTempDirectory()

const held = (db: { options: Database['options'] }, name: TuningName, family = 'default') =>
  readBack(db.options(), OPTIONS[name].target, family)

describe('opening', () => {
  const columnFamilies = { users: {}, events: { tuning: { compression: 'none' } } } as const

  it('takes all five layers, and says where each value came from', async () => {
    const configFile = dir('node.toml')
    writeFileSync(
      configFile,
      `[storage.db_tuning]
preset = "production"
block_cache_mb = "100MB"
[storage.db_tuning.column_families.users]
compression = "lz4"
`,
    )
    const db = await openFresh({
      tuning: { writeBufferMb: 48, blockCacheMb: 99 },
      configFile,
      env: { PQPRIV_DB_MAX_BACKGROUND_JOBS: '3', PQPRIV_DB_CF_EVENTS_BLOCK_SIZE_KB: '32' },
      argv: ['run', '--db-statistics', '--port=80', '--db.readahead-mb=9'],
      columnFamilies,
    })
    const { preset, options, columnFamilies: own } = db.tuning()
    expect(preset).toBe('production')
    const seen = (
      ['writeBufferMb', 'blockCacheMb', 'maxBackgroundJobs', 'readaheadMb'] as const
    ).map((name) => [options[name].value, options[name].layer, options[name].source])
    expect(seen).toEqual([
      [48, 'code', 'tuning.writeBufferMb'],
      [100, 'file', `${configFile}: storage.db_tuning.block_cache_mb`],
      [3, 'environment', 'environment variable PQPRIV_DB_MAX_BACKGROUND_JOBS'],
      [9, 'commandLine', 'command-line flag --db.readahead-mb'],
    ])
    expect(options.statistics).toMatchObject({ value: 'timers', layer: 'commandLine' })
    expect(own['users']?.compression).toMatchObject({
      value: 'lz4',
      rocksdb: { inForce: 'kLZ4Compression' },
    })
    expect(own['events']?.blockSizeKb).toMatchObject({ value: 32, rocksdb: { inForce: '32768' } })
    expect(held(db, 'maxBackgroundJobs')).toBe('3')
    expectReadahead(options.readaheadMb, 9 * MIB)
    expect(held(db, 'blockCacheMb')).toBe(String(100 * MIB))
    expect(held(db, 'writeBufferMb', 'users')).toBe(String(48 * MIB))
  })

  it('reads process.env where env is not given, and nothing where it is false', async () => {
    process.env['PQPRIV_DB_WRITE_BUFFER_MB'] = '40'
    try {
      expect((await openFresh()).tuning().options.writeBufferMb.value).toBe(40)
      expect((await openFresh({ env: false })).tuning().options.writeBufferMb.value).toBe(128)
      const exact = await Database.openWithTuning(dir('exact'), { blockCacheMb: 70 })
      const { blockCacheMb, writeBufferMb } = exact.tuning().options
      await exact.close()
      expect([blockCacheMb.value, writeBufferMb.value]).toEqual([70, 128])
    } finally {
      delete process.env['PQPRIV_DB_WRITE_BUFFER_MB']
    }
  })

  it('takes another prefix', async () => {
    const env = { SHOP_WRITE_BUFFER_MB: '40', PQPRIV_DB_NO_SUCH: '1' }
    const db = await openFresh({ env, envPrefix: 'SHOP_' })
    expect(db.tuning().options.writeBufferMb.value).toBe(40)
  })

  it.each([
    [{ configFile: 'no/such.toml' }, 'ERR_INVALID_TUNING', 'cannot be read'],
    [{ env: { PQPRIV_DB_NO_SUCH: '1' } }, 'ERR_INVALID_TUNING', 'PQPRIV_DB_NO_SUCH'],
    [{ argv: ['--db-nonsense'] }, 'ERR_INVALID_TUNING', '--db-nonsense'],
    [{ strict: true, tuning: { writeBufferMb: 1 } }, 'ERR_INVALID_TUNING', 'from 16 to 2048'],
    [{ env: 5 }, 'ERR_INVALID_ARG_TYPE', 'options.env'],
    [{ env: { PATH: 5 } }, 'ERR_INVALID_ARG_TYPE', 'options.env.PATH'],
    [{ env: null }, 'ERR_INVALID_ARG_TYPE', 'options.env'],
    [{ argv: 'x' }, 'ERR_INVALID_ARG_TYPE', 'options.argv'],
    [{ argv: [5] }, 'ERR_INVALID_ARG_TYPE', 'options.argv[0]'],
    [{ envPrefix: '' }, 'ERR_INVALID_ARG_VALUE', 'options.envPrefix'],
    [{ configFile: 5 }, 'ERR_INVALID_ARG_TYPE', 'configFile'],
    [{ strict: 1 }, 'ERR_INVALID_ARG_TYPE', 'options.strict'],
  ])('refuses %j', async (options, code, said) => {
    await expectRejection(Database.open(dir('refused'), options as never), code, said)
  })

  it.each(['tuning', 'configFile', 'env', 'envPrefix', 'argv'])(
    'with exactly a tuning, there is no option %s',
    async (name) => {
      const opening = Database.openWithTuning(dir('exact'), {}, { [name]: undefined } as never)
      await expectRejection(opening, 'ERR_INVALID_ARG_VALUE', name)
    },
  )

  it('counts the families on the disk against a memory budget', async () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`f${i}`, {}]))
    const db = await openFresh({ columnFamilies: many })
    await db.close()
    const opening = Database.open(db.path, { tuning: { memoryBudgetMb: 400 } })
    await expectRejection(opening, 'ERR_INVALID_TUNING', 'too small for 31 column families')
    const again = await openAt(db.path, { tuning: { memoryBudgetMb: 500 } })
    expect(again.tuning().options.blockCacheMb.value).toBe(375)
  })

  it('tunes families on the disk that only the file names, and makes none', async () => {
    const db = await openFresh({ columnFamilies: { users: {} } })
    await db.close()
    const warned = warnings()
    const configFile = dir('node.toml')
    writeFileSync(
      configFile,
      '[db.column_families.users]\ncompression = "lz4"\n[db.column_families.usres]\nblob_files = true\n',
    )
    const again = await openAt(db.path, { configFile })
    expect(held(again, 'compression', 'users')).toBe('kLZ4Compression')
    expect(again.columnFamilies().sort()).toEqual(['default', 'users'])
    expect(warned()).toEqual([expect.stringContaining('did you mean "users"?')])
    await again.createColumnFamily('usres')
    expect(held(again, 'blobFiles', 'usres')).toBe('true')
    expect(again.tuning().columnFamilies['usres']?.blobFiles?.layer).toBe('file')
    await again.dropColumnFamily('usres')
    expect(again.tuning().columnFamilies).not.toHaveProperty('usres')
  })
})

/** Returns a function that returns the tuning warnings since this call. */
function warnings(): () => string[] {
  const spy = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  return () => {
    const messages = spy.mock.calls.map(([message]) => String(message))
    spy.mockRestore()
    return messages
  }
}
