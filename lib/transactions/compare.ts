/** Conditional writes, in one crossing of the boundary. */
import { invalidType, invalidValue, readOptions } from '../base/arguments'
import { settled } from '../base/turns'
import type { CodecImplementation, Prepared } from '../codecs/codec'
import type { Connection } from '../connection/connection'
import { Counted } from '../connection/counts'
import type { FamilyHandle } from '../connection/handle'
import { appendKey, checkKeyLength } from '../connection/keys'
import { scratch } from '../native/buffers'
import { explain, ids, nextId, TAKEN, wait } from '../native/lane'
import { MISSING } from '../native/reads'
import type { Records } from '../writes/records'

const CHECK = ['columnFamily', 'key', 'equals', 'absent'] as const
/** Header of a packed check: the family and two lengths. */
const HEAD = 12

/** A key and the value it must have, ready to be appended. */
export interface Check {
  family: FamilyHandle
  key: Prepared
  /** undefined if the key must be absent. */
  value: Prepared | undefined
}

/** Values are compared, not when they expire. */
function comparedBy({ value, envelope }: FamilyHandle): CodecImplementation {
  return envelope === undefined ? value : envelope.payload
}

function readCheck(
  given: unknown,
  name: string,
  familyOf: (given: unknown) => FamilyHandle,
): Check {
  if (given === undefined) throw invalidType(name, 'an object', given)
  const { columnFamily, key, equals, absent } = readOptions(name, given, CHECK)
  const family = familyOf(columnFamily)
  if (absent !== undefined && absent !== true) {
    throw invalidValue(`${name}.absent`, absent, 'must be true or left out')
  }
  if ((equals === undefined) === (absent === undefined)) {
    throw invalidValue(name, given, 'must have "equals" or "absent: true", and not both')
  }
  const codec = comparedBy(family)
  const value = equals === undefined ? undefined : codec.prepare(equals, `${name}.equals`)
  return { family, key: family.key.prepare(key, `${name}.key`), value }
}

/** Reads the checks; this runs the user's code. */
export function readChecks(given: unknown, familyOf: (given: unknown) => FamilyHandle): Check[] {
  if (!Array.isArray(given)) throw invalidType('checks', 'an Array', given)
  const checks: Check[] = []
  for (let i = 0; i < given.length; i++) {
    checks.push(readCheck(given[i], `checks[${i}]`, familyOf))
  }
  return checks
}

/** Packs the checks into the scratch buffer. */
function pack(checks: readonly Check[]): void {
  scratch.trim()
  scratch.length = 0
  for (const { family, key, value } of checks) {
    const at = scratch.length
    for (let i = 0; i < HEAD; i += 4) scratch.uint32(0)
    const keyLength = checkKeyLength('key', appendKey(scratch, family, key, 'key'))
    const start = scratch.length
    if (value !== undefined) {
      const codec = comparedBy(family)
      codec.append(scratch, value, codec.guess(value, 'equals'))
    }
    scratch.setUint32(at, family.id)
    scratch.setUint32(at + 4, keyLength)
    scratch.setUint32(at + 8, value === undefined ? MISSING : scratch.length - start)
  }
}

/** Returns whether the checks held and the records were written. */
export function compareAndWrite(
  connection: Connection,
  checks: readonly Check[],
  records: Records,
  flags: number,
): Promise<boolean> {
  pack(checks)
  connection.counts[Counted.batch]++
  const id = nextId()
  const bytes = records.encoded()
  const { byteLength } = records
  const { session } = connection
  try {
    const held = session.compareAndCommit(
      id,
      scratch.buffer,
      scratch.length,
      bytes,
      byteLength,
      flags,
    )
    if (held !== undefined) return settled(held, byteLength)
  } catch (error) {
    throw explain(error, 'compareAndWrite', connection)
  }
  ids.next = TAKEN
  return wait(id, 'compareAndWrite', connection) as Promise<boolean>
}

/** `compareAndWrite` on this thread. */
export function compareAndWriteSync(
  connection: Connection,
  checks: readonly Check[],
  records: Records,
  flags: number,
): boolean {
  pack(checks)
  connection.counts[Counted.batch]++
  const bytes = records.encoded()
  return connection.run('compareAndWrite', (session) =>
    session.compareAndCommitNow(scratch.buffer, scratch.length, bytes, records.byteLength, flags),
  )
}
