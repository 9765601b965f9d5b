/** Looks at the files of a directory, without RocksDB. */
import { open, opendir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { BadTable, DirectoryEvidence, Known, TableEvidence } from '../evidence'
import type { Stopped } from './log'

/** Clocks of file servers differ a little. */
const FUTURE_MS = 120_000
/** Enough to see what is wrong; more would take as long as reading the database. */
const MOST_TABLES = 2000
const MOST_NAMES = 2_000_000

/** Lists it. `walDirectory` is where its WAL is, where that is another one. */
export async function lookAtDirectory(
  path: string,
  walDirectory: string | undefined,
  nowMs: number,
  stopped: Stopped,
): Promise<Known<DirectoryEvidence>> {
  try {
    const found = await namesOf(path, stopped)
    const walPath = walDirectory ?? path
    const logs = walPath === path ? found.logs : (await namesOf(walPath, stopped)).logs
    const wal = await sizes(walPath, logs.sort().slice(-MOST_TABLES))
    const manifests = await sizes(path, found.manifests)
    const dated = [...wal, ...manifests, ...(await sizes(path, found.others))]
    return {
      names: found.names,
      tables: found.tables,
      levelTables: found.levelTables,
      wal,
      current: await readFile(join(path, 'CURRENT'), 'latin1').then(
        (text) => text.slice(0, 200),
        () => undefined,
      ),
      manifests,
      hasIdentity: found.others.includes('IDENTITY'),
      hasOptions: found.hasOptions,
      future: dated.filter(({ modifiedMs }) => modifiedMs > nowMs + FUTURE_MS).slice(0, 10),
    }
  } catch (error) {
    return { unknown: `the directory cannot be read: ${(error as Error).message}` }
  }
}

async function namesOf(path: string, stopped: Stopped) {
  const found = {
    names: 0,
    tables: 0,
    levelTables: 0,
    hasOptions: false,
    logs: [] as string[],
    manifests: [] as string[],
    others: [] as string[],
  }
  for await (const { name } of await opendir(path)) {
    if (++found.names > MOST_NAMES || stopped()) break
    if (/^\d+\.sst$/.test(name)) found.tables++
    else if (/^\d+\.ldb$/.test(name)) found.levelTables++
    else if (/^\d+\.log$/.test(name)) found.logs.push(name)
    else if (/^MANIFEST-\d+$/.test(name)) found.manifests.push(name)
    else if (/^OPTIONS-\d+$/.test(name)) found.hasOptions = true
    else if (/^(CURRENT|IDENTITY|LOG)$/.test(name)) found.others.push(name)
  }
  return found
}

/** What is gone meanwhile is left out. */
async function sizes(directory: string, names: readonly string[]) {
  const all = await Promise.all(
    names.map((name) =>
      stat(join(directory, name)).then(
        ({ size: bytes, mtimeMs: modifiedMs }) => [{ name, bytes, modifiedMs }],
        () => [],
      ),
    ),
  )
  return all.flat()
}

/** RocksDB's tables end in one of these numbers, the lowest byte first (table/format.h). */
const BLOCK_BASED = 0x88e241b785f4cff7n
const OLD_BLOCK_BASED = 0xdb4775248b80fb57n
const OTHERS = new Set([0x8242229663bf9564n, 0x4f3418eb7a8f13b8n, 0x926789d0c5f17873n])
const FOOTER_BYTES = 12

/** Looks at the end of the tables. */
export async function lookAtTables(path: string, stopped: Stopped): Promise<Known<TableEvidence>> {
  const formats: Record<number, number> = {}
  const bad: BadTable[] = []
  let checked = 0
  try {
    for await (const { name } of await opendir(path)) {
      if (!/^\d+\.(sst|ldb)$/.test(name)) continue
      if (checked >= MOST_TABLES || stopped()) break
      checked++
      const { reason, format, bytes } = await lookAtTable(join(path, name))
      if (reason !== undefined && bad.length < 100) bad.push({ name, bytes, reason })
      if (format !== undefined) formats[format] = (formats[format] ?? 0) + 1
    }
  } catch (error) {
    return { unknown: `the tables cannot be read: ${(error as Error).message}` }
  }
  return { checked, bad, formats }
}

async function lookAtTable(
  path: string,
): Promise<{ bytes: number; reason?: string; format?: number }> {
  const file = await open(path, 'r').catch((error: Error) => error)
  if (file instanceof Error) return { bytes: 0, reason: file.message }
  try {
    const { size: bytes } = await file.stat()
    if (bytes < FOOTER_BYTES) return { bytes, reason: `it has ${bytes} bytes, and no footer` }
    const end = Buffer.alloc(FOOTER_BYTES)
    await file.read(end, 0, FOOTER_BYTES, bytes - FOOTER_BYTES)
    const magic = end.readBigUInt64LE(4)
    if (magic === BLOCK_BASED) return { bytes, format: end.readUInt32LE(0) }
    if (magic === OLD_BLOCK_BASED) return { bytes, format: 0 }
    if (OTHERS.has(magic)) return { bytes }
    const at = `at offset ${bytes - 8}`
    return {
      bytes,
      reason: `its last 8 bytes, ${at}, are ${end.toString('hex', 4)}, which end no table`,
    }
  } catch (error) {
    return { bytes: 0, reason: (error as Error).message }
  } finally {
    await file.close()
  }
}
