/**
 * The state behind a `Transaction`: its writes that native does not have yet, and its stage of
 * life.
 */
import { outOfRange } from '../base/arguments'
import { RocksDBError } from '../base/errors'
import type { Connection } from '../connection/connection'
import type { FamilyHandle } from '../connection/handle'
import { TransactionView } from '../connection/view'
import { explain, ids, nextId, state as slots, TAKEN, wait } from '../native/lane'
import { begunId, hasBegun } from '../native/transactions'
import type { Kind } from '../types/kinds'
import { HEADER, prepareFirst, prepareSecond, Records } from '../writes/records'
import { forgetOpen, rememberOpen } from './open-ones'
import type { Progress } from './scans'

/** The most bytes that a transaction may write; native has the same limit. */
const MOST_WRITE_BYTES = 64 * 1024 * 1024

const NO_WRITES = Buffer.alloc(HEADER)

/** Whether reads must not have changed until the commit. */
export type Isolation = 'serializable' | 'snapshot'

/** Its stage of life. */
type Life = 'open' | 'committing' | 'committed' | 'rolledBack'

/** A position among the writes. */
export interface Mark {
  byteLength: number
  count: number
}

const NOTHING_SENT: Mark = Object.freeze({ byteLength: HEADER, count: 0 })

/** Records of ended transactions, reused by new ones. */
const spare: Records[] = []
const MOST_SPARE = 16
/** Larger ones are not reused. */
const KEPT_BYTES = 16 * 1024

function takeRecords(): Records {
  return spare.pop() ?? new Records()
}

function giveRecords(records: Records): void {
  if (spare.length >= MOST_SPARE || records.sink.capacity > KEPT_BYTES) return
  records.clear()
  spare.push(records)
}

/** One attempt of a transaction. A retry gets its own state over the same native transaction. */
export class TransactionState {
  readonly connection: Connection
  /** Native's number of it. */
  readonly number: number
  /** Its id in messages. */
  readonly id: number
  /** Bits of `WriteFlag` of the commit. */
  readonly flags: number
  readonly view: TransactionView
  /** Scans in progress. */
  readonly scans: Progress[] = []
  /** Pending until it has begun; undefined afterwards. */
  begun: Promise<void> | undefined
  /** The marks of the open savepoints, outermost first. */
  readonly marks: Mark[] = []
  /** Why it can only be rolled back, if it is so. */
  broken: RocksDBError | undefined
  /** How many locks it is waiting for. */
  waits = 0
  // For open-ones.ts.
  since = 0
  stack: string | undefined
  told = false
  #life: Life = 'open'
  #records: Records | undefined
  /** The mark up to which native has the writes. */
  #sent = NOTHING_SENT

  constructor(
    connection: Connection,
    isolation: Isolation,
    flags: number,
    operation: string,
    again?: Again,
  ) {
    this.connection = connection
    this.flags = flags
    if (again === undefined) {
      const begin = () => connection.session.beginTransaction(isolation === 'snapshot' ? 1 : 0)
      this.number = connection.run(operation, begin)
      this.id = begunId(slots)
      if (!hasBegun(slots)) this.#startLater()
    } else {
      this.number = again.number
      this.id = again.id
      this.#startAgain()
    }
    this.view = new TransactionView(this.number)
    rememberOpen(this)
  }

  /** Whether it has ended in any way. */
  get done(): boolean {
    return this.#life !== 'open'
  }

  get committed(): boolean {
    return this.#life === 'committed'
  }

  /** Throws if it has ended. */
  assertOpen(operation: string): void {
    if (this.#life === 'open') return
    const how = this.#life === 'rolledBack' ? 'was rolled back' : 'was committed'
    const error = new RocksDBError(`the transaction ${how}, and takes no more calls`, {
      code: 'ERR_TRANSACTION_DONE',
      outcome: 'notApplied',
    })
    throw explain(error, operation, this.connection)
  }

  /** Call before a read: throws if the transaction has ended, and passes its writes to native. */
  enter(operation: string): void {
    this.assertOpen(operation)
    const records = this.#records
    if (records === undefined || records.count === 0) return
    const { session } = this.connection
    session.appendToTransaction(this.number, records.encoded(), records.byteLength)
    this.#sent = this.mark()
    records.clear()
  }

  /** `enter` for synchronous calls; waits until the transaction has begun. */
  enterSync(operation: string): void {
    this.enter(operation)
    if (this.begun === undefined) return
    this.connection.session.startTransactionNow(this.number)
    this.begun = undefined
  }

  /** Adds a write; see `prepareSecond`. */
  add(
    kind: Kind,
    family: FamilyHandle,
    key: unknown,
    second: unknown,
    expiresAtMs?: number | undefined,
  ): void {
    this.assertOpen(kind.type)
    const preparedKey = prepareFirst(kind, family, key)
    const preparedSecond = prepareSecond(kind, family, preparedKey, second, expiresAtMs)
    // A codec may have ended it, and its records may be another one's by now.
    this.assertOpen(kind.type)
    this.#records ??= takeRecords()
    const records = this.#records
    const { byteLength, count } = records
    records.append(kind, family, preparedKey, preparedSecond)
    const total = this.#sent.byteLength + records.byteLength - HEADER
    if (total <= MOST_WRITE_BYTES) return
    records.cut(byteLength, count)
    throw outOfRange('the writes of a transaction', `<= ${MOST_WRITE_BYTES} bytes`, total)
  }

  /** The position after all writes so far. */
  mark(): Mark {
    const { byteLength, count } = this.#sent
    const records = this.#records
    if (records === undefined) return { byteLength, count }
    return { byteLength: byteLength + records.byteLength - HEADER, count: count + records.count }
  }

  /** Takes back the writes after a mark. */
  cut(mark: Mark): void {
    const sent = this.#sent
    const records = this.#records
    if (mark.byteLength >= sent.byteLength) {
      records?.cut(mark.byteLength - sent.byteLength + HEADER, mark.count - sent.count)
      return
    }
    records?.clear()
    this.connection.session.rollBackTransaction(this.number, mark.byteLength, mark.count)
    this.#sent = mark
  }

  /** Notes that the range in the request record was read. */
  noteRange(): void {
    if (this.#life !== 'open' || this.connection.closed) return
    this.connection.session.noteRange(this.number)
  }

  /**
   * Commits. Returns undefined if that is done at once. After a failure, either retry with native's
   * transaction or call `rollback`.
   */
  tryCommit(): Promise<void> | undefined {
    this.#prepareCommit()
    if (this.begun !== undefined) return this.begun.then(() => this.#commit())
    return this.#commit()
  }

  #commit(): Promise<void> | undefined {
    this.assertOpen('commit')
    const { connection, number, flags } = this
    const records = this.#records
    const bytes = records === undefined ? NO_WRITES : records.encoded()
    const size = records === undefined ? HEADER : records.byteLength
    this.#life = 'committing'
    const id = nextId()
    try {
      if (connection.session.commitTransaction(id, number, bytes, size, flags)) {
        this.#finish('committed')
        return undefined
      }
    } catch (error) {
      throw explain(error, 'commit', connection)
    }
    ids.next = TAKEN
    return wait(id, 'commit', connection).then(() => {
      if (!connection.closed) connection.session.endTransaction(number)
      this.#finish('committed')
    })
  }

  /** `tryCommit` on this thread. */
  tryCommitSync(): void {
    this.#prepareCommit()
    const { connection, number, flags } = this
    const records = this.#records
    const bytes = records === undefined ? NO_WRITES : records.encoded()
    const size = records === undefined ? HEADER : records.byteLength
    if (this.begun !== undefined) connection.session.startTransactionNow(number)
    this.begun = undefined
    this.#life = 'committing'
    connection.run('commit', (session) => session.commitTransactionNow(number, bytes, size, flags))
    this.#finish('committed')
  }

  /** Rolls it back, unless it has ended. */
  rollback(): void {
    if (this.#life === 'committed' || this.#life === 'rolledBack') return
    this.#finish('rolledBack')
    if (!this.connection.closed) this.connection.session.endTransaction(this.number)
  }

  /** This attempt is over; native's lives on for the next one. */
  giveUp(): void {
    this.#finish('rolledBack')
  }

  #finish(life: Life): void {
    this.#life = life
    this.scans.length = 0
    if (this.#records !== undefined) giveRecords(this.#records)
    this.#records = undefined
    forgetOpen(this)
  }

  /** Ends the scans, which notes what they read. Throws if anything else is in progress. */
  #prepareCommit(): void {
    this.assertOpen('commit')
    if (this.broken !== undefined) throw this.broken
    if (this.marks.length > 0 || this.waits > 0) {
      const what = this.marks.length > 0 ? 'a savepoint' : 'a locking read'
      const error = new RocksDBError(`${what} of the transaction is still under way: await it`, {
        code: 'ERR_BUSY',
        outcome: 'notApplied',
      })
      throw explain(error, 'commit', this.connection)
    }
    while (this.scans.length > 0) this.scans[0]?.end()
  }

  #startAgain(): void {
    const { session } = this.connection
    if (!session.startTransaction(this.number)) this.#startLater()
  }

  #startLater(): void {
    const { connection, number } = this
    const begun = connection.call('transaction', (session, id) =>
      session.startTransactionLater(id, number),
    )
    this.begun = begun.then(() => {
      this.begun = undefined
    })
    this.begun.catch(() => {})
  }
}

/** What a retry continues with. */
export interface Again {
  readonly number: number
  readonly id: number
}
