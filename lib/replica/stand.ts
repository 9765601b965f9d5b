/** How a node becomes the writer: it appends an epoch record exactly where the log ends for it. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { applySteps } from './applier'
import { lookOnce } from './follower'
import { AppendError } from './log'
import { type EpochFacts, encodeFacts, encodeRecord, RecordKind } from './record'
import type { NodeState } from './state'

const LOG_ID_BYTES = 8
const PAUSE_MS = 50

/** What a node that begins a log says. */
export interface Founding {
  logId: string
  /** Whether its database has rows already. */
  base: 'snapshot' | undefined
}

export function newLogId(): string {
  return randomBytes(LOG_ID_BYTES).toString('hex')
}

/** What is said of the epoch that this node writes. */
export function factsOf({ request, history }: NodeState): EpochFacts {
  const { node, url } = request
  return { node, url, base: history.base, finals: history.finals }
}

/** What the lease says of its holder. */
export function leaseText({ request }: NodeState): string {
  return JSON.stringify({ node: request.node, url: request.url })
}

/**
 * Tries to become the writer. Resolves to the sequence of its epoch record, which is applied; to undefined where somebody
 * else was first, or the log was not read to its end.
 */
export async function stand(
  state: NodeState,
  founding: Founding | undefined,
): Promise<number | undefined> {
  const { history, lease } = state
  if ((await lookOnce(state)) > history.sequence) return undefined
  if (!(await lease.take(leaseText(state)))) return undefined
  history.checkNotAhead()
  const logId = history.logId || founding?.logId || newLogId()
  const record = epochRecord(state, logId, founding)
  const id = `${logId}:epoch:${randomBytes(LOG_ID_BYTES).toString('hex')}`
  const sequence = await appendEpoch(state, record, id)
  if (sequence === undefined) return undefined
  state.connection.session.replicaLog(logId)
  state.ownEpoch = sequence
  const timeMs = state.clock.now() ?? Date.now()
  const step = history.take({ sequence, bytes: record, id, timeMs, pending: 0 })
  if (step !== undefined) await applySteps(state.connection, [step])
  state.noteApplied()
  return sequence
}

function epochRecord(state: NodeState, logId: string, founding: Founding | undefined): Buffer {
  const { request, history } = state
  const facts = {
    ...factsOf(state),
    base: founding?.base ?? history.base,
    finals: history.nextFinals(),
  }
  const head = { kind: RecordKind.epoch, local: request.local, part: 0, parts: 1, logId }
  return encodeRecord(
    { ...head, epoch: 0, ordinal: 0, timeMs: performance.now() },
    encodeFacts(facts),
  )
}

/** Appends it behind what was read; undefined where something else is there, or nothing is known for the time of a lease. */
async function appendEpoch(
  state: NodeState,
  record: Buffer,
  id: string,
): Promise<number | undefined> {
  const { log, history, request } = state
  const expected = history.sequence
  const until = performance.now() + request.leaseMs
  for (let unsure = false; ; unsure = true) {
    try {
      if (unsure) {
        const there = await log.read(expected + 1)
        if (there !== undefined) return there.id === id ? expected + 1 : undefined
      }
      const sequence = await log.append(record, { id, expected })
      return sequence === expected + 1 ? sequence : undefined
    } catch (error) {
      if (error instanceof AppendError && error.failure === 'conflict' && !unsure) return undefined
      if (error instanceof AppendError && error.failure === 'refused') throw error
      state.logFailed(error)
      if (performance.now() > until || state.ended.signal.aborted) return undefined
      await sleep(PAUSE_MS)
    }
  }
}
