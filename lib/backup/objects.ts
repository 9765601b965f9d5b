/** Whole objects of a target, and their sums. Every failure of the target says so. */
import { createHash, randomBytes } from 'node:crypto'
import { RocksDBError } from '../base/errors'
import { abortedBy, targetFailed } from './errors'
import type { BackupTarget, GetOptions, PutCondition, TargetEntry } from './target'

/** The sum of bytes, in hexadecimal. */
export function sumOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** 32 random characters. */
export function nonce(): string {
  return randomBytes(16).toString('hex')
}

/** Runs a call of the target; its failure becomes an `ERR_BACKUP_TARGET`. */
export async function onTarget<T>(
  target: BackupTarget,
  what: string,
  signal: AbortSignal | undefined,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (signal?.aborted === true) throw abortedBy(signal)
    if (error instanceof RocksDBError) throw error
    throw targetFailed(target, what, error)
  }
}

/** An object that is held in memory. */
export interface WholeObject {
  bytes: Buffer
  etag: string
}

/** Reads a whole object; undefined where there is none. */
export function readObject(
  target: BackupTarget,
  key: string,
  signal?: AbortSignal,
): Promise<WholeObject | undefined> {
  return onTarget(target, `reading ${key}`, signal, async () => {
    const found = await target.get(key, { signal })
    if (found === undefined) return undefined
    const parts: Uint8Array[] = []
    for await (const part of found.body) parts.push(part)
    const bytes = Buffer.concat(parts)
    if (bytes.length !== found.size) {
      throw new Error(`${bytes.length} of ${found.size} bytes came`)
    }
    return { bytes, etag: found.etag }
  })
}

/** Writes a whole object; resolves to undefined where the condition does not hold. */
export function writeObject(
  target: BackupTarget,
  key: string,
  bytes: Uint8Array,
  condition: PutCondition = {},
  signal?: AbortSignal,
): Promise<string | undefined> {
  const options = { ...condition, size: bytes.length, signal }
  return onTarget(target, `writing ${key}`, signal, () => target.put(key, () => [bytes], options))
}

export function deleteObject(target: BackupTarget, key: string, options: GetOptions = {}) {
  const { signal } = options
  return onTarget(target, `deleting ${key}`, signal, () => target.delete(key, options))
}

export function headObject(target: BackupTarget, key: string, signal?: AbortSignal) {
  return onTarget(target, `looking at ${key}`, signal, () => target.head(key, { signal }))
}

/** All objects whose keys begin so. */
export function listObjects(
  target: BackupTarget,
  prefix: string,
  signal?: AbortSignal,
): Promise<TargetEntry[]> {
  return onTarget(target, `listing ${prefix}`, signal, async () => {
    const all: TargetEntry[] = []
    for await (const entry of target.list(prefix, { signal })) all.push(entry)
    return all
  })
}
