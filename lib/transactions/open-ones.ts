/** The transactions of each database that this thread has open: who stays open for long is told of. */
import type { Connection } from '../connection/connection'

/** What is known of an open one. */
interface Open {
  readonly connection: Connection
  readonly id: number
}

interface Entry {
  since: number
  told: boolean
  /** Where it was begun; in the development preset alone. */
  stack: string | undefined
}

const LONG_WARNING = 'ROCKSDB_LIVE_LONG_TRANSACTION'

/** Looks this often in the time after which one is long, and at most once a second. */
const LOOKS = 4

const open = new Map<Connection, Map<Open, Entry>>()
let timer: NodeJS.Timeout | undefined
let every = 0

/** From now on it is open. */
export function rememberOpen(one: Open): void {
  const { connection } = one
  let entries = open.get(connection)
  if (entries === undefined) {
    entries = new Map()
    open.set(connection, entries)
  }
  const { longTransactionMs, preset } = connection.tuning
  entries.set(one, { since: performance.now(), told: false, stack: stackIn(preset) })
  if (longTransactionMs > 0) look(Math.min(1000, Math.max(1, longTransactionMs / LOOKS)))
}

/** It has ended. */
export function forgetOpen(one: Open): void {
  const entries = open.get(one.connection)
  if (entries?.delete(one) === true && entries.size === 0) open.delete(one.connection)
}

function stackIn(preset: string): string | undefined {
  if (preset !== 'development') return undefined
  const holder: { stack?: string } = {}
  Error.captureStackTrace(holder, rememberOpen)
  return holder.stack?.split('\n').slice(1).join('\n')
}

/** Looks at them from time to time, while there are any. */
function look(milliseconds: number): void {
  if (timer !== undefined && every <= milliseconds) return
  clearInterval(timer)
  every = milliseconds
  timer = setInterval(lookAtAll, milliseconds)
  timer.unref()
}

function lookAtAll(): void {
  if (open.size === 0) {
    clearInterval(timer)
    timer = undefined
    return
  }
  const now = performance.now()
  for (const [connection, entries] of open) {
    if (connection.closed) {
      open.delete(connection)
      continue
    }
    const { longTransactionMs } = connection.tuning
    if (longTransactionMs === 0) continue
    for (const [one, entry] of entries) {
      if (!entry.told && now - entry.since >= longTransactionMs) tell(one, entry, now)
    }
  }
}

function tell({ connection, id }: Open, entry: Entry, now: number): void {
  entry.told = true
  const ageMs = Math.round(now - entry.since)
  const figures = connection.session.transactions().find((each) => each.id === id)
  if (figures === undefined) return
  const { isolation, reads, writes, locks } = figures
  const stack = entry.stack === undefined ? {} : { stack: entry.stack }
  const began = entry.stack === undefined ? '' : `; it was begun\n${entry.stack}`
  process.emitWarning(
    `transaction ${id} of "${connection.path}" is open for ${ageMs} ms: it keeps old data, and what is ` +
      `committed meanwhile is kept for it${began}`,
    { type: 'TransactionWarning', code: LONG_WARNING },
  )
  connection.events.tell('longTransaction', {
    id,
    ageMs,
    isolation,
    reads,
    writes,
    locks,
    ...stack,
  })
}
