/** Copies the files of a moment to a target; what is there already is shared. */
import type { NativeCapturedFile } from '../native/captures'
import type { Capture } from './capture'
import { damaged } from './errors'
import { blobKey, fileKey, isKey, tableKey } from './keys'
import { headObject, onTarget } from './objects'
import type { Copying } from './options'
import { inParallel, Pace } from './pace'
import type { BackupFile } from './snapshots'
import { FileSum, fileSumOf } from './sums'
import type { BackupTarget } from './target'

/** Files up to this size stand in the list of files itself, if they are not tables or blobs. */
const INLINE_BYTES = 1 << 20

/** What was copied, and what was not. */
export interface Copied {
  bytesCopied: number
  bytesShared: number
  filesCopied: number
  filesShared: number
}

/** What the target has, as its newest list of files says. */
export interface Known {
  files: readonly BackupFile[]
  /** Whether it is of this same directory: then a name is always the same file. */
  sameDirectory: boolean
  /** Objects that are being deleted. */
  deleting: readonly string[]
}

export class Copier {
  readonly counts: Copied = { bytesCopied: 0, bytesShared: 0, filesCopied: 0, filesShared: 0 }
  readonly files: (BackupFile | undefined)[]
  readonly #target: BackupTarget
  readonly #capture: Capture
  readonly #copying: Copying
  readonly #pace: Pace
  readonly #byKey = new Map<string, BackupFile>()
  readonly #byName = new Map<string, BackupFile>()
  #deleting: Set<string>

  constructor(target: BackupTarget, capture: Capture, copying: Copying, known: Known) {
    this.#target = target
    this.#capture = capture
    this.#copying = copying
    this.#pace = new Pace(copying)
    this.#deleting = new Set(known.deleting)
    this.files = capture.native.files.map(() => undefined)
    for (const file of known.files) {
      if (file.key === undefined) continue
      this.#byKey.set(file.key, file)
      if (known.sameDirectory) this.#byName.set(file.name, file)
    }
  }

  /** Copies all files that are not in `files` yet. */
  async run(): Promise<void> {
    const { files } = this.#capture.native
    const left = [...files.keys()].filter((index) => this.files[index] === undefined)
    // The largest first: one that comes last would be alone.
    left.sort((a, b) => (files[b] as { size: number }).size - (files[a] as { size: number }).size)
    this.#pace.expect(
      left.length,
      left.reduce((sum, index) => sum + (files[index] as { size: number }).size, 0),
    )
    const { concurrency, signal } = this.#copying
    await inParallel(left, concurrency, signal, (index, abort) => this.#copy(index, abort))
  }

  /**
   * Forgets files whose objects are being deleted, or are gone: others have deleted meanwhile what no
   * backup named. Returns whether there are any.
   */
  async recheck(deleting: readonly string[]): Promise<boolean> {
    this.#deleting = new Set([...this.#deleting, ...deleting])
    const { concurrency, signal } = this.#copying
    let lost = false
    await inParallel([...this.files.keys()], concurrency, signal, async (index, abort) => {
      const key = this.files[index]?.key
      if (key === undefined) return
      if (!this.#deleting.has(key)) {
        const found = await headObject(this.#target, key, abort)
        if (found?.size === this.files[index]?.size) return
      }
      this.#byKey.delete(key)
      this.#byName.clear()
      this.files[index] = undefined
      lost = true
    })
    return lost
  }

  async #copy(index: number, signal: AbortSignal): Promise<void> {
    const file = this.#capture.native.files[index] as NativeCapturedFile
    this.files[index] = await this.#place(index, file, signal)
    this.#pace.fileDone()
  }

  async #place(index: number, file: NativeCapturedFile, signal: AbortSignal): Promise<BackupFile> {
    const { name, size, kind, identity } = file
    const immutable = kind === 'table' || kind === 'blob'
    if (!immutable && size <= INLINE_BYTES) return this.#inline(index, file)
    const key = tableKey(identity, size)
    if (kind === 'table' && identity !== '' && isKey(key)) {
      const known = this.#byKey.get(key)
      if (known !== undefined && this.#mayShare(known)) return this.#share(known, name)
      return this.#send(index, file, this.#unused(key), signal)
    }
    const same = immutable ? this.#byName.get(name) : undefined
    if (same?.size === size && this.#mayShare(same)) return this.#share(same, name)
    const sum = await this.#sum(index)
    const bySum = kind === 'other' || kind === 'wal' ? fileKey(sum) : blobKey(sum)
    const known = this.#byKey.get(bySum)
    if (known !== undefined && this.#mayShare(known)) return this.#share(known, name)
    return this.#send(index, file, this.#unused(bySum), signal, sum)
  }

  #mayShare(known: BackupFile): boolean {
    return !this.#deleting.has(known.key as string)
  }

  /** A name that is not being deleted. */
  #unused(key: string): string {
    let name = key
    for (let n = 1; this.#deleting.has(name); n++) name = `${key}.${n}`
    return name
  }

  #share(known: BackupFile, name: string): BackupFile {
    this.#pace.skip(known.size)
    this.counts.filesShared++
    this.counts.bytesShared += known.size
    return { ...known, name }
  }

  async #inline(index: number, { name, size }: NativeCapturedFile): Promise<BackupFile> {
    const parts: Buffer[] = []
    for await (const part of this.#capture.read(index)) parts.push(part)
    const bytes = Buffer.concat(parts)
    await this.#pace.take(size)
    this.#copied(size)
    const sum = await fileSumOf(bytes)
    return { name, size, sum, inline: bytes.toString('base64') }
  }

  async #sum(index: number): Promise<string> {
    const sum = new FileSum()
    for await (const part of this.#capture.read(index)) await sum.update(part)
    return sum.digest()
  }

  async #send(
    index: number,
    { name, size }: NativeCapturedFile,
    key: string,
    signal: AbortSignal,
    expected?: string,
  ): Promise<BackupFile> {
    let sum = ''
    const { bytes, ended } = this.#body(index, (all) => {
      sum = all
    })
    await onTarget(this.#target, `writing ${key}`, signal, async () => {
      try {
        return await this.#target.put(key, bytes, { size, signal })
      } catch (error) {
        // What the database or the limit said, not what the target made of it.
        throw ended.failure ?? error
      }
    })
    if (sum === '' || (expected !== undefined && sum !== expected)) {
      throw damaged(this.#target, key, 'the target has not read all of it')
    }
    this.#copied(size)
    return { name, size, sum, key }
  }

  /** The bytes of a file, as often as the target asks for them. */
  #body(index: number, done: (sum: string) => void) {
    const capture = this.#capture
    const pace = this.#pace
    const ended: { failure: unknown } = { failure: undefined }
    async function* read() {
      const sum = new FileSum()
      let taken = 0
      try {
        for await (const part of capture.read(index)) {
          await pace.take(part.length)
          taken += part.length
          await sum.update(part)
          yield part
        }
        taken = 0
        done(await sum.digest())
      } catch (error) {
        ended.failure = error
        throw error
      } finally {
        if (taken > 0) pace.skip(-taken)
      }
    }
    return { bytes: read, ended }
  }

  #copied(bytes: number): void {
    this.counts.filesCopied++
    this.counts.bytesCopied += bytes
  }
}
