/**
 * Writes of one record. Options and the user's code run first, then the scratch buffer is filled.
 */
import { readOptions } from '../base/arguments'
import { expiryOf, LIFETIME_OPTIONS } from '../codecs/envelope'
import { Counted, type CountedSlot } from '../connection/counts'
import type { FamilyHandle } from '../connection/handle'
import { WRITE_OPTIONS, writeFlags, writeFlagsOf } from '../connection/requests'
import type { Sink } from '../native/buffers'
import { explain } from '../native/lane'
import { INCREMENT, KINDS, type Kind } from '../types/kinds'
import { counters } from './counters'
import { appendRecord, prepareFirst, prepareSecond, single } from './records'

const done: Promise<void> = Promise.resolve()

const PUT_OPTIONS = [...WRITE_OPTIONS, ...LIFETIME_OPTIONS]

/** Where `flagsOf` leaves when the row expires; undefined where the options do not say. */
let until: number | undefined

/** The flags of a write. */
function flagsOf(kind: Kind, family: FamilyHandle, options: unknown): number {
  until = undefined
  const { connection } = family
  if (options === undefined || kind !== KINDS.put) return writeFlags(connection, options)
  const given = readOptions('options', options, PUT_OPTIONS)
  until = expiryOf(given, 'options', family)
  return writeFlagsOf(connection, given)
}

/** Encodes one record in the scratch buffer. Returns undefined if there is nothing to write. */
function encode(
  kind: Kind,
  family: FamilyHandle,
  key: unknown,
  second: unknown,
  expiresAtMs: number | undefined,
): Sink | undefined {
  const preparedKey = prepareFirst(kind, family, key)
  const preparedSecond = prepareSecond(kind, family, preparedKey, second, expiresAtMs)
  const sink = single()
  return appendRecord(sink, kind, family, preparedKey, preparedSecond) ? sink : undefined
}

function write(
  counted: CountedSlot,
  kind: Kind,
  family: FamilyHandle,
  key: unknown,
  second: unknown,
  options: unknown,
): Promise<void> {
  try {
    const { connection } = family
    const flags = flagsOf(kind, family, options)
    const sink = encode(kind, family, key, second, until)
    connection.counts[counted]++
    if (sink === undefined) {
      connection.assertOpen(kind.type, family)
      return done
    }
    return connection.commit(sink.buffer, sink.length, flags, kind.type, family)
  } catch (error) {
    return Promise.reject(explain(error, kind.type, family))
  }
}

function writeSync(
  counted: CountedSlot,
  kind: Kind,
  family: FamilyHandle,
  key: unknown,
  second: unknown,
  options: unknown,
): void {
  try {
    const { connection } = family
    const flags = flagsOf(kind, family, options)
    const sink = encode(kind, family, key, second, until)
    connection.counts[counted]++
    if (sink === undefined) connection.assertOpen(kind.type, family)
    else connection.session.commitSync(sink.buffer, sink.length, flags)
  } catch (error) {
    throw explain(error, kind.type, family)
  }
}

export function put(
  family: FamilyHandle,
  key: unknown,
  value: unknown,
  options: unknown,
): Promise<void> {
  return write(Counted.put, KINDS.put, family, key, value, options)
}

export function putSync(
  family: FamilyHandle,
  key: unknown,
  value: unknown,
  options: unknown,
): void {
  writeSync(Counted.put, KINDS.put, family, key, value, options)
}

export function remove(family: FamilyHandle, key: unknown, options: unknown): Promise<void> {
  return write(Counted.delete, KINDS.delete, family, key, undefined, options)
}

export function removeSync(family: FamilyHandle, key: unknown, options: unknown): void {
  writeSync(Counted.delete, KINDS.delete, family, key, undefined, options)
}

export function removeRange(
  family: FamilyHandle,
  begin: unknown,
  end: unknown,
  options: unknown,
): Promise<void> {
  return write(Counted.deleteRange, KINDS.deleteRange, family, begin, end, options)
}

export function removeRangeSync(
  family: FamilyHandle,
  begin: unknown,
  end: unknown,
  options: unknown,
): void {
  writeSync(Counted.deleteRange, KINDS.deleteRange, family, begin, end, options)
}

export function merge(
  family: FamilyHandle,
  key: unknown,
  operand: unknown,
  options: unknown,
): Promise<void> {
  return write(Counted.merge, KINDS.merge, family, key, operand, options)
}

export function mergeSync(
  family: FamilyHandle,
  key: unknown,
  operand: unknown,
  options: unknown,
): void {
  writeSync(Counted.merge, KINDS.merge, family, key, operand, options)
}

export function increment(
  family: FamilyHandle,
  key: unknown,
  by: unknown,
  options: unknown,
): Promise<void> {
  try {
    return write(Counted.merge, INCREMENT, counters(family), key, by, options)
  } catch (error) {
    return Promise.reject(error)
  }
}

export function incrementSync(
  family: FamilyHandle,
  key: unknown,
  by: unknown,
  options: unknown,
): void {
  writeSync(Counted.merge, INCREMENT, counters(family), key, by, options)
}
