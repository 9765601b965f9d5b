/** Makes a database of a backup. */
import {
  lstat,
  open,
  readdir,
  realpath,
  rename,
  rm,
  rmdir,
  statfs,
  writeFile,
} from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { invalidType, invalidValue, optionalBoolean } from '../base/arguments'
import { RocksDBError } from '../base/errors'
import { Database, openRaw } from '../database'
import { addon } from '../native/addon'
import { damaged, ofFiles, targetFailed } from './errors'
import { makeDirectories, syncDirectory } from './files'
import { onTarget } from './objects'
import { type Copying, checkTargetArgument, copyOptions } from './options'
import { inParallel, Pace } from './pace'
import { type Plan, planRestore } from './plan'
import { Replay, type Replayed } from './replay'
import { type BackupFile, readSnapshot } from './snapshots'
import { FileSum, fileSumOf } from './sums'
import type { BackupTarget } from './target'
import type { RestoreOptions, RestoreResult } from './types'

/** Bytes that are read at a time: whole pieces of a sum. */
const READ_BYTES = 1 << 20
/** What is added to the name of a directory while it is not whole. */
const UNFINISHED = '.rocksdb-live-restore'
/** The file by which such a directory is known, and locked. */
const MARK = 'rocksdb-live.restoring'

/**
 * Makes a database of a backup, in a directory that is not there or empty. Everything is compared with its sum, is on
 * the disk, and has been opened once when this resolves. Until then the directory is not there: what is not whole has
 * another name beside it (`….rocksdb-live-restore`), which the next call removes. Opened, it is a database with
 * a history of its own.
 *
 * Fails with `ERR_BACKUP_NOT_FOUND` where the target has no such moment, with `ERR_BACKUP_DAMAGED` where an object is
 * not what was written, with `ERR_BACKUP_TARGET`, with `ERR_INVALID_ARGUMENT` where the directory has something in it,
 * with `ERR_LOCKED` where it is being restored by somebody else, with `ERR_NO_SPACE` before anything is fetched where
 * there is no room, with `ERR_IO` where a file cannot be written or read, and with `ERR_ABORTED`.
 *
 * @example
 * ```ts
 * const { sequence, timeMs } = await restore(directory('/mnt/backup/shop'), 'data/restored', {
 *   at: new Date('2026-11-28T18:00:00Z'),
 * })
 * console.log(sequence, new Date(timeMs))
 * ```
 */
export async function restore(
  target: BackupTarget,
  path: string,
  options?: RestoreOptions,
): Promise<RestoreResult> {
  const checked = checkTargetArgument(target)
  if (typeof path !== 'string') throw invalidType('path', 'a string', path)
  if (path === '' || path.includes('\0')) throw invalidValue('path', path, 'must name a directory')
  const { copying, read } = copyOptions(options, ['at', 'dryRun'])
  const dryRun = optionalBoolean('options.dryRun', read['dryRun'], false)
  const plan = await planRestore(checked, read['at'], copying.signal)
  const files = await readSnapshot(checked, plan.entry, copying.signal)
  const restoring = new Restoring(checked, await placeOf(path), plan, files, copying)
  if (dryRun) return restoring.foresee()
  return restoring.run()
}

/** Where a link to a directory leads. */
async function placeOf(path: string): Promise<string> {
  const place = resolve(path)
  const found = await lstat(place).catch(() => undefined)
  if (found?.isSymbolicLink() !== true) return place
  return realpath(place).catch((error) => {
    throw new RocksDBError(`cannot restore into ${place}: its link leads nowhere`, {
      code: 'ERR_INVALID_ARGUMENT',
      cause: error,
    })
  })
}

class Restoring {
  readonly #target: BackupTarget
  readonly #path: string
  readonly #unfinished: string
  readonly #plan: Plan
  readonly #files: readonly BackupFile[]
  readonly #copying: Copying
  readonly #pace: Pace

  constructor(
    target: BackupTarget,
    path: string,
    plan: Plan,
    files: readonly BackupFile[],
    copying: Copying,
  ) {
    this.#target = target
    this.#path = path
    this.#unfinished = `${path}${UNFINISHED}`
    this.#plan = plan
    this.#files = files
    this.#copying = copying
    this.#pace = new Pace(copying)
  }

  /** What would be fetched. */
  async foresee(): Promise<RestoreResult> {
    await this.#checkEmpty()
    const { entry, segments } = this.#plan
    return this.#result({
      sequence: entry.sequence,
      timeMs: entry.timeMs,
      segments: segments.length,
      segmentBytes: segments.reduce((all, { size }) => all + size, 0),
      commits: 0,
    })
  }

  async run(): Promise<RestoreResult> {
    try {
      return await this.#run()
    } catch (error) {
      throw ofFiles(`cannot restore into ${this.#path}`, error)
    }
  }

  async #run(): Promise<RestoreResult> {
    await this.#checkEmpty()
    await this.#make(dirname(this.#path))
    await this.#checkSpace()
    await this.#makeWay()
    const lock = await this.#begin()
    try {
      await this.#fetch()
      const replayed = await this.#open()
      await this.#finish()
      return this.#result(replayed)
    } finally {
      addon.unlockFile(lock)
    }
  }

  async #make(directory: string): Promise<void> {
    await makeDirectories(directory).catch((error) => {
      throw new RocksDBError(`cannot restore into ${this.#path}: ${error.message}`, {
        code: 'ERR_IO',
        cause: error,
      })
    })
  }

  #result({ sequence, timeMs, segments, segmentBytes, commits }: Replayed): RestoreResult {
    const { id, bytes, files } = this.#plan.entry
    const path = this.#path
    return { path, id, sequence, timeMs, bytes, files, segments, segmentBytes, commits }
  }

  async #checkEmpty(): Promise<void> {
    const names = await readdir(this.#path).catch((error) => {
      if (error.code === 'ENOENT') return []
      throw new RocksDBError(`cannot restore into ${this.#path}: ${error.message}`, {
        code: error.code === 'ENOTDIR' ? 'ERR_INVALID_ARGUMENT' : 'ERR_IO',
        cause: error,
      })
    })
    if (names.length === 0) return
    throw new RocksDBError(
      `cannot restore into ${this.#path}: it has ${names.length} files. Name a directory that is not there, or empty`,
      { code: 'ERR_INVALID_ARGUMENT' },
    )
  }

  async #checkSpace(): Promise<void> {
    const { bavail, bsize } = await statfs(dirname(this.#path))
    const { entry, segments } = this.#plan
    // What segments have is in the WAL first, and then in tables.
    const needed = entry.bytes + 2 * segments.reduce((all, { size }) => all + size, 0)
    if (bavail * bsize >= needed) return
    throw new RocksDBError(
      `restoring into ${this.#path} takes ${needed} bytes, and its disk has ${bavail * bsize}`,
      { code: 'ERR_NO_SPACE' },
    )
  }

  /** Removes the empty directory: one that cannot be replaced is told of before anything is fetched. */
  async #makeWay(): Promise<void> {
    await rmdir(this.#path).catch((error) => {
      if (error.code === 'ENOENT') return
      const why =
        error.code === 'EBUSY'
          ? 'it is where a disk is mounted, or in use: name a directory in it that is not there'
          : error.message
      throw new RocksDBError(`cannot restore into ${this.#path}: ${why}`, {
        code: 'ERR_INVALID_ARGUMENT',
        cause: error,
      })
    })
  }

  /** Makes the directory anew, and locks it. */
  async #begin(): Promise<number> {
    await this.#make(this.#unfinished)
    const names = await readdir(this.#unfinished)
    if (names.length > 0 && !names.includes(MARK)) {
      throw new RocksDBError(
        `${this.#unfinished} is in the way, and no restore has made it: move it away`,
        { code: 'ERR_INVALID_ARGUMENT' },
      )
    }
    const lock = addon.lockFile(join(this.#unfinished, MARK))
    if (lock === 0) {
      throw new RocksDBError(`${this.#path} is being restored by somebody else`, {
        code: 'ERR_LOCKED',
      })
    }
    try {
      // Before it was locked, somebody else may have been at work.
      for (const name of await readdir(this.#unfinished)) {
        if (name !== MARK) await rm(join(this.#unfinished, name), { recursive: true })
      }
    } catch (error) {
      addon.unlockFile(lock)
      throw error
    }
    return lock
  }

  async #fetch(): Promise<void> {
    const { concurrency, signal } = this.#copying
    const files = [...this.#files].sort((a, b) => b.size - a.size)
    this.#pace.expect(
      files.length,
      files.reduce((all, { size }) => all + size, 0),
    )
    await inParallel(files, concurrency, signal, async (file, abort) => {
      const { name, inline } = file
      if (inline === undefined) await this.#fetchOne(file, abort)
      else {
        const bytes = Buffer.from(inline, 'base64')
        if ((await fileSumOf(bytes)) !== file.sum) {
          throw damaged(this.#target, this.#plan.entry.key, `its bytes of ${name} are wrong`)
        }
        await this.#pace.take(bytes.length)
        await writeFile(join(this.#unfinished, name), bytes, { flush: true, flag: 'wx' })
      }
      this.#pace.fileDone()
    })
    await syncDirectory(this.#unfinished)
  }

  async #fetchOne(file: BackupFile, signal: AbortSignal): Promise<void> {
    const { name, size, sum, key = '' } = file
    const path = join(this.#unfinished, name)
    const paced = this.#copying.rateLimitMbPerSec !== undefined
    const read =
      this.#target.fetch === undefined || paced
        ? await this.#stream(key, path, signal)
        : await this.#copy(key, path, signal)
    if (read === undefined) throw damaged(this.#target, key, 'it is not there')
    const { length } = read
    if (length !== size) throw damaged(this.#target, key, `it has ${length} bytes, not ${size}`)
    if ((await read.digest()) !== sum) {
      throw damaged(this.#target, key, 'its bytes are not those of the backup')
    }
  }

  /** Writes what the target gives. */
  async #stream(key: string, path: string, signal: AbortSignal): Promise<FileSum | undefined> {
    const found = await onTarget(this.#target, `reading ${key}`, signal, () =>
      this.#target.get(key, { signal }),
    )
    if (found === undefined) return undefined
    const sum = new FileSum()
    const handle = await open(path, 'wx')
    try {
      for await (const part of bodyOf(this.#target, key, found.body)) {
        await this.#pace.take(part.length)
        await Promise.all([sum.update(part), handle.writeFile(part)])
      }
      await handle.sync()
    } finally {
      await handle.close()
    }
    return sum
  }

  /** Lets the target write it, and reads it once. */
  async #copy(key: string, path: string, signal: AbortSignal): Promise<FileSum | undefined> {
    const there = await onTarget(this.#target, `reading ${key}`, signal, async () =>
      this.#target.fetch?.(key, path, { signal }),
    )
    if (there !== true) return undefined
    const sum = new FileSum()
    const handle = await open(path, 'r+')
    try {
      const bytes = Buffer.allocUnsafeSlow(READ_BYTES)
      for (;;) {
        const { bytesRead } = await handle.read(bytes, 0, READ_BYTES, sum.length)
        if (bytesRead === 0) break
        await this.#pace.take(bytesRead)
        await sum.update(bytes.subarray(0, bytesRead))
      }
      await handle.sync()
    } finally {
      await handle.close()
    }
    return sum
  }

  /** Opens what was fetched: applies segments, or only sees whether it opens. */
  async #open(): Promise<Replayed> {
    const { segments } = this.#plan
    const path = this.#unfinished
    if (segments.length === 0) {
      await using _db = await Database.open(path, { mode: 'read-only' })
      const { sequence, timeMs } = this.#plan.entry
      return { sequence, timeMs, segments: 0, segmentBytes: 0, commits: 0 }
    }
    await using db = await openRaw(path, { createIfMissing: false })
    const replay = new Replay(db, this.#target, this.#plan, this.#copying.signal)
    await replay.run(segments)
    await db.flush()
    return replay.result
  }

  async #finish(): Promise<void> {
    await syncDirectory(this.#unfinished)
    await rmdir(this.#path).catch((error) => {
      if (error.code !== 'ENOENT') throw error
    })
    // Marked until then: without, another restore would lock a mark of its own, and clear the directory.
    await rename(this.#unfinished, this.#path)
    await rm(join(this.#path, MARK), { force: true })
    await syncDirectory(this.#path)
    await syncDirectory(dirname(this.#path))
  }
}

/** The bytes; a failure is the target's. */
async function* bodyOf(
  target: BackupTarget,
  key: string,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const parts = body[Symbol.asyncIterator]()
  try {
    for (;;) {
      const { done, value } = await parts.next().catch((error) => {
        throw targetFailed(target, `reading ${key}`, error)
      })
      if (done === true) return
      yield value
    }
  } finally {
    await parts.return?.()
  }
}
