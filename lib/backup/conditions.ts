/** Whether a target keeps the conditions that it says it keeps. */
import { RocksDBError } from '../base/errors'
import { deleteObject, nonce, writeObject } from './objects'
import type { BackupTarget } from './target'

const checked = new WeakSet<BackupTarget>()

/** Tries it out, once: a service that ignores a condition would let two databases write over each other. */
export async function checkConditions(target: BackupTarget, signal: AbortSignal): Promise<void> {
  if (!target.conditional || checked.has(target)) return
  const key = `probe-${nonce()}`
  const put = () => writeObject(target, key, Buffer.from('?'), { ifNoneMatch: '*' }, signal)
  const [first, second] = [await put(), await put()]
  await deleteObject(target, key, { signal })
  if (first === undefined || second !== undefined) {
    throw new RocksDBError(
      `${target.name} ignores the condition If-None-Match of a write, so it cannot tell two writers apart: ` +
        'say so with conditional: false, and that nobody else writes there with exclusive: true',
      { code: 'ERR_NOT_SUPPORTED' },
    )
  }
  checked.add(target)
}
