/** Runs a function as a transaction, and again if others have changed what it read. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { RocksDBError } from '../base/errors'
import { inTurn } from '../base/turns'
import type { Connection } from '../connection/connection'
import { aborted, limited, timedOut } from '../connection/requests'
import { explain, ids, nextId, TAKEN, wait } from '../native/lane'
import { Turn, YIELDS } from '../native/transactions'
import { isThenable, notApplied, type RunRequest, refusePromise } from './options'
import { TransactionState } from './state'
import { commit, commitSync } from './traced'

/** Makes the object that the function receives. */
type MakeTransaction = (state: TransactionState) => unknown
type Body = (tx: unknown) => unknown

/** A running function. */
interface Running {
  connection: Connection
  active: boolean
}

const FIRST_DELAY_MS = 1
const LONGEST_DELAY_MS = 100
/**
 * How long it waits for who runs again before it. That one may be waiting for what only this one can bring about:
 * then it goes first after all.
 */
const PATIENCE_MS = 1000

/** Errors after which the same function may succeed if it is run again. */
const RETRIED: readonly string[] = ['ERR_CONFLICT', 'ERR_DEADLOCK', 'ERR_TRANSACTION_TOO_OLD']

/**
 * The function that the caller runs in. Before Node 24, tracking this slows every promise of the
 * process by some percent, so it is enabled only while functions are running.
 */
const running = new AsyncLocalStorage<Running>()
let runs = 0
let disabling = false
/** Functions of `transactionSync` that are running on this thread. */
const runningSync: Running[] = []

/** A nested transaction could only wait for its outer one, forever. */
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
  // Not at once: the next run usually begins within this turn.
  setImmediate(() => {
    disabling = false
    if (runs === 0) running.disable()
  }).unref()
}

function mayRetry(error: unknown): error is RocksDBError {
  return error instanceof RocksDBError && error.retryable && RETRIED.includes(error.code)
}

/** A random delay below a bound that doubles. */
function delayMs(attempt: number): number {
  return Math.random() * Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 16))
}

/** One run: its attempts, one after another. */
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
    const flags = request.flags | YIELDS
    this.state = new TransactionState(connection, request.isolation, flags, 'transaction')
  }

  /** Settles like the promise, unless the signal or the deadline comes first. */
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

  /** Runs the function once, without committing. */
  call(body: Body, make: MakeTransaction, self: Running): unknown {
    return running.run(self, body, make(this.state))
  }

  /** Prepares the next attempt. After a conflict about a key it waits in line for that key. */
  async again(attempt: number): Promise<void> {
    const { number, id } = this.state
    const { isolation } = this.#request
    let flags = this.#request.flags | YIELDS
    this.state.giveUp()
    const connection = this.#connection
    const operation = nextId()
    const turn = connection.session.retryTransaction(operation, number, true)
    if (turn === Turn.waits) {
      ids.next = TAKEN
      const came = await this.limit(within(wait(operation, 'transaction', connection), PATIENCE_MS))
      if (!came) flags = this.#request.flags
    } else if (turn === Turn.free) {
      await this.limit(pause(delayMs(attempt)))
    }
    this.state = new TransactionState(connection, isolation, flags, 'transaction', { number, id })
  }

  /** Ends the run, successful or not. */
  end(): void {
    endNative(this.state)
  }
}

/** The error of a run that its signal or deadline ended before it could commit. */
function ended(error: unknown, connection: Connection): unknown {
  return explain(notApplied(error), 'transaction', connection)
}

/** Rolls back, including a native transaction that was kept for a retry. */
function endNative(state: TransactionState): void {
  if (state.committed) return
  state.rollback()
  const { connection, number } = state
  if (!connection.closed) connection.session.endTransaction(number)
}

/** Whether a promise is kept within a time. */
function within(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), milliseconds)
    const kept = () => resolve(true)
    promise.then(kept, reject).finally(() => clearTimeout(timer))
  })
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** Implements `Database.transaction`. */
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
        const committing = commit(state) ?? inTurn(undefined, 0)
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

/** Implements `Database.transactionSync`. */
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
  commitSync(state)
  return result
}
