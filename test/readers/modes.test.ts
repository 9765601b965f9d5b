/**
 * What a reader may do: every method of the public classes, taken from their prototypes, so that no
 * new one is forgotten. None of them touches a file of the database.
 */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import {
  Batch,
  ColumnFamily,
  Cursor,
  Database,
  type OpenMode,
  Snapshot,
  type Tuning,
  watchTuning,
} from 'rocksdb-live'
import type { BytesFamily } from '../../lib/families'
import { openAt, useTempDirectory } from '../support/database'
import { coded, listOf } from '../support/expectations'
import { checksums } from '../support/files'
import { methodKeysOf } from '../support/methods'

const dir = useTempDirectory()

type Use = (db: Database, family: BytesFamily) => unknown
/** A use of a method, and the code of its error; without a code it must succeed. */
type Row = Use | readonly [code: string, use: Use]

const writes = (use: Use): Row => ['ERR_READ_ONLY', use]
const absent = (use: Use): Row => ['ERR_NOT_SUPPORTED', use]
const elsewhere = (use: Use): Row => ['ERR_INVALID_ARG_VALUE', use]
const cursor = (use: (cursor: Cursor) => unknown): Use => {
  return (_, family) => {
    using opened = family.cursor()
    return use(opened)
  }
}
const snapshot = (use: (snapshot: Snapshot, family: BytesFamily) => unknown): Use => {
  return (db, family) => {
    using taken = db.snapshot()
    return use(taken, family)
  }
}
const filled = (db: Database, family: BytesFamily) => db.batch().put(family, 'k', 'v')

/** Called last, below. */
const CLOSES: Use = () => {}

const METHODS: Record<string, Record<string, Row>> = {
  Database: {
    path: (db) => db.path,
    closed: (db) => db.closed,
    default: (db) => db.default,
    columnFamily: (db) => db.columnFamily('users'),
    columnFamilies: (db) => expect(db.columnFamilies()).toEqual(['default', 'users']),
    createColumnFamily: writes((db) => db.createColumnFamily('new')),
    dropColumnFamily: writes((db, family) => db.dropColumnFamily(family)),
    batch: (db) => db.batch(),
    write: writes((db) => db.write([{ type: 'put', key: 'k', value: 'v' }])),
    writeSync: writes((db) => db.writeSync([{ type: 'put', key: 'k', value: 'v' }])),
    writable: writes(async (db) => {
      const stream = db.writable()
      stream.end({ type: 'put', key: 'k', value: 'v' })
      await once(stream, 'finish')
    }),
    transaction: writes((db) => db.transaction(() => {})),
    transactionSync: writes((db) => db.transactionSync(() => {})),
    begin: writes((db) => db.begin()),
    compareAndWrite: writes((db) => db.compareAndWrite({ checks: [], operations: [] })),
    compareAndWriteSync: writes((db) => db.compareAndWriteSync({ checks: [], operations: [] })),
    transactions: (db) => expect(db.transactions()).toEqual([]),
    changes: absent((db) => db.changes().next()),
    retainChanges: writes((db) => db.retainChanges('name')),
    retainedChanges: absent((db) => db.retainedChanges()),
    releaseChanges: writes((db) => db.releaseChanges('name')),
    snapshot: snapshot(() => {}),
    property: (db) => expect(db.property('rocksdb.stats')).toBeDefined(),
    intProperty: (db) => db.intProperty('rocksdb.estimate-num-keys', { aggregate: true }),
    mapProperty: (db) => expect(db.mapProperty('rocksdb.cfstats')).toBeDefined(),
    approximateSize: (db, family) => db.approximateSize(family),
    files: async (db) => expect(await db.files()).toMatchObject([{ level: 0 }, { kind: 'blob' }]),
    doctor: async (db) => expect((await db.doctor()).rules).toHaveLength(31),
    options: (db) => expect(db.options().db).toHaveProperty('max_open_files'),
    tuning: (db) => db.tuning(),
    setOptions: writes((db) => db.setOptions({ writeBufferMb: 32 })),
    statistics: (db) => db.statistics(),
    health: (db) => expect(db.health).toBe('ok'),
    healthCause: (db) => db.healthCause,
    recovery: (db) => db.recovery,
    on: (db) => db.on('flush', () => {}),
    once: (db) => db.once('flush', () => {}),
    off: (db) => db.off('flush', () => {}),
    flush: writes((db) => db.flush()),
    flushWAL: writes((db) => db.flushWAL()),
    compactRange: writes((db, family) => db.compactRange(family)),
    checkpoint: writes((db) => db.checkpoint(`${db.path}-copy`)),
    resume: writes((db) => db.resume()),
    catchUp: ['ERR_NOT_SUPPORTED', (db) => db.catchUp()],
    close: CLOSES,
    closeSync: CLOSES,
    [String(Symbol.asyncDispose)]: CLOSES,
  },
  ColumnFamily: {
    name: (_, family) => family.name,
    get: async (_, family) => expect(String(await family.get('ada'))).toBe('lovelace'),
    getSync: (_, family) => expect(String(family.getSync('ada'))).toBe('lovelace'),
    getMany: (_, family) => family.getMany(['ada', 'x']),
    getManySync: (_, family) => family.getManySync(['ada', 'x']),
    getInto: (_, family) => family.getInto('ada', Buffer.alloc(10)),
    getIntoSync: (_, family) => family.getIntoSync('ada', Buffer.alloc(10)),
    has: (_, family) => family.has('ada'),
    hasSync: (_, family) => family.hasSync('ada'),
    put: writes((_, family) => family.put('k', 'v')),
    putSync: writes((_, family) => family.putSync('k', 'v')),
    delete: writes((_, family) => family.delete('ada')),
    deleteSync: writes((_, family) => family.deleteSync('ada')),
    deleteRange: writes((_, family) => family.deleteRange('a', 'b')),
    deleteRangeSync: writes((_, family) => family.deleteRangeSync('a', 'b')),
    merge: writes((_, family) => family.merge('k', 'v')),
    mergeSync: writes((_, family) => family.mergeSync('k', 'v')),
    // Of families whose rows expire, which this is not: test/expiry/ends.test.ts.
    touch: elsewhere((_, family) => family.touch('k', { ttlMs: 1 })),
    touchSync: elsewhere((_, family) => family.touchSync('k', { ttlMs: 1 })),
    expiresAt: elsewhere((_, family) => family.expiresAt('k')),
    expiresAtSync: elsewhere((_, family) => family.expiresAtSync('k')),
    entries: (_, family) => listOf(family.entries()),
    entriesSync: (_, family) => [...family.entriesSync()],
    keys: (_, family) => listOf(family.keys()),
    keysSync: (_, family) => [...family.keysSync()],
    values: (_, family) => listOf(family.values()),
    valuesSync: (_, family) => [...family.valuesSync()],
    pages: (_, family) => listOf(family.pages()),
    pagesSync: (_, family) => [...family.pagesSync()],
    cursor: cursor(() => {}),
    first: async (_, family) => expect(String((await family.first())?.[0])).toBe('ada'),
    firstSync: (_, family) => expect(String(family.firstSync()?.[0])).toBe('ada'),
    last: async (_, family) => expect(String((await family.last())?.[0])).toBe('ada'),
    lastSync: (_, family) => expect(String(family.lastSync()?.[0])).toBe('ada'),
    count: async (_, family) => expect(await family.count()).toBe(1),
    clear: writes((_, family) => family.clear()),
    watch: absent((_, family) => family.watch().next()),
    writable: writes(async (_, family) => {
      const stream = family.writable()
      stream.end(['k', 'v'])
      await once(stream, 'finish')
    }),
  },
  Batch: {
    count: (db, family) => filled(db, family).count,
    byteLength: (db, family) => filled(db, family).byteLength,
    put: (db, family) => db.batch().put(family, 'k', 'v'),
    delete: (db, family) => db.batch().delete(family, 'k'),
    deleteRange: (db, family) => db.batch().deleteRange(family, 'a', 'b'),
    merge: (db, family) => db.batch().merge(family, 'k', 'v'),
    increment: elsewhere((db, family) => db.batch().increment(family as never, 'k' as never)),
    clear: (db, family) => filled(db, family).clear(),
    write: writes((db, family) => filled(db, family).write()),
    writeSync: writes((db, family) => filled(db, family).writeSync()),
  },
  Cursor: {
    closed: cursor((opened) => opened.closed),
    seek: cursor((opened) => opened.seek(Buffer.from('a'))),
    next: cursor((opened) => expect(opened.next(10)).toHaveLength(1)),
    close: cursor((opened) => opened.close()),
    [String(Symbol.dispose)]: cursor((opened) => opened[Symbol.dispose]()),
  },
  Snapshot: {
    released: snapshot((taken) => taken.released),
    release: snapshot((taken, family) => {
      expect(String(family.getSync('ada', { snapshot: taken }))).toBe('lovelace')
      taken.release()
    }),
    [String(Symbol.dispose)]: snapshot((taken) => taken[Symbol.dispose]()),
  },
}

const CLASSES = { Database, ColumnFamily, Batch, Cursor, Snapshot }

it.each(Object.entries(CLASSES))('knows every method of %s', (name, type) => {
  const methods = methodKeysOf(type.prototype).map(({ key }) => String(key))
  expect(Object.keys(METHODS[name] ?? {}).sort()).toEqual(methods.sort())
})

/** A closed database with rows in table files, in a blob file and only in the WAL. */
async function made(tuning: Tuning): Promise<void> {
  const db = await openAt(dir('db'), { tuning: { ...tuning, blobFiles: true, blobMinSizeKb: 1 } })
  const users = await db.createColumnFamily('users')
  await db.default.put('flushed', '1')
  await db.default.put('large', Buffer.alloc(5000))
  await db.flush()
  await db.default.put('logged', '2', { sync: true })
  await users.put('ada', 'lovelace')
  await db.close()
}

const MODES: [string, () => OpenMode][] = [
  ['read-only', () => 'read-only'],
  ['secondary', () => ({ secondary: dir('secondary') })],
]
/** Each of these made RocksDB's own refusals incomplete. */
const TUNINGS: Tuning[] = [{}, { manualWalFlush: true }, { walEnabled: false }]
const EACH = MODES.flatMap(([name, mode]) => TUNINGS.map((tuning) => [name, tuning, mode] as const))

/** The outcome of a use: the error's code, or undefined. */
async function outcomeOf(use: () => unknown): Promise<unknown> {
  try {
    await use()
    return undefined
  } catch (error) {
    return error
  }
}

it.each(EACH)('%s with %j changes no file, whatever is called', async (name, tuning, mode) => {
  await made({ ...tuning, walEnabled: true })
  const before = checksums(dir())
  const db = await openAt(dir('db'), { mode: mode(), tuning })
  const family = db.columnFamily('users')
  const opened = checksums(dir())
  const ofDatabase = (files: Record<string, string>) =>
    Object.fromEntries(Object.entries(files).filter(([file]) => !file.startsWith('secondary/')))
  expect(ofDatabase(opened)).toEqual(before)
  for (const [type, methods] of Object.entries(METHODS)) {
    for (const [method, row] of Object.entries(methods)) {
      const [code, use] = typeof row === 'function' ? [undefined, row] : row
      const error = await outcomeOf(() => use(db, family))
      const caughtUp = method === 'catchUp' && name === 'secondary'
      const expected = code === undefined || caughtUp ? undefined : coded(code)
      expect([type, method, error]).toEqual([type, method, expected])
      expect([method, ofDatabase(checksums(dir()))]).toEqual([method, before])
    }
  }
  await db.close()
  db.closeSync()
  await db[Symbol.asyncDispose]()
  expect(ofDatabase(checksums(dir()))).toEqual(before)
  const other = await Database.open(dir('db'), { mode: mode(), tuning })
  other.closeSync()
  expect(ofDatabase(checksums(dir()))).toEqual(before)
})

describe.each(MODES)('%s, tuning while open', (_, mode) => {
  it('changes what is the process’s own, and nothing where something else is asked for, too', async () => {
    await made({})
    const db = await openAt(dir('db'), { mode: mode() })
    const before = checksums(dir('db'))
    const { applied } = await db.setOptions({ blockCacheMb: 77 })
    expect(applied).toMatchObject([{ option: 'blockCacheMb', to: 77 }])
    const bytes = () => db.options().shared['block_cache_bytes']
    expect(bytes()).toBe(String(77 * 2 ** 20))
    const both = db.setOptions({ blockCacheMb: 88, writeBufferMb: 32 })
    await expect(both).rejects.toEqual(coded('ERR_READ_ONLY'))
    await expect(db.setOptions(db.default, { writeBufferMb: 32 })).rejects.toEqual(
      coded('ERR_READ_ONLY'),
    )
    expect(bytes()).toBe(String(77 * 2 ** 20))
    expect(db.tuning().options.blockCacheMb.value).toBe(77)
    expect(checksums(dir('db'))).toEqual(before)
  })

  it('refuses what watchTuning would have written down', async () => {
    await made({})
    const configFile = dir('node.toml')
    writeFileSync(configFile, '[db]\nwrite_buffer_mb = 48\n')
    const db = await openAt(dir('db'), { mode: mode(), configFile })
    const before = checksums(dir('db'))
    using watch = watchTuning(db)
    writeFileSync(configFile, '[db]\nwrite_buffer_mb = 32\n')
    await expect(watch.reload()).rejects.toEqual(coded('ERR_READ_ONLY'))
    writeFileSync(configFile, '[db]\nwrite_buffer_mb = 48\nblock_cache_mb = 99\n')
    expect(await watch.reload()).toMatchObject({ applied: [{ option: 'blockCacheMb', to: 99 }] })
    expect(checksums(dir('db'))).toEqual(before)
  })
})
