/** When rows expire: reads of values with their envelopes. */
import { invalidValue } from '../base/arguments'
import { ENVELOPE, type EnvelopeCodec, momentOf } from '../codecs/envelope'
import type { FamilyHandle } from '../connection/handle'
import { viewOf } from '../native/buffers'
import { explain } from '../native/lane'
import { ReadFlag } from '../native/reads'
import { get, getSync } from './reads'

/** A row as it is stored. */
export interface Stored {
  /** null is never. */
  expiresAt: Date | null
  payload: Buffer
}

/** Reads values with their envelopes. */
const stored = {
  copies: false,
  prefixes: false,
  read(bytes: Buffer, start: number, end: number): Stored {
    const expiresAt = momentOf(bytes, start, end)
    return { expiresAt, payload: viewOf(bytes, start + ENVELOPE, end) }
  },
}

/** A family whose rows expire, read as `Stored`. */
export function asStored(family: FamilyHandle, envelope: EnvelopeCodec): FamilyHandle {
  return { ...family, flags: ReadFlag.envelope, value: { ...envelope.payload, ...stored } }
}

/** Fails where the rows of the family do not expire. */
function checked(family: FamilyHandle, operation: string): FamilyHandle {
  const { connection, envelope } = family
  connection.assertOpen(operation, family)
  if (envelope !== undefined) return asStored(family, envelope)
  const reason = `must have "expires" for ${operation}, and "${family.name}" has not`
  throw explain(invalidValue('columnFamily', family.name, reason), operation, family)
}

/** Resolves to the row of a key as it is stored. */
export async function getStored(
  family: FamilyHandle,
  key: unknown,
  options: unknown,
  operation: string,
): Promise<Stored | undefined> {
  return (await get(checked(family, operation), key, options)) as Stored | undefined
}

/** `getStored` on this thread. */
export function getStoredSync(
  family: FamilyHandle,
  key: unknown,
  options: unknown,
  operation: string,
): Stored | undefined {
  return getSync(checked(family, operation), key, options) as Stored | undefined
}
