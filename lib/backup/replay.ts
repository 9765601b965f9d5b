/** Applies segments to a restored database, up to where it is to stop. */
import type { Batch } from '../batch'
import { optionsOf } from '../changes/nature'
import { PageReader } from '../changes/pages'
import type { Database } from '../database'
import type { BytesFamily } from '../families'
import { ChangeType } from '../native/changes'
import { REPLICA_FAMILY } from '../native/replica'
import { partsOf } from '../open-database'
import { damaged } from './errors'
import { segmentKey } from './keys'
import type { SnapshotEntry } from './manifest'
import type { Plan, Stop } from './plan'
import type { ListedSegment } from './segment-list'
import { type ChangesHead, readSegment, type Segment } from './segments'
import type { BackupTarget } from './target'
import { placeOf } from './tokens'

/** Operations are written when they have so many bytes. */
const BATCH_BYTES = 1 << 20
/** Segments that are fetched ahead. */
const AHEAD = 8

/** How far it has come. */
export interface Replayed {
  sequence: bigint
  timeMs: number
  segments: number
  segmentBytes: number
  commits: number
}

export class Replay {
  readonly result: Replayed
  readonly #db: Database
  readonly #target: BackupTarget
  readonly #entry: SnapshotEntry
  readonly #stop: Stop
  readonly #signal: AbortSignal
  /** How many families had come or gone. */
  #lifecycle: number
  readonly #families = new Map<number, BytesFamily>()
  #batch: Batch
  #batchBytes = 0
  #ended = false

  constructor(db: Database, target: BackupTarget, { entry, stop }: Plan, signal: AbortSignal) {
    const { sequence, timeMs, token = '' } = entry
    this.#db = db
    this.#target = target
    this.#entry = entry
    this.#stop = stop
    this.#signal = signal
    this.#lifecycle = placeOf(token)?.lifecycle ?? 0
    this.#batch = db.batch()
    this.result = { sequence, timeMs, segments: 0, segmentBytes: 0, commits: 0 }
  }

  async run(segments: readonly ListedSegment[]): Promise<void> {
    let previous: string | undefined
    for await (const [segment, { key, size }] of this.#fetch(segments)) {
      if (previous !== undefined && segment.head.previous !== previous) {
        throw damaged(this.#target, key, 'it does not follow the segment before it')
      }
      previous = segment.sum
      if (segment.head.kind !== 'changes') continue
      if (!this.#follows(segment.head, key)) break
      this.result.segments++
      this.result.segmentBytes += size
      await this.#apply(segment.head, segment.page, key)
      if (this.#ended) break
    }
    await this.#write()
  }

  async *#fetch(segments: readonly ListedSegment[]): AsyncGenerator<[Segment, ListedSegment]> {
    const { epoch } = this.#entry
    const fetching: Promise<Segment | undefined>[] = []
    for (let next = 0, at = 0; at < segments.length; at++) {
      for (; next < segments.length && next < at + AHEAD; next++) {
        const { number } = segments[next] as ListedSegment
        const fetched = readSegment(this.#target, epoch, number, this.#signal)
        fetched.catch(() => {})
        fetching.push(fetched)
      }
      const listed = segments[at] as ListedSegment
      const { number } = listed
      const expected = (this.#entry.segment as number) + at
      const segment = await fetching[at]
      if (segment === undefined || number !== expected) {
        throw damaged(this.#target, segmentKey(epoch, expected), 'it is not there')
      }
      yield [segment, listed]
    }
  }

  /** Whether its commits go on where the database is; false where another generation begins. */
  #follows({ generation, first }: ChangesHead, key: string): boolean {
    if (generation !== this.#entry.generation) return false
    if (first <= this.result.sequence + 1n) return true
    throw damaged(this.#target, key, 'commits before its first one are not there')
  }

  async #apply(head: ChangesHead, page: Buffer, key: string): Promise<void> {
    for (const [id, name] of head.families) this.#name(id, name)
    const reader = new PageReader(page)
    while (reader.nextCommit()) {
      const { lastSequence, lifecycle } = reader
      const timeMs = reader.timeMs ?? head.timeMs
      if (this.#isBeyond(lastSequence, lifecycle, timeMs)) {
        this.#ended = true
        return
      }
      const applied = await this.#commit(reader, key)
      this.result.timeMs = Math.max(this.result.timeMs, timeMs)
      if (applied) this.result.commits++
    }
    if (head.last > this.result.sequence) this.result.sequence = head.last
    if (this.#stop.timeMs === undefined || head.timeMs <= this.#stop.timeMs) {
      this.result.timeMs = Math.max(this.result.timeMs, head.timeMs)
    }
  }

  #isBeyond(last: bigint, lifecycle: number, timeMs: number): boolean {
    const { place, timeMs: until } = this.#stop
    if (until !== undefined && timeMs > until) return true
    if (place === undefined) return false
    return last > place.sequence || lifecycle > place.lifecycle
  }

  /** Applies what the database does not have yet. Returns whether there was something. */
  async #commit(reader: PageReader, key: string): Promise<boolean> {
    const { firstSequence, lastSequence, lifecycle } = reader
    let skip = this.result.sequence - firstSequence + 1n
    let applied = false
    while (reader.nextOperation()) {
      if (reader.type === ChangeType.createFamily || reader.type === ChangeType.dropFamily) {
        if (lifecycle > this.#lifecycle) await this.#changeFamily(reader, key)
        else if (reader.type === ChangeType.createFamily) this.#learn(reader)
        this.#lifecycle = Math.max(lifecycle, this.#lifecycle)
        applied = true
      } else if (skip > 0n) skip--
      else {
        this.#add(reader, key)
        applied = true
      }
    }
    if (lastSequence > this.result.sequence) this.result.sequence = lastSequence
    if (this.#batchBytes >= BATCH_BYTES) await this.#write()
    return applied
  }

  #add(reader: PageReader, key: string): void {
    const { bytes, type, family: id, keyStart, keyEnd, secondStart, secondEnd } = reader
    const family = this.#families.get(id)
    if (family === undefined) {
      throw damaged(this.#target, key, `it writes to column family #${id}, which is not there`)
    }
    const first = bytes.subarray(keyStart, keyEnd)
    const second = bytes.subarray(secondStart, secondEnd)
    this.#batchBytes += secondEnd - keyStart
    if (type === ChangeType.put) this.#batch.put(family, first, second)
    else if (type === ChangeType.delete) this.#batch.delete(family, first)
    else if (type === ChangeType.merge) this.#batch.merge(family, first, second)
    else this.#batch.deleteRange(family, first, second)
  }

  async #write(): Promise<void> {
    if (this.#batchBytes === 0) return
    await this.#batch.write()
    this.#batch = this.#db.batch()
    this.#batchBytes = 0
  }

  /** Learns the name of an id, if that family is there. */
  #name(id: number, name: string): void {
    if (this.#families.has(id)) return
    const family = partsOf(this.#db).families.raw(name)
    if (family !== undefined) this.#families.set(id, family as BytesFamily)
  }

  /** Makes a family, whose values are taken as they are stored. */
  async #made(name: string, nature: string): Promise<unknown> {
    await this.#db.createColumnFamily(name, optionsOf(nature))
    return partsOf(this.#db).families.raw(name)
  }

  /** The files have a family that the segments make: they begin before the files were captured. */
  #learn({ bytes, family, keyStart, keyEnd }: PageReader): void {
    this.#name(family, bytes.toString('utf8', keyStart, keyEnd))
  }

  async #changeFamily(reader: PageReader, key: string): Promise<void> {
    const { bytes, type, family: id, keyStart, keyEnd, secondStart, secondEnd } = reader
    const name = bytes.toString('utf8', keyStart, keyEnd)
    await this.#write()
    if (type === ChangeType.createFamily) {
      const nature = bytes.toString('utf8', secondStart, secondEnd)
      const made =
        name === REPLICA_FAMILY
          ? await partsOf(this.#db).families.makeHidden()
          : await this.#made(name, nature)
      this.#families.set(id, made as BytesFamily)
      return
    }
    const family = this.#families.get(id)
    if (family === undefined) {
      throw damaged(
        this.#target,
        key,
        `it drops column family ${JSON.stringify(name)}, which is not there`,
      )
    }
    this.#families.delete(id)
    await this.#db.dropColumnFamily(family)
  }
}
