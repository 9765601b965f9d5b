/** Runs a function as a transaction, and again where others have changed what it read. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { RocksDBError } from '../base/errors'
import { inTurn } from '../base/turns'
import type { Connection } from '../connection/connection'
import { aborted, limited, timedOut } from '../connection/requests'
import { explain, ids, nextId, TAKEN, wait } from '../native/lane'
import { Turn } from '../native/transactions'
import { isThenable, notApplied, type RunRequest, refusePromise } from './options'
import { TransactionState } from './state'

/** Makes the object that the function is given. */
type MakeTransaction = (state: TransactionState) => unknown
type Body = (tx: unknown) => unknown

/** A function that is being run. */
interface Running {
  connection: Connection
  active: boolean
}

const FIRST_DELAY_MS = 1
const LONGEST_DELAY_MS = 100

/** Errors after which the same function may succeed. */
const RETRIED: readonly string[] = ['ERR_CONFLICT', 'ERR_DEADLOCK', 'ERR_TRANSACTION_TOO_OLD']

/**
 * Which function the caller runs in. To know it costs every promise of the process some percent, before
 * Node 24: so it is known only while there are functions that run.
 */
const running = new AsyncLocalStorage<Running>()
let runs = 0
let disabling = false
/** Those of this thread that run without a promise. */
const runningSync: Running[] = []

/** A transaction inside of another's function could only wait for it. */
function refuseNested(connection: Connection): void {
  const outer = runs > 0 ? running.getStore() : undefined
  const sync = runningSync.some((each) => each.connection === connection)
  if (!sync && (outer === undefined || outer.connection !== connection || !outer.active)) return
  throw new RocksDBError(
    'a transaction inside of the function of another one of the same database would wait for itself: ' +
      'use the transaction that the function was given, and tx.savepoint() for what may fail',
    { code: 'ERR_DEADLOCK', outcome: 'notApplied' },
  )
}

function enterRun(): void {
  runs++
}

function leaveRun(): void {
  runs--
  if (runs > 0 || disabling) return
  disabling = true
  // Not at once: the next one comes mostly within this turn.
  setImmediate(() => {
    disabling = false
    if (runs === 0) running.disable()
  }).unref()
}

function mayRetry(error: unknown): error is RocksDBError {
  return error instanceof RocksDBError && error.retryable && RETRIED.includes(error.code)
}

/** A time between 0 and a bound that doubles. */
function delayMs(attempt: number): number {
  return Math.random() * Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 16))
}

/** A run: its attempts, one after another. */
class Run {
  readonly #connection: Connection
  readonly #request: RunRequest
  readonly #ends: number | undefined
  state: TransactionState

  constructor(connection: Connection, request: RunRequest) {
    this.#connection = connection
    this.#request = request
    const { deadlineMs } = request
    this.#ends = deadlineMs === 0 ? undefined : performance.now() + deadlineMs
    this.state = new TransactionState(connection, request.isolation, request.flags, 'transaction')
  }

  /** What a promise gives, unless the signal or the deadline comes first. */
  limit<T>(promise: PromiseLike<T>): PromiseLike<T> {
    const { signal } = this.#request
    if (signal === undefined && this.#ends === undefined) return promise
    const rest = this.#ends === undefined ? undefined : this.#ends - performance.now()
    const explained = (error: unknown) => ended(error, this.#connection)
    return limited(Promise.resolve(promise), signal, rest, explained)
  }

  checkLimits(): void {
    const { signal } = this.#request
    if (signal?.aborted === true) throw ended(aborted(signal), this.#connection)
    if (this.#ends !== undefined && performance.now() >= this.#ends) {
      throw ended(timedOut(), this.#connection)
    }
  }

  /** Runs the function once, without the commit. */
  call(body: Body, make: MakeTransaction, self: Running): unknown {
    return running.run(self, body, make(this.state))
  }

  /** Makes ready for the next attempt: after a conflict of a key, behind those who came before for it. */
  async again(attempt: number): Promise<void> {
    const { number, id, flags } = this.state
    const { isolation } = this.#request
    this.state.giveUp()
    const connection = this.#connection
    const operation = nextId()
    const turn = connection.session.retryTransaction(operation, number, true)
    if (turn === Turn.waits) {
      ids.next = TAKEN
      await this.limit(wait(operation, 'transaction', connection))
    } else if (turn === Turn.free) {
      await this.limit(pause(delayMs(attempt)))
    }
    this.state = new TransactionState(connection, isolation, flags, 'transaction', { number, id })
  }

  /** Ends it for good. */
  end(): void {
    endNative(this.state)
  }
}

/** The error of a run that its signal or its deadline has ended, before it could commit. */
function ended(error: unknown, connection: Connection): unknown {
  return explain(notApplied(error), 'transaction', connection)
}

/** Rolls back, the native one as well where it was to be retried. */
function endNative(state: TransactionState): void {
  if (state.committed) return
  state.rollback()
  const { connection, number } = state
  if (!connection.closed) connection.session.endTransaction(number)
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** The work of `Database.transaction`. */
export async function runTransaction(
  connection: Connection,
  body: Body,
  request: RunRequest,
  make: MakeTransaction,
): Promise<unknown> {
  refuseNested(connection)
  connection.assertOpen('transaction')
  const run = new Run(connection, request)
  const self: Running = { connection, active: true }
  enterRun()
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        const { state } = run
        if (state.begun !== undefined) await run.limit(state.begun)
        let result = run.call(body, make, self)
        if (isThenable(result)) result = await run.limit(result)
        const committing = state.tryCommit() ?? inTurn(undefined, 0)
        if (committing !== undefined) await committing
        return result
      } catch (error) {
        if (attempt >= request.maxRetries || !mayRetry(error)) throw error
        run.checkLimits()
        await run.again(attempt)
      }
    }
  } finally {
    self.active = false
    leaveRun()
    run.end()
  }
}

/** The work of `Database.transactionSync`. */
export function runTransactionSync(
  connection: Connection,
  body: Body,
  request: RunRequest,
  make: MakeTransaction,
): unknown {
  refuseNested(connection)
  connection.assertOpen('transaction')
  const { isolation, flags, maxRetries } = request
  let state = new TransactionState(connection, isolation, flags, 'transaction')
  const self: Running = { connection, active: true }
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        return attemptSync(state, body, make, self)
      } catch (error) {
        if (attempt >= maxRetries || !mayRetry(error)) throw error
        const { number, id } = state
        state.giveUp()
        connection.session.retryTransaction(0, number, false)
        state = new TransactionState(connection, isolation, flags, 'transaction', { number, id })
      }
    }
  } finally {
    self.active = false
    endNative(state)
  }
}

function attemptSync(
  state: TransactionState,
  body: Body,
  make: MakeTransaction,
  self: Running,
): unknown {
  runningSync.push(self)
  let result: unknown
  try {
    result = body(make(state))
  } finally {
    runningSync.pop()
  }
  refusePromise(result, 'transaction')
  state.tryCommitSync()
  return result
}
