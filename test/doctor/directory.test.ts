/** The doctor on directories of every kind, on open databases, and within its limits. */
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Database, type DoctorReport } from 'rocksdb-live'
import { openAt, openFiles, useTempDirectory } from '../support/database'
import { checksums } from '../support/files'
import { startService } from '../support/service'
import { eventually } from '../support/tools'

const path = useTempDirectory()

async function make(name = 'db'): Promise<string> {
  await using db = await Database.open(path(name), { columnFamilies: { users: {} }, env: false })
  for (let index = 0; index < 100; index++) {
    await db
      .columnFamily('users')
      .put(Buffer.from(`secret-key-${index}`), Buffer.from(`secret-value-${index}`))
  }
  await db.flush()
  return db.path
}

const outcomeOf = ({ rules }: DoctorReport, name: string) =>
  rules.find(({ rule }) => rule === name)?.outcome
const findingOf = ({ findings }: DoctorReport, name: string) =>
  findings.find(({ rule }) => rule === name)
const tableOf = (directory: string) =>
  readdirSync(directory).find((name) => name.endsWith('.sst')) as string

describe('a directory', () => {
  it('is looked at without a byte of it being changed', async () => {
    const directory = await make()
    const before = checksums(directory)
    const report = await Database.doctor(directory)
    expect(report).toMatchObject({ path: directory, opened: 'read-only' })
    expect(checksums(directory)).toEqual(before)
    expect(JSON.stringify(report)).not.toContain('secret')
  })

  it('is looked at beside the process that has it open', async () => {
    const directory = await make()
    const service = await startService(directory)
    const before = readdirSync(directory).sort()
    const report = await Database.doctor(directory)
    expect(report.opened).toBe('secondary')
    const finding = findingOf(report, 'locked')
    expect(finding).toMatchObject({ severity: 'notice' })
    expect(finding?.evidence[0]?.text).toContain(String(service.pid))
    if (process.platform === 'linux')
      expect(finding?.since?.getTime()).toBeLessThan(Date.now() + 2000)
    expect(readdirSync(directory).sort()).toEqual(before)
    await service.put('still', 'writes')
    await service.end()
  })

  it('is looked at in the process that has it open', async () => {
    const db = await openAt(await make())
    const report = await Database.doctor(db.path)
    expect(findingOf(report, 'locked')).toBeUndefined()
    await db.default.put('still', 'writes')
  })

  it.each([
    ['nothing', () => undefined],
    ['a file', () => writeFileSync(path('none'), 'x')],
  ])('that is %s is refused', async (_, make) => {
    make()
    const refused = { code: 'ERR_INVALID_ARGUMENT' }
    await expect(Database.doctor(path('none'))).rejects.toMatchObject(refused)
  })

  it('without a database is no database, and not damaged', async () => {
    mkdirSync(path('empty'))
    const report = await Database.doctor(path('empty'))
    expect(report.opened).toBe('files')
    expect(outcomeOf(report, 'damaged-files')).toBe('clear')
  })
})

describe('a damaged database', () => {
  it('without CURRENT', async () => {
    const directory = await make()
    rmSync(join(directory, 'CURRENT'))
    const report = await Database.doctor(directory)
    expect(report.opened).toBe('files')
    expect(findingOf(report, 'damaged-files')).toMatchObject({
      severity: 'critical',
      evidence: expect.arrayContaining([{ source: 'CURRENT', text: 'there is none' }]),
    })
  })

  it('whose table is cut short, with its name', async () => {
    const directory = await make()
    const name = tableOf(directory)
    truncateSync(join(directory, name), 100)
    const finding = findingOf(await Database.doctor(directory), 'damaged-files')
    expect(finding?.evidence.map(({ source }) => source)).toContain(name)
  })

  it('whose manifest is overwritten', async () => {
    const directory = await make()
    const name = readdirSync(directory).find((one) => one.startsWith('MANIFEST')) as string
    writeFileSync(join(directory, name), Buffer.alloc(100, 0xff))
    const report = await Database.doctor(directory)
    expect(findingOf(report, 'damaged-files')?.evidence[0]?.source).toBe('open')
  })

  it('of which LOG tells of a checksum, with file and offset', async () => {
    const directory = await make()
    const line =
      '2026/11/29-07:52:10.672906 9 [ERROR] Waiting after background compaction error: Corruption: block checksum mismatch: stored = 1, computed = 2, type = 4  in /data/000028.sst offset 4096 size 99\n'
    appendFileSync(join(directory, 'LOG'), line + line)
    const finding = findingOf(await Database.doctor(directory), 'damaged-files')
    expect(finding?.cause).toContain('000028.sst at offset 4096')
    const lines = readFileSync(join(directory, 'LOG'), 'utf8').split('\n').length - 1
    expect(finding?.evidence.map(({ source }) => source)).toEqual([
      `LOG:${lines - 1}`,
      `LOG:${lines}`,
    ])
  })

  it('whose files may not be read', async () => {
    const directory = await make()
    const log = join(directory, 'LOG')
    rmSync(log)
    mkdirSync(log)
    chmodSync(join(directory, tableOf(directory)), 0)
    const report = await Database.doctor(directory)
    expect(report.rules.find(({ rule }) => rule === 'slow-build')?.why).toContain('LOG')
  })

  it('of nothing but noise', async () => {
    mkdirSync(path('noise'))
    for (const name of [
      'CURRENT',
      'MANIFEST-000001',
      'OPTIONS-000002',
      'LOG',
      '000003.sst',
      'IDENTITY',
      '000004.log',
    ]) {
      const noise = Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256))
      writeFileSync(path('noise', name), noise)
    }
    const report = await Database.doctor(path('noise'))
    expect(report.opened).toBe('files')
    expect(findingOf(report, 'damaged-files')?.severity).toBe('critical')
  })
})

describe('a database that cannot be opened', () => {
  it('since a table is gone, is damaged', async () => {
    const directory = await make()
    rmSync(join(directory, tableOf(directory)))
    const finding = findingOf(await Database.doctor(directory), 'damaged-files')
    expect(finding?.severity).toBe('critical')
    expect(finding?.evidence[0]?.source).toBe('open')
  })

  it('since a newer RocksDB wrote it, is not damaged', async () => {
    const directory = await make()
    const options = readdirSync(directory).find((name) => name.startsWith('OPTIONS')) as string
    const text = readFileSync(join(directory, options), 'utf8')
    writeFileSync(
      join(directory, options),
      text.replace(/rocksdb_version=.*/, 'rocksdb_version=99.0.0'),
    )
    const manifest = readdirSync(directory).find((name) => name.startsWith('MANIFEST')) as string
    writeFileSync(join(directory, manifest), Buffer.alloc(1000, 0x7f))
    const report = await Database.doctor(directory)
    expect(findingOf(report, 'damaged-files')).toBeUndefined()
    expect(findingOf(report, 'another-version')?.severity).toBe('warning')
  })
})

describe('LOG', () => {
  it('of 100 MB is not read in whole, and its lines are counted', async () => {
    const directory = await make()
    const before = readFileSync(join(directory, 'LOG'), 'utf8').split('\n').length - 1
    const lines = before + 100 * 1100 + 1
    const line = `2026/11/29-07:52:10.672906 9 [db/x.cc:1] ${'x'.repeat(900)}\n`
    for (let index = 0; index < 100; index++)
      appendFileSync(join(directory, 'LOG'), line.repeat(1100))
    appendFileSync(
      join(directory, 'LOG'),
      '2026/11/29-07:52:11.672906 9 IO error: Too many open files\n',
    )
    const finding = findingOf(await Database.doctor(directory), 'too-many-open-files')
    expect(finding?.evidence.map(({ source }) => source)).toContain(`LOG:${lines}`)
  })

  it('of one line of 50 MB takes no such memory', async () => {
    const directory = await make()
    for (let index = 0; index < 50; index++)
      appendFileSync(join(directory, 'LOG'), 'y'.repeat(1_000_000))
    const report = await Database.doctor(directory)
    expect(outcomeOf(report, 'slow-build')).toBe('clear')
  })
})

describe('an open database', () => {
  it('in memory is judged by what it says', async () => {
    await using db = await Database.open(Database.memory('doctor'))
    const report = await db.doctor()
    expect(report).toMatchObject({ path: 'memory:doctor', opened: 'live' })
    expect(outcomeOf(report, 'wal-grows')).toBe('unknown')
    expect(outcomeOf(report, 'writes-stopped-by-level0')).toBe('clear')
  })

  it('says what it cannot know, and why', async () => {
    const directory = await make()
    const report = await Database.doctor(directory)
    for (const { outcome, why } of report.rules) {
      if (outcome === 'unknown') expect(why).toMatch(/\S/)
    }
    expect(outcomeOf(report, 'memtables-kept')).toBe('unknown')
    await using db = await Database.open(directory, { tuning: { statistics: false }, env: false })
    const live = await db.doctor()
    expect(live.rules.find(({ rule }) => rule === 'cache-too-small')?.why).toContain('statistics')
  })

  it('of 500 families', async () => {
    const columnFamilies = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`f${index}`, {}]),
    )
    await using db = await Database.open(path('many'), {
      columnFamilies,
      env: false,
      tuning: { writeBufferMb: 16 },
    })
    expect((await db.doctor()).findings.filter(({ severity }) => severity !== 'notice')).toEqual([])
  }, 120_000)

  it('that was closed is refused', async () => {
    const db = await Database.open(await make())
    await db.close()
    await expect(db.doctor()).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  })
})

describe('limits', () => {
  it.each([
    [{ signal: AbortSignal.abort() }, 'ERR_ABORTED'],
    [{ deadlineMs: 0 }, 'ERR_OUT_OF_RANGE'],
    [{ probe: 5 }, 'ERR_INVALID_ARG_TYPE'],
    [{ probe: '/there/is/no/such/directory' }, 'ERR_INVALID_ARG_VALUE'],
    [{ deadline: 5 }, 'ERR_INVALID_ARG_VALUE'],
  ])('%j is %s', async (options, code) => {
    const directory = await make()
    await expect(Database.doctor(directory, options as never)).rejects.toMatchObject({ code })
    await using db = await Database.open(directory)
    await expect(db.doctor(options as never)).rejects.toMatchObject({ code })
  })

  it('ends as its signal asks for, and leaves nothing open', async () => {
    const directory = await make()
    const controller = new AbortController()
    const looking = Database.doctor(directory, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(looking).rejects.toMatchObject({ code: 'ERR_ABORTED' })
    await eventually('closed', () => (openFiles(directory).length === 0 ? true : undefined))
  })

  it('measures the disk beside the database, and removes what it wrote', async () => {
    const directory = await make()
    const [inside, beside] = [readdirSync(directory).sort(), readdirSync(path()).sort()]
    const report = await Database.doctor(directory, { probe: true })
    expect(outcomeOf(report, 'slow-sync')).not.toBe('unknown')
    mkdirSync(path('elsewhere'))
    await Database.doctor(directory, { probe: path('elsewhere') })
    expect(readdirSync(path('elsewhere'))).toEqual([])
    expect(readdirSync(directory).sort()).toEqual(inside)
    expect(readdirSync(path()).sort()).toEqual([...beside, 'elsewhere'].sort())
  })
})

it('is loaded when it is first asked for', () => {
  const program = `
    const { Database } = require(${JSON.stringify(join(__dirname, '../../dist/index.js'))})
    const loaded = () => Object.keys(require.cache).some((file) => file.includes('/dist/doctor/'))
    Database.open(Database.memory('x')).then(async (db) => {
      const before = loaded()
      await db.doctor()
      console.log(before, loaded())
      await db.close()
    })`
  const { stdout } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' })
  expect(stdout).toBe('false true\n')
})

it('knows a table of LevelDB from one that is cut', async () => {
  const directory = await make()
  mkdirSync(path('level'))
  copyFileSync(join(directory, tableOf(directory)), path('level', '000005.ldb'))
  writeFileSync(path('level', 'CURRENT'), 'MANIFEST-000002\n')
  writeFileSync(path('level', 'MANIFEST-000002'), 'no manifest of RocksDB')
  const report = await Database.doctor(path('level'))
  expect(findingOf(report, 'another-version')?.what).toContain('LevelDB')
})
