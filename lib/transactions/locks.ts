/**
 * Locking reads: later transactions wait for the same key in turn, and each reads the newest value.
 */
import { RocksDBError } from '../base/errors'
import { buffer as bytesCodec } from '../codecs/bytes'
import type { FamilyHandle } from '../connection/handle'
import { putKey } from '../connection/keys'
import { aborted, timedOut } from '../connection/requests'
import { keys } from '../native/buffers'
import { explain, ids, nextId, TAKEN, wait } from '../native/lane'
import { noteLock } from '../traces/counting'
import type { TransactionState } from './state'

/** Options of a lock. */
export interface LockRequest {
  timeoutMs: number
  /** Of the read; Infinity for none. */
  deadlineMs: number
  signal: AbortSignal | undefined
}

/** Scans in progress go on with rows of the view they began with, so they forbid a newer one. */
function mayRenew(state: TransactionState): boolean {
  return state.scans.length === 0
}

/** Locks a key on this thread. Throws ERR_LOCK_TIMEOUT if another transaction holds it. */
export function lockSync(state: TransactionState, family: FamilyHandle, key: unknown): void {
  const { session } = state.connection
  const length = putKey(family, key)
  session.lockKey(0, state.number, family.id, length, false)
  session.readLocked(state.number, family.id, length, mayRenew(state))
}

/**
 * Locks a key. Resolves to the family and the key to read afterwards: a copy if this had to wait,
 * since the caller may have changed the key meanwhile.
 */
export async function lock(
  state: TransactionState,
  family: FamilyHandle,
  key: unknown,
  request: LockRequest,
): Promise<{ family: FamilyHandle; key: unknown }> {
  const { session } = state.connection
  const length = putKey(family, key)
  const id = nextId()
  const ticket = session.lockKey(id, state.number, family.id, length, true)
  if (ticket === 0) {
    session.readLocked(state.number, family.id, length, mayRenew(state))
    return { family, key }
  }
  ids.next = TAKEN
  const raw = { ...family, key: bytesCodec }
  const bytes = Buffer.from(keys.buffer.subarray(0, length))
  await waitForTurn(state, family, wait(id, 'get', family), ticket, request)
  state.assertOpen('get')
  session.readLocked(state.number, family.id, putKey(raw, bytes), mayRenew(state))
  return { family: raw, key: bytes }
}

function isLockTimeout(error: unknown): boolean {
  return error instanceof RocksDBError && error.code === 'ERR_LOCK_TIMEOUT'
}

async function waitForTurn(
  state: TransactionState,
  family: FamilyHandle,
  turn: Promise<unknown>,
  ticket: number,
  { timeoutMs, deadlineMs, signal }: LockRequest,
): Promise<void> {
  const { session } = state.connection
  const cancel = () => session.cancelLock(ticket)
  const timer = setTimeout(cancel, Math.min(timeoutMs, deadlineMs))
  signal?.addEventListener('abort', cancel)
  state.waits++
  const began = performance.now()
  try {
    await turn
  } catch (error) {
    state.connection.assertOpen('get', family)
    if (signal?.aborted === true) throw explain(aborted(signal), 'get', family)
    const late = deadlineMs < timeoutMs && isLockTimeout(error)
    throw late ? explain(timedOut(), 'get', family) : error
  } finally {
    state.waits--
    noteLock(family, performance.now() - began)
    clearTimeout(timer)
    signal?.removeEventListener('abort', cancel)
  }
}
