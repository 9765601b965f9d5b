/** The open transactions of this thread, with a warning about those that stay open for long. */
import type { Connection } from '../connection/connection'

/** What is known of an open transaction. */
export interface Open {
  readonly connection: Connection
  readonly id: number
  /** When it began, as `performance.now()`. */
  since: number
  /** Where it began; in the development preset only. */
  stack: string | undefined
  told: boolean
}

const LONG_WARNING = 'ROCKSDB_LIVE_LONG_TRANSACTION'

/** Frames of this package's own code, which users do not need; in a bundle they stay. */
const OURS = /[\\/](transactional-database|base[\\/]receiver|transactions[\\/](run|state))\.[jt]s:/

/** Checks this many times per `longTransactionMs`, but at most once a second. */
const LOOKS = 4

const open = new Set<Open>()
let timer: NodeJS.Timeout | undefined
let every = 0

/** Starts watching a transaction. */
export function rememberOpen(one: Open): void {
  const { longTransactionMs, preset } = one.connection.tuning
  if (longTransactionMs === 0) return
  one.since = performance.now()
  if (preset === 'development') one.stack = stackHere()
  open.add(one)
  if (timer === undefined || every > longTransactionMs / LOOKS) {
    look(Math.min(1000, Math.max(1, longTransactionMs / LOOKS)))
  }
}

/** Stops watching a transaction, which has ended. */
export function forgetOpen(one: Open): void {
  open.delete(one)
}

function stackHere(): string | undefined {
  const holder: { stack?: string } = {}
  Error.captureStackTrace(holder, rememberOpen)
  const frames = holder.stack?.split('\n').slice(1)
  return frames?.filter((frame) => !OURS.test(frame)).join('\n')
}

/** Starts the timer, or shortens its interval. */
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
  for (const one of open) {
    const { connection, since, told } = one
    if (connection.closed) open.delete(one)
    else if (!told && now - since >= connection.tuning.longTransactionMs) tell(one, now)
  }
}

function tell(one: Open, now: number): void {
  const { connection, id, stack } = one
  one.told = true
  const ageMs = Math.round(now - one.since)
  const figures = connection.session.transactions().find((each) => each.id === id)
  if (figures === undefined) return
  const { isolation, reads, writes, locks } = figures
  const began = stack === undefined ? '' : `; it was begun\n${stack}`
  process.emitWarning(
    `transaction ${id} of "${connection.path}" is open for ${ageMs} ms: it keeps old data, and what is ` +
      `committed meanwhile is kept for it${began}`,
    { type: 'TransactionWarning', code: LONG_WARNING },
  )
  const fields = { id, ageMs, isolation, reads, writes, locks }
  connection.events.tell('longTransaction', stack === undefined ? fields : { ...fields, stack })
}
