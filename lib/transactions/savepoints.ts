/** Savepoints: parts of a transaction that can be rolled back on their own. */
import { RocksDBError } from '../base/errors'
import { explain } from '../native/lane'
import { functionOf, refusePromise } from './options'
import type { Mark, TransactionState } from './state'

function begin(state: TransactionState): Mark {
  state.assertOpen('savepoint')
  const mark = state.mark()
  state.marks.push(mark)
  return mark
}

/** Ends a part. Parts that began inside it must have ended. */
function end(state: TransactionState, mark: Mark, failed: boolean): void {
  if (state.done) return
  if (state.marks.at(-1) !== mark) {
    const message =
      'a savepoint ended while another one that began after it was under way: what belongs to which ' +
      'cannot be told, so the transaction can only be rolled back. Await one before the next'
    const error = new RocksDBError(message, { code: 'ERR_BUSY', outcome: 'notApplied' })
    state.broken = explain(error, 'savepoint', state.connection) as RocksDBError
  }
  const at = state.marks.indexOf(mark)
  if (at !== -1) state.marks.splice(at, 1)
  if (state.broken !== undefined) throw state.broken
  if (failed) state.cut(mark)
}

/** Runs a part, and rolls its writes back if it throws. */
export async function savepoint<T>(
  state: TransactionState,
  part: () => PromiseLike<T> | T,
): Promise<T> {
  functionOf('part', part)
  const mark = begin(state)
  let result: T
  try {
    result = await part()
  } catch (error) {
    end(state, mark, true)
    throw error
  }
  end(state, mark, false)
  return result
}

/** `savepoint` on this thread. */
export function savepointSync<T>(state: TransactionState, part: () => T): T {
  functionOf('part', part)
  const mark = begin(state)
  let result: T
  try {
    result = part()
    refusePromise(result, 'savepoint')
  } catch (error) {
    end(state, mark, true)
    throw error
  }
  end(state, mark, false)
  return result
}
