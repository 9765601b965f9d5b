/** Transactions that stay open: the warnings, what is kept for them, and the metrics. */
import { Registry } from 'prom-client'
import type { DatabaseEvents } from 'rocksdb-live'
import { collectMetrics } from 'rocksdb-live/metrics'
import { scrape, sumOf } from '../metrics/support'
import { openAt, openFresh, useTempDirectory } from '../support/database'
import { expectRejection } from '../support/expectations'

useTempDirectory()

const SPECS = { a: { key: 'utf8', value: 'utf8' } } as const

describe('a transaction that stays open', () => {
  it.each(['default', 'development'] as const)(
    'is told of once, with the preset %s',
    async (preset) => {
      const db = await openFresh({ preset, tuning: { longTransactionSeconds: 1 } })
      const events: DatabaseEvents['longTransaction'][] = []
      const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
      const told = new Promise<void>((resolve) => {
        db.on('longTransaction', (event) => {
          events.push(event)
          resolve()
        })
      })
      using quick = db.begin()
      quick.rollback()
      using tx = db.begin()
      await tx.get(db.default, 'k', { forUpdate: true })
      await told
      expect(events).toEqual([
        {
          path: db.path,
          id: tx.id,
          ageMs: expect.any(Number),
          isolation: 'serializable',
          reads: 1,
          writes: 0,
          locks: 1,
          droppedEvents: 0,
          ...(preset === 'development' ? { stack: expect.stringContaining('long.test.ts') } : {}),
        },
      ])
      expect(events[0]?.ageMs).toBeGreaterThanOrEqual(1000)
      expect(warn.mock.calls).toEqual([
        [
          expect.stringContaining(`transaction ${tx.id} of "${db.path}"`),
          { type: 'TransactionWarning', code: 'ROCKSDB_LIVE_LONG_TRANSACTION' },
        ],
      ])
      warn.mockRestore()
    },
  )

  it('fails where it writes, and more was written than is kept', async () => {
    const db = await openFresh({ columnFamilies: SPECS, tuning: { transactionWindowMb: 1 } })
    const a = db.columnFamily('a')
    await using old = db.begin()
    await using report = db.begin()
    await old.get(a, 'k')
    expect(await report.get(a, 'k')).toBeUndefined()
    const long = 'x'.repeat(1000)
    for (let i = 0; i < 3000; i++) a.putSync(`${long}${i}`, '')
    await using young = db.begin()
    old.put(a, 'mine', '')
    await expectRejection(old.commit(), 'ERR_TRANSACTION_TOO_OLD', 'transactionWindowMb')
    await report.commit()
    await young.get(a, 'k')
    young.put(a, 'mine', 'y')
    await young.commit()
    expect(await a.get('mine')).toBe('y')
  })

  it('has the largest window that an opening in the process has asked for', async () => {
    const small = { columnFamilies: SPECS, tuning: { transactionWindowMb: 1 } }
    const db = await openFresh(small)
    const other = await openAt(db.path, { ...small, tuning: { transactionWindowMb: 16 } })
    await openAt(db.path, small)
    const a = db.columnFamily('a')
    await using old = other.begin()
    await old.get(other.columnFamily('a'), 'k')
    for (let i = 0; i < 3000; i++) a.putSync(`${'x'.repeat(1000)}${i}`, '')
    old.put(other.columnFamily('a'), 'mine', '')
    await old.commit()
  })

  it('is counted, and what became of it', async () => {
    const db = await openFresh({ columnFamilies: SPECS })
    const a = db.columnFamily('a')
    const register = new Registry()
    collectMetrics(db, { register, maxAgeMs: 0, groups: ['transactions'] })
    const figures = async () => {
      const lines = await scrape(register)
      return (name: string, labels = {}) => sumOf(lines, `node_db_${name}`, labels)
    }
    await using holder = db.begin()
    await holder.get(a, 'x', { forUpdate: true })
    await using other = db.begin()
    const timeout = other.get(a, 'x', { forUpdate: true, lockTimeoutMs: 1 })
    await expectRejection(timeout, 'ERR_LOCK_TIMEOUT')
    let runs = 0
    await db.transaction(async (tx) => {
      await tx.get(a, 'k')
      if (runs++ === 0) await a.put('k', 'other')
      tx.put(a, 'k', 'mine')
    })
    const open = await figures()
    expect([open('transactions_open'), open('transaction_window_bytes') > 0]).toEqual([2, true])
    expect(open('oldest_transaction_age_seconds')).toBeGreaterThan(0)
    expect([
      open('transactions_committed_total'),
      open('transactions_rolled_back_total'),
      open('transaction_retries_total'),
      open('transaction_lock_waits_total'),
      open('transaction_conflicts_total', { conflict: 'key' }),
      open('transaction_conflicts_total', { conflict: 'lock_timeout' }),
      open('transaction_conflicts_total', { conflict: 'range' }),
    ]).toEqual([1, 0, 1, 1, 1, 1, 0])
    holder.rollback()
    other.rollback()
    const ended = await figures()
    expect([
      ended('transactions_open'),
      ended('oldest_transaction_age_seconds'),
      ended('transaction_window_bytes'),
      ended('transactions_rolled_back_total'),
    ]).toEqual([0, 0, 0, 2])
  })
})
