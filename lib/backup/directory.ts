/** A directory as a target: on another disk, or one that is mounted from elsewhere. */
import { createHash } from 'node:crypto'
import {
  constants,
  copyFile,
  type FileHandle,
  link,
  open,
  readdir,
  rename,
  rm,
  stat,
} from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { invalidType, invalidValue } from '../base/arguments'
import { addon } from '../native/addon'
import { makeDirectories, syncDirectory } from './files'
import { nonce } from './objects'
import type { BackupTarget, GetOptions, PutOptions, TargetEntry, TargetObject } from './target'

/** Where objects are written before they have their names. */
const UNFINISHED = '.unfinished'
const LOCK = '.lock'
/** Objects up to this size are told from others by their contents. */
const SMALL_BYTES = 1 << 20
/** Codes of file systems without hard links. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])
const DAY_MS = 86_400_000
const [SHORTEST_MS, LONGEST_MS] = [1, 50]

/**
 * A directory for backups. It is created, with those above it. Objects are files, which are on the disk once
 * they have their names; the manifest is replaced under a lock. So several processes of a machine, or of
 * machines whose file system has locks (as NFS 4 has), may use it. Keep it on another disk than the database.
 *
 * @param path Its path. It belongs to the backups: nothing else should be in it.
 *
 * @example
 * ```ts
 * const { id } = await backup(db, directory('/mnt/backup/shop'))
 * console.log(id, await backups(directory('/mnt/backup/shop')).list())
 * ```
 */
export function directory(path: string): BackupTarget {
  if (typeof path !== 'string') throw invalidType('path', 'a string', path)
  if (path === '' || path.includes('\0')) throw invalidValue('path', path, 'must name a directory')
  return new DirectoryTarget(resolve(path))
}

const isMissing = (error: unknown) => {
  const { code } = error as { code?: string }
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** What it resolves to, or undefined if there is no such file. */
async function unlessMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

class DirectoryTarget implements BackupTarget {
  readonly name: string
  readonly conditional = true
  readonly #root: string
  readonly #made = new Set<string>()
  #cleaned = false

  constructor(root: string) {
    this.#root = root
    this.name = `directory ${root}`
  }

  async put(
    key: string,
    body: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options: PutOptions,
  ): Promise<string | undefined> {
    options.signal?.throwIfAborted()
    const path = this.#pathOf(key)
    await this.#prepare(dirname(path))
    const unfinished = join(this.#root, UNFINISHED, nonce())
    try {
      await this.#write(unfinished, body, options)
      options.signal?.throwIfAborted()
      const { ifMatch, ifNoneMatch } = options
      if (ifMatch === undefined && ifNoneMatch === undefined) await rename(unfinished, path)
      else if (!(await this.#replace(unfinished, path, options))) return undefined
      await syncDirectory(dirname(path))
      return await this.#etagOf(path)
    } finally {
      await rm(unfinished, { force: true })
    }
  }

  async get(key: string, { signal }: GetOptions = {}): Promise<TargetObject | undefined> {
    signal?.throwIfAborted()
    const path = this.#pathOf(key)
    const handle = await unlessMissing(open(path, 'r'))
    if (handle === undefined) return undefined
    try {
      const { size } = await handle.stat()
      // Nobody may read the body: a file that is kept open for it would stay so.
      if (size > SMALL_BYTES) {
        const etag = await etagOfHandle(handle)
        return { size, etag, body: bodyOf(path, etag, signal) }
      }
      const bytes = await handle.readFile()
      return { size: bytes.length, etag: etagOfBytes(bytes), body: partsOf(bytes) }
    } finally {
      await handle.close()
    }
  }

  async fetch(key: string, path: string, { signal }: GetOptions = {}): Promise<boolean> {
    signal?.throwIfAborted()
    const from = this.#pathOf(key)
    if ((await unlessMissing(stat(from))) === undefined) return false
    await copyFile(from, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    return true
  }

  async *list(prefix: string, { signal }: GetOptions = {}): AsyncIterable<TargetEntry> {
    signal?.throwIfAborted()
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
    yield* this.#listFolder(folder, prefix, signal)
  }

  async delete(key: string, { signal }: GetOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    await rm(this.#pathOf(key), { force: true })
  }

  async head(key: string, { signal }: GetOptions = {}) {
    signal?.throwIfAborted()
    const path = this.#pathOf(key)
    const handle = await unlessMissing(open(path, 'r'))
    if (handle === undefined) return undefined
    try {
      const { size } = await handle.stat()
      return { size, etag: await etagOfHandle(handle) }
    } finally {
      await handle.close()
    }
  }

  async *#listFolder(
    folder: string,
    prefix: string,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<TargetEntry> {
    const path = join(this.#root, ...folder.split('/'))
    const entries = (await unlessMissing(readdir(path, { withFileTypes: true }))) ?? []
    for (const entry of entries) {
      signal?.throwIfAborted()
      const key = `${folder}${entry.name}`
      if (entry.name.startsWith('.')) continue
      if (entry.isDirectory()) {
        const below = `${key}/`
        if (below.startsWith(prefix) || prefix.startsWith(below)) {
          yield* this.#listFolder(below, prefix, signal)
        }
      } else if (entry.isFile() && key.startsWith(prefix)) {
        const found = await unlessMissing(stat(join(path, entry.name)))
        if (found !== undefined) yield { key, size: found.size }
      }
    }
  }

  /** Never outside of the directory, whatever a key says. */
  #pathOf(key: string): string {
    const path = resolve(this.#root, ...key.split('/'))
    const inside = path.startsWith(this.#root.endsWith(sep) ? this.#root : `${this.#root}${sep}`)
    const plain = key.split('/').every((part) => part !== '' && !part.startsWith('.'))
    if (!inside || !plain) throw invalidValue('key', key, 'must be the key of an object')
    return path
  }

  async #prepare(folder: string): Promise<void> {
    await this.#make(folder)
    await this.#make(join(this.#root, UNFINISHED))
    if (this.#cleaned) return
    this.#cleaned = true
    await this.#clean()
  }

  /** A folder, whose name is on the disk. */
  async #make(folder: string): Promise<void> {
    if (this.#made.has(folder) && (await unlessMissing(stat(folder))) !== undefined) return
    await makeDirectories(folder)
    this.#made.add(folder)
  }

  /** Removes what killed processes have left. */
  async #clean(): Promise<void> {
    const folder = join(this.#root, UNFINISHED)
    for (const name of await readdir(folder)) {
      const path = join(folder, name)
      const found = await unlessMissing(stat(path))
      if (found !== undefined && Date.now() - found.mtimeMs > DAY_MS)
        await rm(path, { force: true })
    }
  }

  async #write(
    path: string,
    body: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    { size, signal }: PutOptions,
  ): Promise<void> {
    const handle = await open(path, 'wx')
    let written = 0
    try {
      for await (const part of body()) {
        signal?.throwIfAborted()
        await handle.writeFile(part)
        written += part.length
      }
      if (written !== size) throw new Error(`its body has ${written} bytes, not ${size}`)
      await handle.sync()
    } finally {
      await handle.close()
    }
  }

  /** Gives it its name where the condition holds. */
  async #replace(unfinished: string, path: string, options: PutOptions): Promise<boolean> {
    const { ifMatch, ifNoneMatch } = options
    if (ifMatch === undefined && ifNoneMatch !== undefined) {
      try {
        await link(unfinished, path)
        return true
      } catch (error) {
        const { code = '' } = error as { code?: string }
        if (code === 'EEXIST') return false
        if (!NO_LINKS.has(code)) throw error
      }
    }
    const lock = await this.#lock(options.signal)
    try {
      const etag = await unlessMissing(this.#etagOf(path))
      if (ifNoneMatch !== undefined && etag !== undefined) return false
      if (ifMatch !== undefined && etag !== ifMatch) return false
      await rename(unfinished, path)
      return true
    } finally {
      addon.unlockFile(lock)
    }
  }

  async #lock(signal: AbortSignal | undefined): Promise<number> {
    for (let wait = SHORTEST_MS; ; wait = Math.min(2 * wait, LONGEST_MS)) {
      const lock = addon.lockFile(join(this.#root, LOCK))
      if (lock !== 0) return lock
      await sleep(wait * (0.5 + Math.random()), undefined, signal ? { signal } : {})
    }
  }

  async #etagOf(path: string): Promise<string> {
    const handle = await open(path, 'r')
    try {
      return await etagOfHandle(handle)
    } finally {
      await handle.close()
    }
  }
}

function etagOfBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Of what is written once, its place and time are enough. */
async function etagOfHandle(handle: FileHandle): Promise<string> {
  const { size, ino, mtimeNs } = await handle.stat({ bigint: true })
  if (size > SMALL_BYTES) return `${ino}-${mtimeNs}-${size}`
  return etagOfBytes(await handle.readFile())
}

async function* partsOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  if (bytes.length > 0) yield bytes
}

async function* bodyOf(
  path: string,
  etag: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const handle = await open(path, 'r')
  try {
    if ((await etagOfHandle(handle)) !== etag) throw new Error('it was replaced meanwhile')
    for (let at = 0; ; ) {
      signal?.throwIfAborted()
      const bytes = Buffer.allocUnsafeSlow(SMALL_BYTES)
      const { bytesRead } = await handle.read(bytes, 0, SMALL_BYTES, at)
      if (bytesRead === 0) return
      at += bytesRead
      yield bytes.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}
