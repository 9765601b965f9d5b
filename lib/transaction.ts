/** Transactions: the methods; the work is in `transactions/`. */
import { checkInside, INSIDE, invalidThis, isObject } from './base/receiver'
import { settled } from './base/turns'
import { handleIn } from './batch'
import { readLifetime } from './codecs/envelope'
import type { FamilyHandle } from './connection/handle'
import type { AnyCounters } from './counter-family'
import type { AnyFamily, BoundOf, KeyInputOf, KeyOf, ValueInputOf, ValueOf } from './families'
import { savepoint, savepointSync } from './transactions/savepoints'
import type { TransactionState } from './transactions/state'
import * as calls from './transactions/traced'
import { INCREMENT, KINDS } from './types/kinds'
import type { Lifetime } from './types/lifetimes'
import type { Bounds, Range } from './types/ranges'
import type {
  LockingReadOptions,
  SyncLockingReadOptions,
  SyncTransactionReadOptions,
  TransactionReadOptions,
} from './types/transactions'
import { counters } from './writes/counters'

/** @internal The transaction of a state. */
export let makeTransaction: (state: TransactionState) => Transaction

/** The state behind `this`. Throws `ERR_INVALID_THIS`. */
let own: (receiver: unknown) => TransactionState

/** The handle of a family of the transaction's database. */
function of({ connection }: TransactionState, family: AnyFamily): FamilyHandle {
  return handleIn(connection, family)
}

/** Ends what nobody has ended, and nobody can any more. */
const lost = new FinalizationRegistry<TransactionState>((state) => state.rollback())

/** @internal Rolls it back when nobody holds it any more. */
export function endWhenLost(transaction: Transaction, state: TransactionState): void {
  lost.register(transaction, state)
}

/**
 * Reads at one moment and writes of any families that are committed at once, where what was read still
 * holds. `Database.transaction` gives one to its function; `Database.begin` returns one to commit by hand.
 *
 * Reads see the database as it was when the transaction began, and its own writes. Writes are collected:
 * nobody else sees them before the commit. Reads fail as those of a family do; every call after the end
 * fails with `ERR_TRANSACTION_DONE`.
 *
 * @example
 * ```ts
 * await using tx = db.begin()
 * const ada = await tx.get(users, 'ada')
 * if (ada) tx.put(users, 'ada', { ...ada, name: 'Ada Lovelace' })
 * await tx.commit()
 * ```
 */
export class Transaction {
  readonly #state: TransactionState

  static {
    own = (receiver) => {
      if (isObject(receiver) && #state in receiver) return receiver.#state
      throw invalidThis('Transaction', receiver)
    }
    makeTransaction = (state) => new Transaction(INSIDE, state)
  }

  private constructor(inside: unknown, state: TransactionState) {
    checkInside(inside, 'Transaction', 'db.transaction() or db.begin()')
    this.#state = state
  }

  /** Its number in `Database.transactions`, in errors and in events. */
  get id(): number {
    return own(this).id
  }

  /** Whether it has ended: committed, rolled back, or given up for another attempt. */
  get done(): boolean {
    return own(this).done
  }

  /**
   * Resolves to the value of a key, or to undefined where there is none; see `ColumnFamily.get`.
   *
   * With `forUpdate` it locks the key: others who want its lock wait, in their order, until this
   * transaction ends, and it reads the newest value. Fails with `ERR_DEADLOCK` where waiting would never
   * end, with `ERR_LOCK_TIMEOUT` after `lockTimeoutMs`, and with `ERR_CONFLICT` where others have changed
   * what was read before.
   */
  get<Family extends AnyFamily>(
    family: Family,
    key: KeyInputOf<Family>,
    options?: LockingReadOptions,
  ): Promise<ValueOf<Family> | undefined> {
    try {
      const state = own(this)
      return calls.get(state, of(state, family), key, options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** `get` on this thread. With `forUpdate` it does not wait for a lock. */
  getSync<Family extends AnyFamily>(
    family: Family,
    key: KeyInputOf<Family>,
    options?: SyncLockingReadOptions,
  ): ValueOf<Family> | undefined {
    const state = own(this)
    return calls.getSync(state, of(state, family), key, options)
  }

  /** Resolves to the values of many keys, in their order; see `ColumnFamily.getMany`. */
  async getMany<Family extends AnyFamily>(
    family: Family,
    keys: readonly KeyInputOf<Family>[],
    options?: TransactionReadOptions,
  ): Promise<(ValueOf<Family> | undefined)[]> {
    const state = own(this)
    return calls.getMany(state, of(state, family), keys, options)
  }

  /** `getMany` on this thread. */
  getManySync<Family extends AnyFamily>(
    family: Family,
    keys: readonly KeyInputOf<Family>[],
    options?: SyncTransactionReadOptions,
  ): (ValueOf<Family> | undefined)[] {
    const state = own(this)
    return calls.getManySync(state, of(state, family), keys, options)
  }

  /** Resolves to whether the key is there. */
  async has<Family extends AnyFamily>(
    family: Family,
    key: KeyInputOf<Family>,
    options?: TransactionReadOptions,
  ): Promise<boolean> {
    const state = own(this)
    return calls.has(state, of(state, family), key, options)
  }

  /** `has` on this thread. */
  hasSync<Family extends AnyFamily>(
    family: Family,
    key: KeyInputOf<Family>,
    options?: SyncTransactionReadOptions,
  ): boolean {
    const state = own(this)
    return calls.hasSync(state, of(state, family), key, options)
  }

  /**
   * Iterates over the rows of a range, with the transaction's own writes as they were at the first step. The
   * range is remembered as read up to the last row that was given; at the end of the range, all of it.
   */
  entries<Family extends AnyFamily>(
    family: Family,
    options?: Range<BoundOf<Family>> & TransactionReadOptions,
  ): AsyncIterableIterator<[KeyOf<Family>, ValueOf<Family>]> {
    const state = own(this)
    return calls.scan(state, of(state, family), 'entries', options)
  }

  /** `entries` on this thread. */
  entriesSync<Family extends AnyFamily>(
    family: Family,
    options?: Range<BoundOf<Family>> & SyncTransactionReadOptions,
  ): IterableIterator<[KeyOf<Family>, ValueOf<Family>]> {
    const state = own(this)
    return calls.scanSync(state, of(state, family), 'entries', options)
  }

  /** Iterates over the keys of a range, as `entries` does. */
  keys<Family extends AnyFamily>(
    family: Family,
    options?: Range<BoundOf<Family>> & TransactionReadOptions,
  ): AsyncIterableIterator<KeyOf<Family>> {
    const state = own(this)
    return calls.scan(state, of(state, family), 'keys', options)
  }

  /** `keys` on this thread. */
  keysSync<Family extends AnyFamily>(
    family: Family,
    options?: Range<BoundOf<Family>> & SyncTransactionReadOptions,
  ): IterableIterator<KeyOf<Family>> {
    const state = own(this)
    return calls.scanSync(state, of(state, family), 'keys', options)
  }

  /** Iterates over the values of a range, as `entries` does. */
  values<Family extends AnyFamily>(
    family: Family,
    options?: Range<BoundOf<Family>> & TransactionReadOptions,
  ): AsyncIterableIterator<ValueOf<Family>> {
    const state = own(this)
    return calls.scan(state, of(state, family), 'values', options)
  }

  /** `values` on this thread. */
  valuesSync<Family extends AnyFamily>(
    family: Family,
    options?: Range<BoundOf<Family>> & SyncTransactionReadOptions,
  ): IterableIterator<ValueOf<Family>> {
    const state = own(this)
    return calls.scanSync(state, of(state, family), 'values', options)
  }

  /** Resolves to the number of rows in a range, at most `limit`. All of the range is remembered as read. */
  async count<Family extends AnyFamily>(
    family: Family,
    options?: Range<BoundOf<Family>> & TransactionReadOptions,
  ): Promise<number> {
    const state = own(this)
    return calls.count(state, of(state, family), options)
  }

  /** Resolves to the first row of a range, in the order of the keys, or to undefined where there is none. */
  async first<Family extends AnyFamily>(
    family: Family,
    options?: Bounds<BoundOf<Family>> & TransactionReadOptions,
  ): Promise<[KeyOf<Family>, ValueOf<Family>] | undefined> {
    const state = own(this)
    return calls.end(state, of(state, family), options, false)
  }

  /** `first` on this thread. */
  firstSync<Family extends AnyFamily>(
    family: Family,
    options?: Bounds<BoundOf<Family>> & SyncTransactionReadOptions,
  ): [KeyOf<Family>, ValueOf<Family>] | undefined {
    const state = own(this)
    return calls.endSync(state, of(state, family), options, false)
  }

  /** Resolves to the last row of a range, in the order of the keys, or to undefined where there is none. */
  async last<Family extends AnyFamily>(
    family: Family,
    options?: Bounds<BoundOf<Family>> & TransactionReadOptions,
  ): Promise<[KeyOf<Family>, ValueOf<Family>] | undefined> {
    const state = own(this)
    return calls.end(state, of(state, family), options, true)
  }

  /** `last` on this thread. */
  lastSync<Family extends AnyFamily>(
    family: Family,
    options?: Bounds<BoundOf<Family>> & SyncTransactionReadOptions,
  ): [KeyOf<Family>, ValueOf<Family>] | undefined {
    const state = own(this)
    return calls.endSync(state, of(state, family), options, true)
  }

  /**
   * Sets the value of a key, with the commit, for as long as the options say. Fails with `ERR_OUT_OF_RANGE` where the writes of the
   * transaction are over 64 MiB.
   */
  put<Family extends AnyFamily>(
    family: Family,
    key: KeyInputOf<Family>,
    value: ValueInputOf<Family>,
    options?: Lifetime,
  ): void {
    const state = own(this)
    const handle = of(state, family)
    state.add(KINDS.put, handle, key, value, readLifetime(handle, options))
  }

  /** Removes a key, with the commit. A missing one is no error. */
  delete<Family extends AnyFamily>(family: Family, key: KeyInputOf<Family>): void {
    const state = own(this)
    state.add(KINDS.delete, of(state, family), key, undefined)
  }

  /** Removes the keys from `begin` up to, not including, `end`, with the commit. */
  deleteRange<Family extends AnyFamily>(
    family: Family,
    begin: BoundOf<Family>,
    end: BoundOf<Family>,
  ): void {
    const state = own(this)
    state.add(KINDS.deleteRange, of(state, family), begin, end)
  }

  /**
   * Merges an operand into the value of a key, with the commit; see `ColumnFamily.merge`. It is merged into
   * whatever is there then, so others' writes to the key are no conflict.
   */
  merge<Family extends AnyFamily>(
    family: Family,
    key: KeyInputOf<Family>,
    operand: ValueInputOf<Family>,
  ): void {
    const state = own(this)
    state.add(KINDS.merge, of(state, family), key, operand)
  }

  /**
   * Adds to a counter, 1n by default, with the commit; see `CounterFamily.increment`. As with `merge`, others'
   * writes to the key are no conflict, unless it was read as well.
   */
  increment<Family extends AnyCounters>(
    family: Family,
    key: KeyInputOf<Family>,
    by: bigint = 1n,
  ): void {
    const state = own(this)
    state.add(INCREMENT, counters(of(state, family)), key, by)
  }

  /**
   * Runs a part of the transaction. Where it throws, what it wrote is taken back, the error is passed on, and
   * the transaction can go on. Locks stay, and what was read stays remembered.
   */
  async savepoint<T>(part: () => Promise<T> | T): Promise<T> {
    return savepoint(own(this), part)
  }

  /** `savepoint` on this thread, of a function that returns no promise. */
  savepointSync<T>(part: () => T): T {
    return savepointSync(own(this), part)
  }

  /**
   * Commits, and ends it. Fails with `ERR_CONFLICT` where others have changed what it has read or writes, with
   * `ERR_TRANSACTION_TOO_OLD` where too much was written meanwhile to tell, and as `Database.write` does; it
   * is rolled back then, unless `error.outcome` is `'unknown'`.
   */
  async commit(): Promise<void> {
    const state = own(this)
    try {
      await (calls.commit(state) ?? settled(undefined))
    } catch (error) {
      state.rollback()
      throw error
    }
  }

  /** `commit` on this thread. */
  commitSync(): void {
    const state = own(this)
    try {
      calls.commitSync(state)
    } catch (error) {
      state.rollback()
      throw error
    }
  }

  /** Ends it without writing anything. Doing it again, or after the commit, is no error. */
  rollback(): void {
    own(this).rollback()
  }

  /** `rollback`, for `using`. */
  [Symbol.dispose](): void {
    this.rollback()
  }

  /** `rollback`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.rollback()
  }
}
