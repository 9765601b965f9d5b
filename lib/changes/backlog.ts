/** What changed in a watched range and was not taken yet, undecoded. */
import { ENVELOPE, momentOf } from '../codecs/envelope'
import type { FamilyHandle } from '../connection/handle'
import { copyOf } from '../native/buffers'
import { ChangeType } from '../native/changes'
import type { ByteRange } from '../reads/range'
import type { WatchEvent } from '../types/changes'
import { endOfRange } from './decode'
import type { PageReader, Position } from './pages'

export type AnyEvent = WatchEvent<unknown, unknown>

/** A change that waits. */
export interface Pending {
  /** Of `ChangeType`: put, delete, merge or deleteRange. */
  type: number
  key: Buffer
  /** The value, or the end of the range. */
  second: Buffer
  position: Position
}

/** What each counts besides its bytes. */
const OVERHEAD = 128
/** Entries that were taken are dropped from the list once there are so many. */
const COMPACT = 1024

const NO_BYTES = Buffer.alloc(0)

export class Backlog {
  readonly #range: ByteRange
  readonly #family: number
  #list: (Pending | undefined)[] = []
  #first = 0
  /** Bytes that wait. */
  bytes = 0

  constructor(family: FamilyHandle, range: ByteRange) {
    this.#family = family.id
    this.#range = range
  }

  /** The next one. */
  get head(): Pending | undefined {
    return this.#list[this.#first]
  }

  /** Removes the next one. */
  shift(): void {
    const { head } = this
    if (head === undefined) return
    this.bytes -= sizeOf(head)
    this.#list[this.#first++] = undefined
    if (this.#first < COMPACT && this.#first < this.#list.length) return
    this.#list = this.#list.slice(this.#first)
    this.#first = 0
  }

  clear(): void {
    this.#list = []
    this.#first = 0
    this.bytes = 0
  }

  /**
   * Adds the current operation of a page if it is in the range. Returns false if its family was dropped.
   */
  add(page: PageReader, position: Position): boolean {
    const { type } = page
    if (page.family !== this.#family || type === ChangeType.createFamily) return true
    if (type === ChangeType.dropFamily) return false
    const { lower, upper, empty } = this.#range
    const { bytes, keyStart, keyEnd, secondStart, secondEnd } = page
    if (empty) return true
    let key = bytes.subarray(keyStart, keyEnd)
    let second = bytes.subarray(secondStart, secondEnd)
    if (type === ChangeType.deleteRange) {
      if (lower !== undefined && lower.compare(key) > 0) key = lower
      if (upper !== undefined && upper.compare(second) < 0) second = upper
      if (key.compare(second) >= 0) return true
    } else {
      if (lower !== undefined && lower.compare(key) > 0) return true
      if (upper !== undefined && upper.compare(key) <= 0) return true
      if (type === ChangeType.merge) second = NO_BYTES
    }
    this.#push({ type, key: own(key), second: own(second), position })
    return true
  }

  #push(pending: Pending): void {
    this.#list.push(pending)
    this.bytes += sizeOf(pending)
  }
}

function own(bytes: Buffer): Buffer {
  return bytes.length === 0 ? NO_BYTES : copyOf(bytes, 0, bytes.length)
}

function sizeOf({ key, second }: Pending): number {
  return key.length + second.length + OVERHEAD
}

/** A change as users get it. Merges are puts or deletes by now. */
export function eventOf({ key, value, envelope }: FamilyHandle, pending: Pending): AnyEvent {
  const { type, position, second } = pending
  const bytes = pending.key
  if (type === ChangeType.deleteRange) {
    return {
      type: 'deleteRange',
      gte: endOfRange(key, bytes, 0, bytes.length),
      lt: endOfRange(key, second, 0, second.length),
      get token() {
        return position.token
      },
    }
  }
  const read = key.read(bytes, 0, bytes.length)
  if (type === ChangeType.delete) return deleted(read, position)
  if (envelope === undefined) return put(read, value.read(second, 0, second.length), position)
  const expiresAt = momentOf(second, 0, second.length)
  const event = put(read, value.read(second, ENVELOPE, second.length), position)
  return Object.defineProperty(event, 'expiresAt', { value: expiresAt, enumerable: true })
}

export function put(key: unknown, value: unknown, position: Position): AnyEvent {
  return {
    type: 'put',
    key,
    value,
    get token() {
      return position.token
    },
  }
}

export function deleted(key: unknown, position: Position): AnyEvent {
  return {
    type: 'delete',
    key,
    get token() {
      return position.token
    },
  }
}
