/** `touch`: a row gets another lifetime, and keeps its value. */
import { invalidValue, readOptions } from '../base/arguments'
import { buffer } from '../codecs/bytes'
import { EnvelopeCodec, expiryOf, LIFETIME_OPTIONS } from '../codecs/envelope'
import type { FamilyHandle } from '../connection/handle'
import { putKey } from '../connection/keys'
import { WRITE_OPTIONS, writeFlagsOf } from '../connection/requests'
import { keys } from '../native/buffers'
import { explain } from '../native/lane'
import { getStored, getStoredSync, type Stored } from '../reads/stored'
import { KINDS } from '../types/kinds'
import { Records } from '../writes/records'
import { type Check, compareAndWrite, compareAndWriteSync } from './compare'

const OPERATION = 'touch'
const OPTIONS = [...WRITE_OPTIONS, ...LIFETIME_OPTIONS]

/** What is to be done to which row. */
interface Request {
  /** The family with keys and values as their bytes. */
  family: FamilyHandle
  key: Buffer
  expiresAtMs: number | undefined
  flags: number
}

function requestOf(family: FamilyHandle, key: unknown, options: unknown): Request {
  const { connection, envelope } = family
  const given = readOptions('options', options, OPTIONS)
  const flags = writeFlagsOf(connection, given)
  const expiresAtMs = expiryOf(given, 'options', family)
  connection.assertOpen(OPERATION, family)
  const afterMs = envelope?.afterMs ?? 0
  if (expiresAtMs === undefined && envelope !== undefined && afterMs === 0) {
    const reason = `must say "ttlMs" or "expiresAt", as "${family.name}" has no "afterMs"`
    throw invalidValue('options', options, reason)
  }
  putKey(family, key)
  const codec = new EnvelopeCodec(buffer, afterMs)
  const bytes = { ...family, key: buffer, value: codec, envelope: envelope && codec }
  return { family: bytes, key: keys.copy(), expiresAtMs, flags }
}

/** The row must have its value still; otherwise it is read again. */
function checkOf({ family, key }: Request, { payload }: Stored): Check[] {
  return [{ family, key, value: payload }]
}

function recordsOf({ family, key, expiresAtMs }: Request, { payload }: Stored): Records {
  const records = new Records()
  records.add(KINDS.put, family, key, payload, expiresAtMs)
  return records
}

/** Resolves to whether the row was there. */
export async function touch(
  family: FamilyHandle,
  key: unknown,
  options: unknown,
): Promise<boolean> {
  try {
    const request = requestOf(family, key, options)
    const { connection } = family
    for (;;) {
      const row = await getStored(request.family, request.key, undefined, OPERATION)
      if (row === undefined) return false
      const [check, records] = [checkOf(request, row), recordsOf(request, row)]
      if (await compareAndWrite(connection, check, records, request.flags)) return true
    }
  } catch (error) {
    throw explain(error, OPERATION, family)
  }
}

/** `touch` on this thread. */
export function touchSync(family: FamilyHandle, key: unknown, options: unknown): boolean {
  try {
    const request = requestOf(family, key, options)
    const { connection } = family
    for (;;) {
      const row = getStoredSync(request.family, request.key, undefined, OPERATION)
      if (row === undefined) return false
      const [check, records] = [checkOf(request, row), recordsOf(request, row)]
      if (compareAndWriteSync(connection, check, records, request.flags)) return true
    }
  } catch (error) {
    throw explain(error, OPERATION, family)
  }
}
