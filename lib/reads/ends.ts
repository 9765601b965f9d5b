/** The first and the last row of a range. */
import { readOptions } from '../base/arguments'
import type { FamilyHandle } from '../connection/handle'
import { ASYNC_READ_OPTIONS, READ_OPTIONS } from '../connection/requests'
import { BOUNDS } from './range'
import { AsyncRows, Rows } from './rows'

const SYNC_OPTIONS = [...BOUNDS, ...READ_OPTIONS]
const ASYNC_OPTIONS = [...BOUNDS, ...ASYNC_READ_OPTIONS]

/** The row at which a scan in this direction begins; undefined if the range is empty. */
export async function endOf(
  family: FamilyHandle,
  given: unknown,
  reverse: boolean,
): Promise<unknown> {
  // Before the options: the family may be invalid.
  family.connection.assertOpen('read', family)
  const options = readOptions('options', given, ASYNC_OPTIONS)
  const rows = new AsyncRows(family, 'entries', { ...options, reverse, limit: 1 })
  const { value } = await rows.next()
  await rows.return()
  return value
}

/** `endOf` on this thread. */
export function endOfSync(family: FamilyHandle, given: unknown, reverse: boolean): unknown {
  const options = readOptions('options', given, SYNC_OPTIONS)
  const rows = new Rows(family, 'entries', { ...options, reverse, limit: 1 })
  const { value } = rows.next()
  rows.return()
  return value
}
