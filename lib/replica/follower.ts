/** A node that follows: applies what comes, and looks whether the writer is gone. */
import { Nap } from '../backup/nap'
import { applySteps } from './applier'
import { mismatch } from './errors'
import type { Step } from './history'
import { LogGapError, type LogRecord } from './log'
import type { NodeState } from './state'

/** Looks at the log's end at least so often, for its clock. */
const LOOK_MS = 1000

/**
 * Applies records as they come. Resolves when the node should try to become the writer: all of the log is applied, and
 * nobody holds the lease: `onFree` is called as soon as that is so. Rejects with what the log or the database says.
 */
export async function followUntilFree(state: NodeState, onFree: () => void): Promise<void> {
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, state.ended.signal])
  const looking = look(state, signal, () => {
    onFree()
    stop.abort()
  })
  try {
    for await (const records of untilAborted(state, signal)) await apply(state, records)
  } finally {
    stop.abort()
    await looking
  }
}

/** What the log gives; ends where the signal has ended that. */
async function* untilAborted(state: NodeState, signal: AbortSignal): AsyncGenerator<LogRecord[]> {
  try {
    yield* state.log.follow(state.history.sequence + 1, signal)
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

async function apply(state: NodeState, records: readonly LogRecord[]): Promise<void> {
  const { history } = state
  const steps: Step[] = []
  const knew = history.logId
  let wrong: unknown
  try {
    for (const record of records) {
      const step = history.take(record)
      if (knew === '' && history.logId !== '') checkBegun(state)
      if (step !== undefined) steps.push(step)
      const { sequence, pending = 0 } = record
      state.committed = Math.max(state.committed, sequence + pending)
    }
  } catch (error) {
    // What came before it is applied nevertheless.
    wrong = error
  }
  if (knew === '' && steps.length > 0) {
    state.connection.session.replicaLog(history.logId)
  }
  state.noteWriter()
  await applySteps(state.connection, steps)
  if (wrong !== undefined) throw wrong
  state.counts.recordsApplied += records.length
  state.noteApplied()
  if (state.error !== undefined) state.recovered()
}

/** Somebody else has begun the log. */
function checkBegun({ history, foundsOnly, path, log }: NodeState): void {
  if (foundsOnly) {
    throw mismatch(
      `${path} has rows of its own, and ${history.writer?.node} has begun ${log.name} meanwhile: only one node may begin it with newLog`,
    )
  }
  // A database that has read nothing lacks what was there before the first record.
  if (history.base === 'snapshot') throw new LogGapError(1, 2)
}

/** Learns the log's clock and end, and whether the lease is free; calls `free` then. */
async function look(state: NodeState, signal: AbortSignal, free: () => void): Promise<void> {
  const { lease, request } = state
  const nap = new Nap()
  const wake = () => nap.end()
  signal.addEventListener('abort', wake)
  state.onLease = wake
  while (!signal.aborted) {
    try {
      const last = await lookOnce(state)
      const tries = !request.follows && lease.isFree()
      if (tries && state.history.sequence >= last) return free()
    } catch (error) {
      if (!signal.aborted) state.logFailed(error)
    }
    const restMs = request.follows ? LOOK_MS : Math.min(LOOK_MS, lease.freeInMs())
    const leastMs = Math.min(LOOK_MS, request.leaseMs / 10)
    if (!signal.aborted) await nap.rest(Math.max(leastMs, restMs))
  }
}

/** Resolves to the newest record of the log. */
export async function lookOnce(state: NodeState): Promise<number> {
  const askedAt = performance.now()
  const bounds = await state.log.bounds()
  state.clock.learn(bounds, askedAt)
  state.committed = Math.max(state.committed, bounds.last)
  state.waiting.look()
  return bounds.last
}
