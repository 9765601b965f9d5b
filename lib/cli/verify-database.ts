/** `rocksdb-live verify` of a database: reads every table and blob file. */
import type { Database } from '../database'
import { printable } from '../formats/printable'
import { checkFile } from '../jobs/files'
import type { DataFile } from '../types/files'
import { DONE, FAILED, type Surroundings } from './command'
import { familyOf, insideOf, type OpenAsked, reading } from './database'
import { interruptible } from './interrupt'
import { Progress } from './progress'
import { bytesText, countText, jsonText } from './render'

/** The values of the flags. */
interface Asked extends OpenAsked {
  family?: string | undefined
  json?: boolean | undefined
  quiet?: boolean | undefined
}

/** What was found. */
interface Report {
  path: string
  files: number
  bytes: number
  /** Bytes of the write-ahead log that cannot be read: after a crash its end may be in half. */
  droppedWalBytes: number
  damaged: { file: string; columnFamily: string; problem: string }[]
}

export function verifyDatabase(
  path: string,
  asked: Asked,
  surroundings: Surroundings,
): Promise<number> {
  const { stdout, stderr } = surroundings
  return interruptible(
    surroundings,
    (signal) =>
      reading(path, asked, surroundings, async (db) => {
        const progress = new Progress(stderr, asked.quiet ?? false)
        const report = await verified(db, asked.family, progress, signal).finally(() =>
          progress.end(),
        )
        stdout.write(asked.json ? jsonText(report) : textOf(report))
        return report.damaged.length === 0 ? DONE : FAILED
      }),
    '',
  )
}

async function verified(
  db: Database,
  family: string | undefined,
  progress: Progress,
  signal: AbortSignal,
): Promise<Report> {
  const { connection, families } = insideOf(db)
  const columnFamily = family === undefined ? {} : { columnFamily: familyOf(db, family).name }
  const files = await db.files(columnFamily)
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const report: Report = {
    path: db.path,
    files: files.length,
    bytes: total,
    droppedWalBytes: db.recovery.droppedBytes,
    damaged: [],
  }
  let [done, bytesDone] = [0, 0]
  for (const file of files) {
    signal.throwIfAborted()
    const problem = await checkFile(connection, families, file)
    if (problem !== undefined) report.damaged.push(damageOf(file, problem))
    done++
    bytesDone += file.bytes
    progress.update({ files: files.length, filesDone: done, bytes: total, bytesDone })
  }
  return report
}

function damageOf({ path, columnFamily }: DataFile, problem: string) {
  return { file: path, columnFamily, problem: problem.replace(/^.*? failed: /, '') }
}

function textOf({ path, files, bytes, damaged, droppedWalBytes }: Report): string {
  const looked = `${countText(files, 'file')}, ${bytesText(bytes)} read`
  const verdict =
    damaged.length === 0 ? 'nothing is wrong' : `${countText(damaged.length, 'file')} damaged`
  const lines = damaged.map(
    ({ file, columnFamily, problem }) =>
      `  ${file} (${printable(columnFamily)}): ${printable(problem)}\n`,
  )
  const dropped =
    droppedWalBytes === 0
      ? ''
      : `the write-ahead log has ${bytesText(droppedWalBytes)} that cannot be read, as after a crash\n`
  const advice =
    damaged.length === 0
      ? ''
      : `rocksdb-live doctor ${path} says what to do; a backup has the rows (rocksdb-live restore), and Database.repair keeps what can be read\n`
  return `${printable(path)}: ${looked}, ${verdict}\n${lines.join('')}${dropped}${advice}`
}
