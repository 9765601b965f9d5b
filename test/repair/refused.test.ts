/** A refused or failed repair leaves the database as it was, byte for byte. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Database } from 'rocksdb-live'
import { fingerprint } from '../directory/support'
import { useTempDirectory } from '../support/database'
import { expectRejection } from '../support/expectations'
import { hasProgram, where } from '../support/tools'
import type { Kind } from './support'
import { copyDatabase, crashed, filesIn, flip, KINDS, rowsAt } from './support'

const dir = useTempDirectory()
const PLAIN = KINDS['of several families'] as Kind
const BLOBS = KINDS['with blob files'] as Kind

/** Expects a refusal that leaves every file as it was. */
async function expectRefusal(path: string, code: string, text: string): Promise<void> {
  const before = fingerprint(path)
  await expectRejection(Database.repair(path), code, text)
  expect(fingerprint(path)).toEqual(before)
}

it('LevelDB’s', async () => {
  mkdirSync(dir('db'))
  for (const name of ['CURRENT', 'LOCK', 'LOG', 'MANIFEST-000002', '000005.ldb', '000003.log']) {
    writeFileSync(dir('db', name), name === 'CURRENT' ? 'MANIFEST-000002\n' : '')
  }
  await expectRefusal(dir('db'), 'ERR_NOT_SUPPORTED', 'LevelDB')
})

it('a directory that has no database, or is none', async () => {
  mkdirSync(dir('empty'))
  writeFileSync(dir('empty', 'app.log'), 'mine')
  await expectRefusal(dir('empty'), 'ERR_INVALID_ARGUMENT', 'no database')
  await expectRejection(Database.repair(dir('none')), 'ERR_INVALID_ARGUMENT', 'no database')
})

it('one of which nothing can be read', async () => {
  await crashed(dir('db'), PLAIN, dir('kept'))
  for (const file of filesIn(dir('db'), /^(MANIFEST|.*\.sst$|.*\.log$)/)) truncateSync(file, 0)
  await expectRefusal(dir('db'), 'ERR_CORRUPTION', 'nothing of it can be read')
})

it('one whose WAL folder, or all of whose tables, are elsewhere', async () => {
  const kind = KINDS['with a WAL in another folder'] as Kind
  const rows = await crashed(dir('db'), kind, dir('kept'))
  renameSync(dir('db-wal'), dir('away'))
  await expectRefusal(dir('db'), 'ERR_NOT_SUPPORTED', 'WAL folder')
  mkdirSync(dir('tables'))
  const tables = filesIn(dir('db'), /\.sst$/)
  renameSync(dir('away'), dir('db-wal'))
  for (const file of tables) renameSync(file, file.replace('/db/', '/tables/'))
  await expectRefusal(dir('db'), 'ERR_NOT_SUPPORTED', 'are missing')
  const report = await Database.repair(dir('db'), { force: true })
  expect(report.lostFiles).toHaveLength(tables.length)
  expect(report.columnFamilies.sort()).toEqual(Object.keys(rows))
})

it('one that is open in another process, or in this one', async () => {
  const program = `
    const { Database } = require(${JSON.stringify(join(__dirname, '..', '..'))})
    Database.open('db', { env: false }).then(() => process.stdout.write('open'))
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['-e', program], { cwd: dir() })
  try {
    await once(child.stdout, 'data')
    await expectRejection(Database.repair(dir('db')), 'ERR_LOCKED', 'db')
  } finally {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
  const db = await Database.open(dir('db'), { env: false })
  await expectRejection(Database.repair(dir('db')), 'ERR_LOCKED', 'db')
  await db.close()
})

/** A file system that fails when CURRENT is replaced. */
const FAILING = `#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <string.h>
int rename(const char *from, const char *to) {
  static int (*real)(const char *, const char *);
  const char *name = strrchr(to, '/');
  if (real == 0) *(void **)&real = dlsym(RTLD_NEXT, "rename");
  if (name == 0 || strcmp(name, "/CURRENT") != 0 || strstr(to, "rocksdb-live.repair") != 0) {
    return real(from, to);
  }
  errno = EIO;
  return -1;
}
`

const compiles = process.platform === 'linux' && hasProgram('cc', '--version')
where(compiles, 'a C compiler for failing.c')(
  'one whose repair fails in the end',
  async () => {
    const rows = await crashed(dir('db'), BLOBS, dir('kept'))
    flip(filesIn(dir('db'), /^MANIFEST/)[0] as string, 0.5)
    writeFileSync(dir('failing.c'), FAILING)
    const compile = ['-shared', '-fPIC', 'failing.c', '-ldl', '-o', 'failing.so']
    expect(spawnSync('cc', compile, { cwd: dir(), encoding: 'utf8' }).stderr).toBe('')
    const before = fingerprint(dir('db'))
    const program = `
    const { Database } = require(${JSON.stringify(join(__dirname, '..', '..'))})
    Database.repair('db').catch((error) => process.stdout.write(error.code + error.message))`
    const ran = spawnSync(process.execPath, ['-e', program], {
      cwd: dir(),
      encoding: 'utf8',
      env: { ...process.env, LD_PRELOAD: dir('failing.so') },
    })
    expect(ran.stdout).toMatch(/^ERR_IO.*changed nothing/)
    expect(fingerprint(dir('db'))).toEqual(before)
    await Database.repair(dir('db'))
    expect(await rowsAt(dir('db'), BLOBS)).toEqual(rows)
  },
  60_000,
)

it('one whose repair was killed, at any time, is as good as before', async () => {
  const rows = await crashed(dir('db'), BLOBS, dir('kept'))
  for (const file of filesIn(dir('kept'), /^MANIFEST/)) rmSync(file)
  const program = `
    const { Database } = require(${JSON.stringify(join(__dirname, '..', '..'))})
    process.stdout.write('begun')
    Database.repair('db').then(() => process.stdout.write('done'))`
  const kill = async (after: number): Promise<boolean> => {
    copyDatabase(dir('kept'), dir('db'))
    const child = spawn(process.execPath, ['-e', program], { cwd: dir() })
    let done = false
    child.stdout.on('data', (said) => (done ||= String(said).includes('done')))
    await once(child.stdout, 'data')
    const closed = once(child, 'close')
    setTimeout(() => child.kill('SIGKILL'), after)
    await closed
    const original = filesIn(dir('kept'), /\.(sst|blob|log)$/).map((file) => basename(file))
    const here = (): string[] => fingerprint(dir('db')).filter((line) => !line.startsWith('LO'))
    if (!done && !here().some((line) => line.startsWith('rocksdb-live.before-repair'))) {
      for (const name of original) expect(here().join()).toContain(name)
    }
    await Database.repair(dir('db'))
    expect(await rowsAt(dir('db'), BLOBS)).toEqual(rows)
    return done
  }
  let after = 1
  while (!(await kill(after))) after = Math.ceil(after * 1.4)
}, 240_000)

it('what it left is destroyed with the database, and strangers’ files are not', async () => {
  await crashed(dir('db'), BLOBS, dir('kept'))
  flip(filesIn(dir('db'), /^MANIFEST/)[0] as string, 0.5)
  await Database.repair(dir('db'))
  mkdirSync(dir('db', 'rocksdb-live.repair'))
  writeFileSync(dir('db', 'app.log'), 'mine')
  cpSync(dir('db'), dir('copy'), { recursive: true })
  await Database.destroy(dir('copy'))
  expect(fingerprint(dir('copy')).map((line) => line.split(' ')[0])).toEqual(['app.log'])
})
