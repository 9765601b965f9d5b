/**
 * Segments: what was committed between backups. They are numbered, and each has the sum of the one before; a
 * number is written once, so that who writes it first is who may go on.
 *
 * An object is a line of JSON, and for changes a page of commits as the change feed gives them
 * (native/engine/changes/page.h).
 */
import { damaged } from './errors'
import { segmentKey } from './keys'
import { isEpoch } from './manifest'
import { readObject, sumOf } from './objects'
import type { BackupTarget } from './target'

const FORMAT = 1
const NEWLINE = 10

/** Somebody begins to write, or another history has taken over. */
export interface MarkHead {
  kind: 'open' | 'closed'
  number: number
  /** Who wrote it: random. */
  owner: string
  /** The sum of the object before it; empty for the first. */
  previous: string
  timeMs: number
}

/** Commits. */
export interface ChangesHead extends Omit<MarkHead, 'kind'> {
  kind: 'changes'
  /** Within one, segments have all commits; another one means that some are missing in between. */
  generation: string
  /** Sequence numbers: all from the first to the last are in it, or were never given. */
  first: bigint
  last: bigint
  /** What comes after it, for the change feed. */
  token: string
  /** The families that its commits name, besides those that they make. */
  families: [id: number, name: string][]
  /** Of the page. */
  bytes: number
  sum: string
}

export type SegmentHead = MarkHead | ChangesHead

export interface Segment {
  head: SegmentHead
  /** The commits; empty for marks. */
  page: Buffer
  /** The sum of the object. */
  sum: string
}

export function segmentBytes(head: SegmentHead, page: Uint8Array): Buffer {
  const line = JSON.stringify({ format: FORMAT, ...head }, (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  return Buffer.concat([Buffer.from(`${line}\n`), page])
}

/** A segment that is there; undefined if it is not. */
export async function readSegment(
  target: BackupTarget,
  epoch: string,
  number: number,
  signal?: AbortSignal,
): Promise<Segment | undefined> {
  const key = segmentKey(epoch, number)
  const found = await readObject(target, key, signal)
  return found && parseSegment(target, key, number, found.bytes)
}

export function parseSegment(
  target: BackupTarget,
  key: string,
  number: number,
  bytes: Buffer,
): Segment {
  const end = bytes.indexOf(NEWLINE)
  const head = end < 0 ? undefined : headOf(bytes.toString('utf8', 0, end))
  if (head === undefined) throw damaged(target, key, 'it does not say what it is')
  if (head.number !== number) throw damaged(target, key, `it says that it is number ${head.number}`)
  const page = bytes.subarray(end + 1)
  if (head.kind === 'changes' && (page.length !== head.bytes || sumOf(page) !== head.sum)) {
    throw damaged(target, key, 'its commits are not those that were written')
  }
  return { head, page, sum: sumOf(bytes) }
}

/** undefined if it is none. */
function headOf(line: string): SegmentHead | undefined {
  let value: Record<string, unknown>
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  const { format, kind, number, owner, previous, timeMs } = value
  const common =
    format === FORMAT &&
    Number.isSafeInteger(number) &&
    typeof owner === 'string' &&
    typeof previous === 'string' &&
    Number.isFinite(timeMs)
  if (!common) return undefined
  if (kind === 'open' || kind === 'closed') return value as unknown as MarkHead
  if (kind !== 'changes') return undefined
  const { generation, first, last, token, families, bytes, sum } = value
  const whole =
    isEpoch(generation) &&
    isNumber(first) &&
    isNumber(last) &&
    typeof token === 'string' &&
    Array.isArray(families) &&
    Number.isSafeInteger(bytes) &&
    typeof sum === 'string'
  if (!whole) return undefined
  return { ...(value as unknown as ChangesHead), first: BigInt(first), last: BigInt(last) }
}

function isNumber(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,20}$/.test(value)
}
