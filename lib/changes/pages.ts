/** Native feeds, and the pages of commits that they give. */
import { inTurn } from '../base/turns'
import type { Connection } from '../connection/connection'
import { COMMIT_BYTES, CommitAt, type NativeFeed, OPERATION_BYTES } from '../native/changes'
import { call, ids, nextId, type Place, TAKEN, wait } from '../native/lane'

const LOW = 0xffffffffn

/** A place in the history. Its token is made when it is asked for. */
export class Position {
  readonly #make: () => string
  #token: string | undefined
  readonly sequence: bigint

  constructor(sequence: bigint, make: () => string) {
    this.sequence = sequence
    this.#make = make
  }

  get token(): string {
    this.#token ??= this.#make()
    return this.#token
  }
}

/** The commits of a page and their operations, one at a time. */
export class PageReader {
  readonly bytes: Buffer
  /** Where the current commit begins. */
  #commit = 0
  #at = 0
  #left = 0
  /** The current operation. */
  type = 0
  family = 0
  keyStart = 0
  keyEnd = 0
  secondStart = 0
  secondEnd = 0

  constructor(page: Uint8Array) {
    this.bytes = Buffer.from(page.buffer, page.byteOffset, page.byteLength)
  }

  /** Goes to the next commit. */
  nextCommit(): boolean {
    while (this.nextOperation());
    if (this.#at === this.bytes.length) return false
    this.#commit = this.#at
    this.#left = this.bytes.readUInt32LE(this.#at + CommitAt.operations)
    this.#at += COMMIT_BYTES
    return true
  }

  /** Goes to the next operation of the commit. */
  nextOperation(): boolean {
    if (this.#left === 0) return false
    const { bytes } = this
    const at = this.#at
    this.#left--
    this.type = bytes[at] as number
    this.family = bytes.readUInt32LE(at + 1)
    this.keyStart = at + OPERATION_BYTES - 4
    this.keyEnd = this.keyStart + bytes.readUInt32LE(at + 5)
    this.secondStart = this.keyEnd + 4
    this.secondEnd = this.secondStart + bytes.readUInt32LE(this.keyEnd)
    this.#at = this.secondEnd
    return true
  }

  /** The sequence numbers of the commit's first and last operations. */
  get firstSequence(): bigint {
    return this.bytes.readBigUInt64LE(this.#commit)
  }

  get lastSequence(): bigint {
    return this.bytes.readBigUInt64LE(this.#commit + CommitAt.lastSequence)
  }

  /** How many families had come or gone before the end of the commit. */
  get lifecycle(): number {
    return this.bytes.readUInt32LE(this.#commit + CommitAt.lifecycle)
  }

  /** Milliseconds since 1970; undefined if unknown. */
  get timeMs(): number | undefined {
    const time = this.bytes.readDoubleLE(this.#commit + CommitAt.timeMs)
    return time === 0 ? undefined : time
  }

  /** The place behind the commit. */
  position(connection: Connection, operation: string, place: Place): Position {
    const { bytes } = this
    const at = this.#commit
    const incarnation = bytes.readUInt32LE(at + CommitAt.incarnation)
    const lifecycle = bytes.readUInt32LE(at + CommitAt.lifecycle)
    const sequence = bytes.readBigUInt64LE(at + CommitAt.lastSequence)
    const high = Number(sequence >> 32n)
    const low = Number(sequence & LOW)
    return new Position(sequence, () =>
      connection.run(
        operation,
        (session) => session.changesToken(incarnation, lifecycle, high, low),
        place,
      ),
    )
  }
}

/** A native feed that can be ended at any time, also while it opens. */
export class Feed {
  readonly #connection: Connection
  readonly #operation: string
  readonly #place: Place
  #opened: NativeFeed | undefined
  #ended = false

  constructor(connection: Connection, operation: string, place: Place) {
    this.#connection = connection
    this.#operation = operation
    this.#place = place
  }

  get ended(): boolean {
    return this.#ended
  }

  async open(after: string, withSnapshot: boolean, durable: boolean): Promise<NativeFeed> {
    const { session } = this.#connection
    const opened = (await call(this.#operation, this.#place, (id) =>
      session.openChanges(id, after, withSnapshot, durable),
    )) as NativeFeed
    this.#opened = opened
    if (this.#ended) this.#close()
    return opened
  }

  /** The next page, which is waited for; undefined if it is worth asking again. */
  read(maxBytes: number): Promise<PageReader | undefined> {
    return this.#read(maxBytes, false)
  }

  /** The next page; undefined if there is none yet. */
  readNow(maxBytes: number): Promise<PageReader | undefined> {
    return this.#read(maxBytes, true)
  }

  /** Makes a read that waits resolve to undefined: one that is queued keeps the process alive. */
  pause(): void {
    if (this.#opened === undefined || this.#ended || this.#connection.closed) return
    this.#connection.session.cancelChanges(this.#opened.feed)
  }

  async #read(maxBytes: number, now: boolean): Promise<PageReader | undefined> {
    const { session } = this.#connection
    const { feed } = this.#opened as NativeFeed
    const id = nextId()
    let page = session.readChanges(id, feed, maxBytes)
    if (page === undefined) {
      ids.next = TAKEN
      const read = wait(id, this.#operation, this.#place)
      if (now) session.cancelChanges(feed)
      page = (await read) as Uint8Array
    } else await inTurn(undefined, page.length)
    return page.length === 0 ? undefined : new PageReader(page)
  }

  /** Ends what this holds of a snapshot; the feed goes on. */
  releaseSnapshot(): void {
    const { snapshot } = this.#opened as NativeFeed
    if (snapshot === 0 || this.#ended) return
    ;(this.#opened as NativeFeed).snapshot = 0
    this.#end(snapshot)
  }

  /** Ends it, and whatever waits for it. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#close()
  }

  #close(): void {
    if (this.#opened === undefined) return
    const { feed, snapshot } = this.#opened
    this.#end(feed)
    if (snapshot !== 0) this.#end(snapshot)
  }

  #end(resource: number): void {
    if (this.#connection.closed) return
    try {
      this.#connection.session.end(resource)
    } catch {
      // The environment is ending, and so is all that it had open.
    }
  }
}
