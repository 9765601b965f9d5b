/** Writes of one record. The options and the user's code come first, then the scratch buffer. */

import type { Prepared } from '../codecs/codec'
import type { FamilyHandle } from '../connection/handle'
import { writeFlags } from '../connection/requests'
import type { Sink } from '../native/buffers'
import { explain } from '../native/lane'
import { appendDelete, appendDeleteRange, appendMerge, appendPut, single } from './records'

const done: Promise<void> = Promise.resolve()

/** Encodes one record in the scratch buffer; undefined where there is nothing to do. */
type Encode = (family: FamilyHandle, first: unknown, second: unknown) => Sink | undefined

function encodePut(family: FamilyHandle, key: unknown, value: unknown): Sink {
  const preparedKey = family.key.prepare(key, 'key')
  const preparedValue = family.value.prepare(value, 'value')
  const sink = single()
  appendPut(sink, family, preparedKey, preparedValue)
  return sink
}

function encodeMerge(family: FamilyHandle, key: unknown, operand: unknown): Sink {
  const preparedKey = family.key.prepare(key, 'key')
  const preparedOperand = family.value.prepare(operand, 'operand')
  const sink = single()
  appendMerge(sink, family, preparedKey, preparedOperand)
  return sink
}

function encodeDelete(family: FamilyHandle, key: unknown): Sink {
  const prepared: Prepared = family.key.prepare(key, 'key')
  const sink = single()
  appendDelete(sink, family, prepared)
  return sink
}

function encodeDeleteRange(family: FamilyHandle, begin: unknown, end: unknown): Sink | undefined {
  const preparedBegin = family.key.prepare(begin, 'begin')
  const preparedEnd = family.key.prepare(end, 'end')
  const sink = single()
  return appendDeleteRange(sink, family, preparedBegin, preparedEnd) ? sink : undefined
}

function write(
  operation: string,
  encode: Encode,
  family: FamilyHandle,
  first: unknown,
  second: unknown,
  options: unknown,
): Promise<void> {
  try {
    const { connection } = family
    const flags = writeFlags(connection, options)
    const sink = encode(family, first, second)
    if (sink === undefined) {
      connection.assertOpen(operation, family)
      return done
    }
    return connection.commit(sink.buffer, sink.length, flags, operation, family)
  } catch (error) {
    return Promise.reject(explain(error, operation, family))
  }
}

function writeSync(
  operation: string,
  encode: Encode,
  family: FamilyHandle,
  first: unknown,
  second: unknown,
  options: unknown,
): void {
  try {
    const { connection } = family
    const flags = writeFlags(connection, options)
    const sink = encode(family, first, second)
    if (sink === undefined) connection.assertOpen(operation, family)
    else connection.session.commitSync(sink.buffer, sink.length, flags)
  } catch (error) {
    throw explain(error, operation, family)
  }
}

export function put(
  family: FamilyHandle,
  key: unknown,
  value: unknown,
  options: unknown,
): Promise<void> {
  return write('put', encodePut, family, key, value, options)
}

export function putSync(
  family: FamilyHandle,
  key: unknown,
  value: unknown,
  options: unknown,
): void {
  writeSync('put', encodePut, family, key, value, options)
}

export function remove(family: FamilyHandle, key: unknown, options: unknown): Promise<void> {
  return write('delete', encodeDelete, family, key, undefined, options)
}

export function removeSync(family: FamilyHandle, key: unknown, options: unknown): void {
  writeSync('delete', encodeDelete, family, key, undefined, options)
}

export function removeRange(
  family: FamilyHandle,
  begin: unknown,
  end: unknown,
  options: unknown,
): Promise<void> {
  return write('deleteRange', encodeDeleteRange, family, begin, end, options)
}

export function removeRangeSync(
  family: FamilyHandle,
  begin: unknown,
  end: unknown,
  options: unknown,
): void {
  writeSync('deleteRange', encodeDeleteRange, family, begin, end, options)
}

export function merge(
  family: FamilyHandle,
  key: unknown,
  operand: unknown,
  options: unknown,
): Promise<void> {
  return write('merge', encodeMerge, family, key, operand, options)
}

export function mergeSync(
  family: FamilyHandle,
  key: unknown,
  operand: unknown,
  options: unknown,
): void {
  writeSync('merge', encodeMerge, family, key, operand, options)
}
