/** Reads that lock: who comes later for the same key waits for its turn, and reads the newest. */
import { buffer as bytesCodec } from '../codecs/bytes'
import type { FamilyHandle } from '../connection/handle'
import { putKey } from '../connection/keys'
import { aborted } from '../connection/requests'
import { keys } from '../native/buffers'
import { explain, ids, nextId, TAKEN, wait } from '../native/lane'
import type { TransactionState } from './state'

/** Options of a lock. */
export interface LockRequest {
  timeoutMs: number
  signal: AbortSignal | undefined
}

/** Locks a key on this thread. Throws ERR_LOCK_TIMEOUT where another transaction has it. */
export function lockSync(state: TransactionState, family: FamilyHandle, key: unknown): void {
  const { session } = state.connection
  const length = putKey(family, key)
  session.lockKey(0, state.number, family.id, length, false)
  session.readLocked(state.number, family.id, length)
}

/**
 * Locks a key. Resolves to the family and the key to read then, which are other ones where the caller's
 * may have changed meanwhile.
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
    session.readLocked(state.number, family.id, length)
    return { family, key }
  }
  ids.next = TAKEN
  const raw = { ...family, key: bytesCodec }
  const bytes = Buffer.from(keys.buffer.subarray(0, length))
  await waitForTurn(state, family, wait(id, 'get', family), ticket, request)
  state.assertOpen('get')
  session.readLocked(state.number, family.id, putKey(raw, bytes))
  return { family: raw, key: bytes }
}

async function waitForTurn(
  state: TransactionState,
  family: FamilyHandle,
  turn: Promise<unknown>,
  ticket: number,
  { timeoutMs, signal }: LockRequest,
): Promise<void> {
  const { session } = state.connection
  const cancel = () => session.cancelLock(ticket)
  const timer = setTimeout(cancel, timeoutMs)
  signal?.addEventListener('abort', cancel)
  state.waits++
  try {
    await turn
  } catch (error) {
    throw signal?.aborted === true ? explain(aborted(signal), 'get', family) : error
  } finally {
    state.waits--
    clearTimeout(timer)
    signal?.removeEventListener('abort', cancel)
  }
}
