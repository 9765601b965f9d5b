/** Databases that are made to have a fault, and almost, through the public API. */

import { randomBytes } from 'node:crypto'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Database, type DoctorReport } from 'rocksdb-live'
import { startService } from '../support/service'

const MIB = 1_048_576

/** `make` makes the database, and resolves to what the doctor says. `fault` is false for almost a fault. */
export interface Real {
  rule: string
  make(path: string, fault: boolean): Promise<DoctorReport>
}

const NO_COMPACTIONS = { rocksdb: { columnFamily: { disable_auto_compactions: true } } }

const key = (index: number) => Buffer.from(`key ${String(index).padStart(8, '0')}`)

/** Files of level 0, each over the same keys. */
async function makeLevel0(path: string, count: number, bytes: number): Promise<void> {
  await using db = await Database.open(path, NO_COMPACTIONS)
  for (let file = 0; file < count; file++) {
    for (let index = 0; index < bytes / 10_000; index++) {
      await db.default.put(key(index), randomBytes(10_000))
    }
    await db.flush()
  }
}

/** A closed database with rows in tables, and its directory. */
async function makeClosed(path: string): Promise<void> {
  await using db = await Database.open(path)
  for (let index = 0; index < 100; index++) await db.default.put(key(index), randomBytes(1000))
  await db.flush()
}

const fileOf = (path: string, pattern: RegExp) =>
  join(path, readdirSync(path).find((name) => pattern.test(name)) as string)

async function writesStopped(path: string, fault: boolean): Promise<DoctorReport> {
  await using db = await Database.open(path, {
    tuning: { rateLimitMbPerSec: 1 },
    rocksdb: { columnFamily: { write_buffer_size: MIB, max_write_buffer_number: 2 } },
  })
  const put = (index: number) =>
    db.default.put(key(index), randomBytes(50_000), { noSlowdown: true, disableWAL: true })
  for (let index = 0; index < (fault ? 1000 : 5); index++) {
    const isStopped = await put(index).then(
      () => false,
      () => true,
    )
    if (isStopped) break
  }
  return await db.doctor()
}

async function slowScans(path: string, fault: boolean): Promise<DoctorReport> {
  await using db = await Database.open(path, { tuning: { statistics: true }, ...NO_COMPACTIONS })
  const [count, deleted] = [20_000, fault ? 15_000 : 4_000]
  const batch = db.batch()
  for (let index = 0; index < count; index++) batch.put(db.default, key(index), Buffer.alloc(10))
  await batch.write()
  await db.flush()
  const deletes = db.batch()
  for (let index = 0; index < deleted; index++) deletes.delete(db.default, key(index))
  await deletes.write()
  await db.flush()
  return await db.doctor()
}

async function rangeDeletes(path: string, fault: boolean): Promise<DoctorReport> {
  await using db = await Database.open(path, NO_COMPACTIONS)
  const batch = db.batch()
  for (let index = 0; index < 3000; index++) batch.put(db.default, key(index), Buffer.alloc(10))
  for (let index = 0; index < (fault ? 1200 : 800); index++) {
    batch.deleteRange(db.default, key(2 * index), key(2 * index + 1))
  }
  await batch.write()
  await db.flush()
  return await db.doctor()
}

async function withoutFilter(path: string, fault: boolean): Promise<DoctorReport> {
  await using db = await Database.open(path, {
    tuning: { statistics: true, filterPolicy: fault ? 'none' : 'bloom' },
  })
  for (let index = 0; index < 10; index++) await db.default.put(key(2 * index), Buffer.alloc(10))
  await db.flush()
  for (let index = 0; index < 1100; index++)
    await db.default.get(Buffer.concat([key(5), key(index)]))
  return await db.doctor()
}

async function manyVersions(path: string, fault: boolean): Promise<DoctorReport> {
  await using db = await Database.open(path)
  const cursors = []
  for (let index = 0; index < 12; index++) {
    await db.default.put(key(index), Buffer.alloc(10))
    await db.flush()
    const cursor = db.default.cursor()
    cursor.next(1)
    cursors.push(cursor)
    if (!fault) cursor.close()
  }
  const report = await db.doctor()
  for (const cursor of cursors) cursor.close()
  return report
}

async function keptMemtables(path: string, fault: boolean): Promise<DoctorReport> {
  await using db = await Database.open(path, { tuning: { writeBufferMb: 64 } })
  const value = randomBytes(MIB)
  const cursors = []
  for (let index = 0; index < 150; index++) {
    await db.default.put(key(index), value, { disableWAL: true })
    // Each of these holds a memtable.
    if (fault && index % 50 === 49) {
      const cursor = db.default.cursor()
      cursor.next(1)
      cursors.push(cursor)
    }
  }
  await db.flush()
  const report = await db.doctor()
  for (const cursor of cursors) cursor.close()
  return report
}

async function tinyFiles(path: string, fault: boolean): Promise<DoctorReport> {
  await using db = await Database.open(path, NO_COMPACTIONS)
  for (let index = 0; index < (fault ? 105 : 60); index++) {
    await db.default.put(key(index), Buffer.alloc(10))
    await db.flush()
  }
  return await db.doctor()
}

async function appendLog(path: string, text: string): Promise<DoctorReport> {
  await makeClosed(path)
  writeFileSync(join(path, 'LOG'), text, { flag: 'a' })
  return Database.doctor(path)
}

const onClosed =
  (change: (path: string, fault: boolean) => void): Real['make'] =>
  async (path, fault) => {
    await makeClosed(path)
    change(path, fault)
    return Database.doctor(path)
  }

function levelDB(path: string, fault: boolean): void {
  if (fault) rmSync(join(path, 'IDENTITY'))
  for (const name of readdirSync(path)) if (name.startsWith('OPTIONS-')) rmSync(join(path, name))
}

export const REAL: readonly Real[] = [
  {
    rule: 'writes-stopped-by-level0',
    async make(path, fault) {
      await makeLevel0(path, fault ? 4 : 3, MIB)
      const rocksdb = {
        columnFamily: { level0_file_num_compaction_trigger: 2, level0_slowdown_writes_trigger: 4 },
      }
      await using db = await Database.open(path, { tuning: { rateLimitMbPerSec: 1 }, rocksdb })
      return await db.doctor()
    },
  },
  {
    rule: 'writes-stopped-by-pending-compaction',
    async make(path, fault) {
      await makeLevel0(path, 4, MIB)
      const soft = fault ? 1000 : 1_000_000_000
      const rocksdb = {
        columnFamily: {
          level0_file_num_compaction_trigger: 2,
          soft_pending_compaction_bytes_limit: soft,
        },
      }
      await using db = await Database.open(path, { tuning: { rateLimitMbPerSec: 1 }, rocksdb })
      return await db.doctor()
    },
  },
  { rule: 'writes-stopped-by-memtables', make: writesStopped },
  { rule: 'memtables-kept', make: keptMemtables },
  { rule: 'old-snapshot', make: manyVersions },
  { rule: 'deletes-slow-scans', make: slowScans },
  { rule: 'many-range-deletes', make: rangeDeletes },
  { rule: 'no-filter', make: withoutFilter },
  { rule: 'tiny-files', make: tinyFiles },
  {
    rule: 'files-larger-than-data',
    async make(path, fault) {
      await makeLevel0(path, fault ? 3 : 1, fault ? 7 * MIB : 20 * MIB)
      return Database.doctor(path)
    },
  },
  {
    rule: 'locked',
    async make(path, fault) {
      await makeClosed(path)
      const service = await startService(path)
      if (!fault) await service.end()
      const report = await Database.doctor(path)
      if (fault) await service.end()
      return report
    },
  },
  {
    rule: 'damaged-files',
    make: onClosed((path, fault) => {
      if (fault) truncateSync(fileOf(path, /\.sst$/), 200)
    }),
  },
  {
    rule: 'damaged-files',
    make: onClosed((path, fault) => {
      if (fault) writeFileSync(join(path, 'CURRENT'), 'MANIFEST-009999\n')
    }),
  },
  {
    rule: 'clock-stepped',
    make: onClosed((path, fault) => {
      const time = Date.now() / 1000 + (fault ? 86_400 : 10)
      utimesSync(fileOf(path, /^MANIFEST-/), time, time)
    }),
  },
  {
    rule: 'another-version',
    make: onClosed((path, fault) => {
      const file = fileOf(path, /^OPTIONS-/)
      const text = readFileSync(file, 'utf8')
      const version = fault ? '99.1.0' : '5.0.0'
      writeFileSync(file, text.replace(/rocksdb_version=.*/, `rocksdb_version=${version}`))
    }),
  },
  { rule: 'another-version', make: onClosed(levelDB) },
  {
    rule: 'too-many-open-files',
    make: (path, fault) =>
      appendLog(
        path,
        `2026/11/29-07:52:10.672906 1 IO error: ${fault ? 'Too many open files' : 'Interrupted'}\n`,
      ),
  },
  {
    rule: 'damaged-files',
    async make(path, fault) {
      mkdirSync(path)
      const names = fault ? ['000004.sst', 'IDENTITY'] : ['notes.txt', 'CURRENT.md']
      for (const name of names) writeFileSync(join(path, name), 'not a database')
      return Database.doctor(path)
    },
  },
]
