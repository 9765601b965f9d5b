/** Takes commits from the change feed, and puts them into segments. */
import { Feed, type PageReader } from '../changes/pages'
import type { Connection } from '../connection/connection'
import { ChangeType } from '../native/changes'
import type { Chain } from './chain'
import { lifecycleOf } from './tokens'

/** What a segment has at most, but for one commit. */
const SEGMENT_BYTES = 16 << 20

const OPERATION = 'backup'

/** A segment that is made, and may be there already. */
interface Made {
  bytes: Buffer
  last: bigint
  token: string
}

/** The history of a database, and the last operation that was committed. */
export async function placeNow(connection: Connection) {
  const feed = new Feed(connection, OPERATION, connection)
  const { epoch, sequence, token } = await feed.open('now', false, false)
  feed.end()
  return { epoch, sequence, lifecycle: lifecycleOf(token) }
}

export class Sender {
  /** Everything up to this operation is in segments, and what comes next. */
  sequence: bigint
  token: string
  /** Since when something waits, in milliseconds since 1970; undefined if nothing does. */
  waitingSince: number | undefined
  bytesSent = 0
  segments = 0
  readonly generation: string
  readonly #connection: Connection
  readonly #chain: Chain
  readonly #feed: Feed
  readonly #families = new Map<number, string>()
  #pages: PageReader[] = []
  #pageBytes = 0
  #made: Made | undefined

  private constructor(
    connection: Connection,
    chain: Chain,
    feed: Feed,
    generation: string,
    begin: { sequence: bigint; token: string },
  ) {
    this.#connection = connection
    this.#chain = chain
    this.#feed = feed
    this.generation = generation
    this.sequence = begin.sequence
    this.token = begin.token
  }

  /** Begins behind a token, or 'now'. Fails where what follows is not there any more. */
  static async open(
    connection: Connection,
    chain: Chain,
    after: string,
    generation: string,
  ): Promise<Sender> {
    const feed = new Feed(connection, OPERATION, connection)
    const opened = await feed.open(after, false, false)
    const sender = new Sender(connection, chain, feed, generation, opened)
    for (const { id, name, dropped } of opened.families) {
      if (!dropped) sender.#families.set(id, name)
    }
    return sender
  }

  get bytesWaiting(): number {
    return this.#pageBytes + (this.#made?.bytes.length ?? 0)
  }

  /** Resolves once there is something to be sent, or after `wake`. */
  async wait(): Promise<void> {
    if (this.#made !== undefined || this.#pages.length > 0) return
    this.#take(await this.#feed.read(SEGMENT_BYTES))
  }

  /** Takes what is there, if it is: fails where it is not any more. */
  async look(): Promise<void> {
    this.#take(await this.#feed.readNow(SEGMENT_BYTES))
  }

  wake(): void {
    this.#feed.pause()
  }

  /** Sends what is there. Resolves to whether more may be. */
  async send(signal: AbortSignal): Promise<boolean> {
    if (this.#made === undefined) {
      let more = true
      while (more && this.#pageBytes < SEGMENT_BYTES) {
        more = this.#take(await this.#feed.readNow(SEGMENT_BYTES - this.#pageBytes))
      }
      if (this.#pages.length === 0) {
        this.waitingSince = undefined
        return false
      }
      this.#make()
    }
    const { bytes, last, token } = this.#made as unknown as Made
    await this.#chain.append(bytes, signal)
    this.#made = undefined
    this.sequence = last
    this.token = token
    this.bytesSent += bytes.length
    this.segments++
    if (this.#pages.length === 0) this.waitingSince = undefined
    return true
  }

  end(): void {
    this.#feed.end()
  }

  #take(page: PageReader | undefined): boolean {
    if (page === undefined) return false
    this.waitingSince ??= Date.now()
    this.#pages.push(page)
    this.#pageBytes += page.bytes.length
    return true
  }

  /** Makes a segment of the pages. */
  #make(): void {
    const families: [number, string][] = [...this.#families]
    let last = this.sequence
    let token = this.token
    for (const page of this.#pages) {
      while (page.nextCommit()) {
        if (page.lastSequence > last) last = page.lastSequence
        while (page.nextOperation()) this.#note(page)
        token = page.position(this.#connection, OPERATION, this.#connection).token
      }
    }
    const { generation, sequence } = this
    const head = { generation, first: sequence + 1n, last, token, families, timeMs: Date.now() }
    const bytes = this.#chain.make(head, Buffer.concat(this.#pages.map((page) => page.bytes)))
    this.#made = { bytes, last, token }
    this.#pages = []
    this.#pageBytes = 0
  }

  /** Follows families that come and go. */
  #note({ type, family, bytes, keyStart, keyEnd }: PageReader): void {
    if (type === ChangeType.createFamily) {
      this.#families.set(family, bytes.toString('utf8', keyStart, keyEnd))
    } else if (type === ChangeType.dropFamily) this.#families.delete(family)
  }
}
