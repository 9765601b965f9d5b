/** Checkpoints of a database during writes, and on file systems without links. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Database, OpenOptions } from 'rocksdb-live'
import { openAt, openFresh, useTempDirectory } from '../support/database'
import { expectRejection } from '../support/expectations'
import { hasProgram, where } from '../support/tools'

const dir = useTempDirectory()
const SPEC = { columnFamilies: { a: {}, b: {} } } as const

/** Writes batches over two families until it is stopped; returns their number. */
async function writing(db: Database, bytes: number, stop: () => boolean): Promise<number> {
  const value = Buffer.alloc(bytes, 'v')
  let number = 0
  for (; !stop(); number++) {
    const batch = db.batch()
    for (const name of ['a', 'b']) batch.put(db.columnFamily(name), `${number % 7}`, value)
    for (const name of ['a', 'b']) batch.put(db.columnFamily(name), 'number', `${number}`)
    await batch.write()
  }
  return number
}

/** The number of the last batch; it is the same in both families. */
async function lastOf(path: string, options: OpenOptions = {}): Promise<number> {
  const copy = await openAt(path, { ...options, recovery: 'strict' })
  expect(copy.recovery).toEqual({ created: false, droppedBytes: 0, reasons: [] })
  const [a, b] = ['a', 'b'].map((name) => String(copy.columnFamily(name).getSync('number')))
  await copy.close()
  expect(a).toBe(b)
  return Number(a)
}

describe.each<[string, OpenOptions]>([
  ['', {}],
  ['with a compressed WAL', { tuning: { walCompression: 'zstd' } }],
  ['with a WAL that is flushed by hand', { tuning: { manualWalFlush: true } }],
  ['without WAL', { tuning: { walEnabled: false } }],
])('a checkpoint of a busy database %s', (_, options) => {
  it('opens with strict recovery, and has whole batches up to its moment', async () => {
    const db = (await openFresh({ ...SPEC, ...options })) as unknown as Database
    let done = false
    let failure: unknown
    const writers = [1, 2].map(() => writing(db, 2 << 20, () => done))
    for (const writer of writers) writer.catch((error) => (failure = error))
    for (let round = 0; round < 8; round++) {
      const known = db.columnFamily('a').getSync('number')
      await db.checkpoint(dir(`copy${round}`))
      const last = await lastOf(dir(`copy${round}`), options)
      if (known !== undefined) expect(Number.isNaN(last)).toBe(false)
      rmSync(dir(`copy${round}`), { recursive: true })
    }
    done = true
    await Promise.all(writers)
    expect(failure).toBeUndefined()
    expect(readdirSync(dir()).filter((name) => name.startsWith('copy'))).toEqual([])
  }, 120_000)
})

it('a checkpoint that was interrupted is made anew', async () => {
  const db = await openFresh(SPEC)
  await db.columnFamily('a').put('number', '1')
  await db.columnFamily('b').put('number', '1')
  mkdirSync(dir('copy.rocksdb-live'))
  writeFileSync(dir('copy.rocksdb-live', 'CURRENT'), 'half')
  await db.checkpoint(`${dir('copy')}/`)
  expect(await lastOf(dir('copy'))).toBe(1)
  expect(existsSync(dir('copy.rocksdb-live'))).toBe(false)
  await expectRejection(db.checkpoint(dir('copy')), 'ERR_INVALID_ARGUMENT', 'it exists')
})

/** The error of a file system without hard links. */
const LINKLESS = `#include <errno.h>
int link(const char *from, const char *to) { (void)from; (void)to; errno = REFUSAL; return -1; }
int linkat(int a, const char *b, int c, const char *d, int e) {
  (void)a; (void)b; (void)c; (void)d; (void)e; errno = REFUSAL; return -1;
}
`

where(
  process.platform === 'linux' && hasProgram('cc', '--version'),
  'a C compiler for links.c',
).each(['EPERM', 'ENOSYS', 'EOPNOTSUPP', 'EMLINK'])(
  'a checkpoint is a copy where links fail with %s',
  (refusal) => {
    writeFileSync(dir('links.c'), LINKLESS)
    const compiled = spawnSync(
      'cc',
      ['-shared', '-fPIC', `-DREFUSAL=${refusal}`, 'links.c', '-o', 'links.so'],
      {
        cwd: dir(),
        encoding: 'utf8',
      },
    )
    expect(compiled.stderr).toBe('')
    const program = `
    const { Database } = require(${JSON.stringify(join(__dirname, '..', '..'))})
    const run = async () => {
      const db = await Database.open('db', { env: false })
      for (let n = 0; n < 100; n++) await db.default.put(String(n), 'x'.repeat(1000))
      await db.flush()
      await db.default.put('number', '100')
      await db.checkpoint('copy')
      await db.close()
    }
    run()`
    const ran = spawnSync(process.execPath, ['-e', program], {
      cwd: dir(),
      encoding: 'utf8',
      env: { ...process.env, LD_PRELOAD: dir('links.so') },
    })
    expect(ran).toMatchObject({ status: 0, stderr: '' })
    const tables = readdirSync(dir('copy')).filter((name) => name.endsWith('.sst'))
    expect(tables.length).toBeGreaterThan(0)
    for (const name of tables) expect(statSync(dir('copy', name)).nlink).toBe(1)
    return openAt(dir('copy'), { recovery: 'strict' }).then(async (copy) => {
      expect(await copy.default.count()).toBe(101)
    })
  },
  60_000,
)
