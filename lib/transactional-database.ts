/** The part of `Database` that runs transactions. */
import { readOptions } from './base/arguments'
import { guardReceivers } from './base/receiver'
import { handleIn, recordsOf } from './batch'
import type { Connection } from './connection/connection'
import { writeFlags } from './connection/requests'
import type { Comparisons, DefaultFamily, Operations } from './families'
import { isDatabase, OpenDatabase, partsOf } from './open-database'
import { traced, tracedSync } from './traces/trace'
import { endWhenLost, makeTransaction, type Transaction } from './transaction'
import {
  type Check,
  compareAndWrite,
  compareAndWriteSync,
  readChecks,
} from './transactions/compare'
import { beginRequest, functionOf, runRequest } from './transactions/options'
import { runTransaction, runTransactionSync } from './transactions/run'
import { TransactionState } from './transactions/state'
import type { FamilySpecs, WriteOptions } from './types/options'
import type {
  BeginOptions,
  SyncTransactionOptions,
  TransactionInfo,
  TransactionOptions,
} from './types/transactions'
import type { Records } from './writes/records'
import { traceRecords, traceRecordsSync } from './writes/traced'

/** What `compareAndWrite` is asked for, encoded. */
interface Compared {
  connection: Connection
  checks: readonly Check[]
  records: Records
}

/** What `Database` has for transactions. */
export abstract class TransactionalDatabase<F extends FamilySpecs> extends OpenDatabase {
  static {
    const type = { prototype: TransactionalDatabase.prototype, name: 'Database' }
    guardReceivers(type, isDatabase, ['transaction'])
  }

  /**
   * Runs a function as a transaction and commits it: resolves to what the function returns, once the commit
   * is done. Where others have changed what it read, the function is run again, with another transaction: what
   * it does besides must bear that. Where it throws, nothing is written, and the error is passed on.
   *
   * Fails with `ERR_CONFLICT` after `maxRetries`, with `ERR_TIMED_OUT` and `ERR_ABORTED` as its options ask
   * for, with `ERR_DEADLOCK` inside of another one's function, and as `write` does.
   *
   * @example
   * ```ts
   * const left = await db.transaction(async (tx) => {
   *   const item = await tx.get(stock, sku)
   *   if (!item || item.left === 0) return 0
   *   tx.put(stock, sku, { ...item, left: item.left - 1 })
   *   return item.left - 1
   * })
   * ```
   */
  transaction<T>(
    run: (tx: Transaction) => Promise<T> | T,
    options?: TransactionOptions,
  ): Promise<T> {
    try {
      const { connection } = partsOf(this)
      const body = functionOf('run', run)
      const request = runRequest(connection, options, false)
      return traced('transaction', connection, () =>
        runTransaction(connection, body, request, makeTransaction),
      ) as Promise<T>
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** `transaction` on this thread, of a function that returns no promise. It waits for no lock. */
  transactionSync<T>(run: (tx: Transaction) => T, options?: SyncTransactionOptions): T {
    const { connection } = partsOf(this)
    const body = functionOf('run', run)
    const request = runRequest(connection, options, true)
    return tracedSync('transaction', connection, () =>
      runTransactionSync(connection, body, request, makeTransaction),
    ) as T
  }

  /**
   * Begins a transaction to be committed by hand. Where it is not, it is rolled back: by `using`, or when
   * nobody holds it any more.
   *
   * @example
   * ```ts
   * await using tx = db.begin()
   * if (!(await tx.has(users, 'ada'))) tx.put(users, 'ada', { name: 'Ada' })
   * await tx.commit()
   * ```
   */
  begin(options?: BeginOptions): Transaction {
    const { connection } = partsOf(this)
    connection.assertOpen('begin')
    const { isolation, flags } = beginRequest(connection, options)
    const state = tracedSync(
      'begin',
      connection,
      () => new TransactionState(connection, isolation, flags, 'begin'),
    )
    const transaction = makeTransaction(state)
    endWhenLost(transaction, state)
    return transaction
  }

  /**
   * Commits operations where keys hold what is expected of them, in one step: resolves to whether they did.
   * Where not, nothing is written. Values are compared as the codecs of their families encode them.
   *
   * Fails as `write` does.
   *
   * @example
   * ```ts
   * const taken = await db.compareAndWrite({
   *   checks: [{ columnFamily: names, key: 'ada', absent: true }],
   *   operations: [{ type: 'put', columnFamily: names, key: 'ada', value: 7n }],
   * })
   * ```
   */
  async compareAndWrite<
    Checked extends readonly unknown[] | [],
    Families extends readonly unknown[] | [],
  >(
    work: {
      checks: Comparisons<Checked, DefaultFamily<F>>
      operations: Operations<Families, DefaultFamily<F>>
    },
    options?: WriteOptions,
  ): Promise<boolean> {
    const { connection, checks, records } = this.#compared(work)
    const flags = writeFlags(connection, options)
    return traceRecords('compareAndWrite', connection, records, () =>
      compareAndWrite(connection, checks, records, flags),
    )
  }

  /** `compareAndWrite` on this thread. */
  compareAndWriteSync<
    Checked extends readonly unknown[] | [],
    Families extends readonly unknown[] | [],
  >(
    work: {
      checks: Comparisons<Checked, DefaultFamily<F>>
      operations: Operations<Families, DefaultFamily<F>>
    },
    options?: WriteOptions,
  ): boolean {
    const { connection, checks, records } = this.#compared(work)
    const flags = writeFlags(connection, options)
    return traceRecordsSync('compareAndWrite', connection, records, () =>
      compareAndWriteSync(connection, checks, records, flags),
    )
  }

  /** Returns the transactions that are open, whichever thread of the process began them; the oldest first. */
  transactions(): TransactionInfo[] {
    return partsOf(this).connection.run('transactions', (session) => session.transactions())
  }

  #compared(work: unknown): Compared {
    const { connection, families } = partsOf(this)
    connection.assertOpen('compareAndWrite')
    const { checks: given, operations } = readOptions('work', work ?? null, [
      'checks',
      'operations',
    ])
    const familyOf = (family: unknown) => handleIn(connection, family ?? families.default)
    const checks = readChecks(given, familyOf)
    const records = recordsOf(connection, families.default, operations)
    return { connection, checks, records }
  }
}
