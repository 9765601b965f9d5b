/** `Database.changes`: whole commits, one after another. */
import type { Connection } from '../connection/connection'
import { explain } from '../native/lane'
import type { Families } from '../open/families'
import type { ChangeOf, ChangeStream } from '../types/changes'
import { type AnyChange, KnownFamilies } from './decode'
import { type ChangesRequest, changesRequest } from './options'
import { Feed, type PageReader, Position } from './pages'
import type { Source } from './pull'
import { Stream } from './stream'

const OPERATION = 'changes'

type AnyCommit = ChangeOf<AnyChange>

class Commits implements Source<AnyCommit> {
  readonly #connection: Connection
  readonly #request: ChangesRequest
  readonly #families: KnownFamilies
  readonly #feed: Feed
  #opened = false
  #page: PageReader | undefined
  /** How far it has come. */
  #position: Position | undefined

  constructor(connection: Connection, families: Families, request: ChangesRequest) {
    this.#connection = connection
    this.#request = request
    this.#families = new KnownFamilies(families, request.filter)
    this.#feed = new Feed(connection, OPERATION, connection)
  }

  take(): AnyCommit | undefined {
    const page = this.#page
    while (page?.nextCommit() === true) {
      const operations: AnyChange[] = []
      while (page.nextOperation()) {
        const operation = this.#families.operation(page)
        if (operation !== undefined) operations.push(operation)
      }
      const position = page.position(this.#connection, OPERATION, this.#connection)
      this.#position = position
      if (operations.length > 0) return commitOf(position, page.timeMs, operations)
    }
    this.#page = undefined
    return undefined
  }

  async fill(): Promise<void> {
    if (!this.#opened) {
      const { after, durable } = this.#request
      const { token, sequence, families } = await this.#feed.open(after, false, durable)
      if (this.#feed.ended) return
      this.#opened = true
      this.#position = new Position(sequence, () => token)
      this.#families.learn(families)
    }
    this.#page = await this.#feed.read(this.#request.maxBufferedBytes)
  }

  beat(): AnyCommit | undefined {
    return this.#position && commitOf(this.#position, undefined, [])
  }

  pause(): void {
    this.#feed.pause()
  }

  close(): void {
    this.#page = undefined
    this.#feed.end()
  }
}

function commitOf(
  position: Position,
  timeMs: number | undefined,
  operations: AnyChange[],
): AnyCommit {
  return {
    get token() {
      return position.token
    },
    sequence: position.sequence,
    timeMs,
    operations,
  }
}

/** Implements `Database.changes`. */
export function changes(
  connection: Connection,
  families: Families,
  options: unknown,
): ChangeStream<AnyCommit> {
  try {
    connection.assertOpen(OPERATION)
    const request = changesRequest(families, options)
    // The caller's options may have closed it.
    connection.assertOpen(OPERATION)
    const { signal, heartbeatMs } = request
    const source = new Commits(connection, families, request)
    const place = connection
    return new Stream({ connection, operation: OPERATION, place, signal, heartbeatMs }, source)
  } catch (error) {
    throw explain(error, OPERATION, connection)
  }
}
