/** `checkTarget`: tries out whether a place for backups does what is wanted of one. */
import { randomBytes } from 'node:crypto'
import { invalidType, readOptions } from '../base/arguments'
import { OBJECT_CHECKS } from './check-objects'
import { type Check, Probe, pool } from './check-probe'
import { RACE_CHECKS } from './check-races'
import type { BackupTarget } from './target'

/** Options of `checkTarget`. */
export interface CheckTargetOptions {
  /** Ends it. What it has put is removed all the same. */
  signal?: AbortSignal | undefined
}

/**
 * Tries out whether a target does what `BackupTarget` says: whole objects, overwritten at once or not at all;
 * conditions, also where many put at once; lists that are complete; empty and large objects; bodies that fail; signals.
 * For targets that you write yourself, and for services that you are about to trust with backups.
 *
 * It puts about 1,500 objects, 200 MB in all, under one prefix of its own, and removes them at the end. With S3
 * that is about 4,000 requests. If `target.conditional` is false, no conditions are tried.
 *
 * Not tried out: whether objects outlive a crash of the machine, keys that differ only in case, and one key that
 * continues another after a slash. Backups need none of the last two.
 *
 * @returns resolves where nothing was found
 * @throws AggregateError whose `errors`, and whose message, say all that is not as it must be; the signal's reason where
 *   it was aborted
 *
 * @example
 * ```ts
 * await checkTarget(s3({ client, bucket: 'acme-backups', prefix: 'check' }))
 * ```
 */
export async function checkTarget(
  target: BackupTarget,
  options?: CheckTargetOptions,
): Promise<void> {
  const { signal } = readOptions('options', options, ['signal']) as CheckTargetOptions
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidType('options.signal', 'an AbortSignal', signal)
  }
  for (const method of ['put', 'get', 'list', 'delete', 'head'] as const) {
    if (typeof target?.[method] === 'function') continue
    throw invalidType('target', `a BackupTarget with the method ${method}`, target)
  }
  const prefix = `check-${randomBytes(8).toString('hex')}/`
  const probe = new Probe(target, prefix, signal)
  try {
    await runChecks(probe)
  } finally {
    await cleanUp(probe)
  }
  signal?.throwIfAborted()
  if (probe.faults.length === 0) return
  const list = probe.faults.map(({ message }) => `\n- ${message}`).join('')
  throw new AggregateError(probe.faults, `${target.name} is not as a target must be:${list}`)
}

async function runChecks(probe: Probe): Promise<void> {
  const { target, signal } = probe
  const checks: Check[] = target.conditional ? [...OBJECT_CHECKS, ...RACE_CHECKS] : OBJECT_CHECKS
  for (const [index, { about, run }] of checks.entries()) {
    signal?.throwIfAborted()
    try {
      await run(probe.about(about))
    } catch (error) {
      signal?.throwIfAborted()
      probe.rejected(about, error)
      // Where not even the first works, the others would all say the same.
      if (index === 0) return
    }
  }
}

/** Removes what was put, also where the caller's signal has ended the checks. */
async function cleanUp(probe: Probe): Promise<void> {
  const { target, prefix } = probe
  try {
    const keys = new Set(probe.keys)
    for await (const { key } of target.list(prefix)) keys.add(key)
    await pool([...keys], (key) => target.delete(key))
    const left: string[] = []
    for await (const { key } of target.list(prefix)) left.push(key)
    if (left.length > 0) throw new Error(`${left.length} objects are listed that were deleted`)
  } catch (error) {
    probe.rejected(`removing all objects under "${prefix}"`, error)
  }
}
