/** Looks at every object of a backup, and at the segments that follow it. */
import { codeOf } from './errors'
import { segmentKey } from './keys'
import type { Manifest, SnapshotEntry } from './manifest'
import { headObject, onTarget } from './objects'
import type { Copying } from './options'
import { inParallel, Pace } from './pace'
import { floorOf, type ListedSegment, listSegments } from './segment-list'
import { readSegment } from './segments'
import { type BackupFile, readSnapshot } from './snapshots'
import { FileSum, fileSumOf } from './sums'
import type { BackupTarget } from './target'
import type { BackupReport } from './types'

export class Verifying {
  readonly #report: BackupReport
  readonly #pace: Pace

  constructor(
    readonly target: BackupTarget,
    readonly manifest: Manifest,
    readonly entry: SnapshotEntry,
    readonly copying: Copying,
    readonly readsAll: boolean,
  ) {
    this.#pace = new Pace(copying)
    this.#report = { id: entry.id, objects: 0, bytesRead: 0, problems: [] }
  }

  async run(): Promise<BackupReport> {
    const files = await this.#files()
    const { concurrency, signal } = this.copying
    this.#pace.expect(
      files.length,
      files.reduce((all, { size }) => all + size, 0),
    )
    await inParallel(files, concurrency, signal, async (file, abort) => {
      await this.#look(file, abort)
      this.#pace.fileDone()
    })
    await this.#segments()
    this.#report.problems.sort((a, b) => (a.key < b.key ? -1 : 1))
    return this.#report
  }

  async #files(): Promise<BackupFile[]> {
    this.#report.objects++
    try {
      return await readSnapshot(this.target, this.entry, this.copying.signal)
    } catch (error) {
      if (codeOf(error) !== 'ERR_BACKUP_DAMAGED') throw error
      this.#problem(this.entry.key, (error as Error).message)
      return []
    }
  }

  #problem(key: string, problem: string): void {
    this.#report.problems.push({ key, problem })
  }

  async #look(file: BackupFile, signal: AbortSignal): Promise<void> {
    const { key, size, sum, inline, name } = file
    if (key === undefined) {
      const bytes = Buffer.from(inline as string, 'base64')
      const whole = bytes.length === size && (await fileSumOf(bytes)) === sum
      if (!whole) this.#problem(this.entry.key, `its bytes of ${name} are not those of the backup`)
      this.#pace.skip(size)
      return
    }
    this.#report.objects++
    if (this.readsAll) return this.#read(file, key, signal)
    const found = await headObject(this.target, key, signal)
    this.#pace.skip(size)
    if (found === undefined) this.#problem(key, 'it is not there')
    else if (found.size !== size) this.#problem(key, `it has ${found.size} bytes, not ${size}`)
  }

  async #read({ size, sum }: BackupFile, key: string, signal: AbortSignal): Promise<void> {
    const found = await onTarget(this.target, `reading ${key}`, signal, () =>
      this.target.get(key, { signal }),
    )
    if (found === undefined) return this.#problem(key, 'it is not there')
    const all = new FileSum()
    await onTarget(this.target, `reading ${key}`, signal, async () => {
      for await (const part of found.body) {
        await this.#pace.take(part.length)
        await all.update(part)
      }
    })
    const { length } = all
    this.#report.bytesRead += length
    if (length !== size) this.#problem(key, `it has ${length} bytes, not ${size}`)
    else if ((await all.digest()) !== sum)
      this.#problem(key, 'its bytes are not those of the backup')
  }

  /** The segments from this backup to the next one that they lead to. */
  async #segments(): Promise<void> {
    const { epoch, segment } = this.entry
    if (segment === undefined || floorOf(this.manifest, epoch) > segment) return
    const { signal } = this.copying
    const end = this.#nextSegment()
    const all = await listSegments(this.target, epoch, segment, signal)
    let [expected, previous] = [segment, '']
    for (const listed of all.filter(({ number }) => number <= end)) {
      if (listed.number !== expected) {
        return this.#problem(segmentKey(epoch, expected), 'it is not there')
      }
      expected++
      this.#report.objects++
      if (this.readsAll) previous = await this.#readSegment(listed, previous)
    }
  }

  /** Where the next backup of the history begins to need segments of its own. */
  #nextSegment(): number {
    const { epoch, sequence } = this.entry
    const next = this.manifest.snapshots.find(
      (each) => each.epoch === epoch && each.segment !== undefined && each.sequence > sequence,
    )
    return next?.segment ?? Number.POSITIVE_INFINITY
  }

  /** Returns the sum of the object; empty where it is damaged. */
  async #readSegment({ key, number, size }: ListedSegment, previous: string): Promise<string> {
    try {
      const found = await readSegment(this.target, this.entry.epoch, number, this.copying.signal)
      if (found === undefined) this.#problem(key, 'it is not there')
      else if (previous !== '' && found.head.previous !== previous) {
        this.#problem(key, 'it does not follow the segment before it')
      }
      this.#report.bytesRead += size
      return found?.sum ?? ''
    } catch (error) {
      if (codeOf(error) !== 'ERR_BACKUP_DAMAGED') throw error
      this.#problem(key, (error as Error).message)
      return ''
    }
  }
}
