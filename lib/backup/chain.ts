/** The writer's end of the segments of a history. */
import { baseRemoved, fenced } from './errors'
import { segmentKey } from './keys'
import type { Manifest } from './manifest'
import { nonce, readObject, sumOf, writeObject } from './objects'
import { lateNumber, listSegments } from './segment-list'
import {
  type ChangesHead,
  type MarkHead,
  readSegment,
  type Segment,
  type SegmentHead,
  segmentBytes,
} from './segments'
import type { BackupTarget } from './target'

/** How far back the newest commits are looked for. */
const MOST_MARKS = 1000

/** Where a chain ends: the number that comes next, and the sum of the object before it. */
interface End {
  next: number
  previous: string
}

async function endOf(
  target: BackupTarget,
  manifest: Manifest,
  epoch: string,
  signal: AbortSignal,
): Promise<End> {
  const from = lateNumber(manifest, epoch)
  const last = (await listSegments(target, epoch, from, signal)).at(-1)?.number
  if (last === undefined) return { next: from, previous: '' }
  const segment = await readSegment(target, epoch, last, signal)
  return { next: last + 1, previous: segment?.sum ?? '' }
}

/** Ends the chain of a history: who writes it finds the number taken. */
export async function closeChain(
  target: BackupTarget,
  manifest: Manifest,
  epoch: string,
  signal: AbortSignal,
): Promise<void> {
  await mark(target, manifest, epoch, 'closed', nonce(), signal)
}

/** Who goes on behind a backup that is being removed is told by this owner. */
const REMOVED = 'removed'

/** Has the stream of a history begin anew: what it goes on from is being removed. */
export async function interruptChain(
  target: BackupTarget,
  manifest: Manifest,
  epoch: string,
  signal: AbortSignal,
): Promise<void> {
  await mark(target, manifest, epoch, 'open', REMOVED, signal)
}

/** Writes a mark at the end of a chain, wherever that is by then. */
async function mark(
  target: BackupTarget,
  manifest: Manifest,
  epoch: string,
  kind: MarkHead['kind'],
  owner: string,
  signal: AbortSignal,
): Promise<End> {
  for (;;) {
    const { next, previous } = await endOf(target, manifest, epoch, signal)
    const head: MarkHead = { kind, number: next, owner, previous, timeMs: Date.now() }
    const bytes = segmentBytes(head, Buffer.alloc(0))
    if (await writeOnce(target, segmentKey(epoch, next), bytes, signal)) {
      return { next: next + 1, previous: sumOf(bytes) }
    }
  }
}

/** Whether the object is there with these bytes; false if somebody else was first. */
async function writeOnce(
  target: BackupTarget,
  key: string,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<boolean> {
  const condition = target.conditional ? { ifNoneMatch: '*' as const } : {}
  if ((await writeObject(target, key, bytes, condition, signal)) !== undefined) return true
  // An answer may be lost, and the same request be made once more.
  const there = await readObject(target, key, signal)
  return there?.bytes.equals(bytes) === true
}

/** What a new segment says; the chain adds the rest. */
export type NewSegment = Omit<
  ChangesHead,
  'kind' | 'number' | 'owner' | 'previous' | 'bytes' | 'sum'
>

export class Chain {
  readonly #target: BackupTarget
  readonly #epoch: string
  readonly #owner: string
  #end: End

  private constructor(target: BackupTarget, epoch: string, owner: string, end: End) {
    this.#target = target
    this.#epoch = epoch
    this.#owner = owner
    this.#end = end
  }

  /** Takes over the chain: whoever wrote it is fenced. */
  static async take(
    target: BackupTarget,
    manifest: Manifest,
    epoch: string,
    signal: AbortSignal,
  ): Promise<Chain> {
    const owner = nonce()
    return new Chain(
      target,
      epoch,
      owner,
      await mark(target, manifest, epoch, 'open', owner, signal),
    )
  }

  /** The number of the next segment. */
  get next(): number {
    return this.#end.next
  }

  /**
   * Writes a segment. Once this has failed it is called again with the same bytes, or not at all: the object may be
   * there. Fails with `ERR_BACKUP_FENCED` where somebody else has written the number, with `ERR_CHANGES_GAP` where the
   * backup that it goes on from is removed.
   */
  async append(bytes: Buffer, signal: AbortSignal): Promise<void> {
    const { next } = this.#end
    if (!(await writeOnce(this.#target, segmentKey(this.#epoch, next), bytes, signal))) {
      throw this.#lostTo(await readSegment(this.#target, this.#epoch, next, signal))
    }
    this.#end = { next: next + 1, previous: sumOf(bytes) }
  }

  /** Fails with `ERR_BACKUP_FENCED` where somebody else has taken over. */
  async assertOwn(signal: AbortSignal): Promise<void> {
    for (let number = this.#end.next; ; number++) {
      const there = await readSegment(this.#target, this.#epoch, number, signal)
      if (there === undefined) return
      // Its own are being appended meanwhile.
      if (there.head.owner !== this.#owner) throw this.#lostTo(there)
    }
  }

  #lostTo(there: Segment | undefined): Error {
    if (there?.head.owner === REMOVED) return baseRemoved(this.#target)
    const other = there?.head.kind === 'closed' ? 'a database restored from it' : 'another stream'
    return fenced(this.#target, other)
  }

  /** The bytes of the next segment. */
  make(segment: NewSegment, page: Buffer): Buffer {
    const head: SegmentHead = {
      kind: 'changes',
      number: this.#end.next,
      owner: this.#owner,
      previous: this.#end.previous,
      ...segment,
      bytes: page.length,
      sum: sumOf(page),
    }
    return segmentBytes(head, page)
  }

  /** The newest commits in it; undefined if there are none. */
  async newest(floor: number, signal: AbortSignal): Promise<ChangesHead | undefined> {
    const least = Math.max(floor, this.#end.next - MOST_MARKS)
    for (let number = this.#end.next - 1; number >= least; number--) {
      const segment: Segment | undefined = await readSegment(
        this.#target,
        this.#epoch,
        number,
        signal,
      )
      if (segment?.head.kind === 'changes') return segment.head
    }
    return undefined
  }
}
