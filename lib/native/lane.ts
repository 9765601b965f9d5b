/**
 * Asynchronous calls. Each has an id while native works on it. Native receives ids with the calls
 * and returns them, many at a time, through one of the hooks below.
 */

import { markAsUntransferable } from 'node:worker_threads'
import { fromNative, RocksDBError } from '../base/errors'
import { addon } from './addon'
import { RequestSlot } from './cursors'
import { deliverEvent } from './events'
import { ARENA_VALUE_LIMIT, FAILED, MISSING } from './reads'
import { deliverTimings } from './timings'

/** Slots of `state` after a cursor call; see cursors.ts. */
export const state = new Uint32Array(2)

/** The parameters of the next call; see cursors.ts. */
export const request = new Float64Array(Object.keys(RequestSlot).length)

/** Where something happens, for error messages. */
export interface Place {
  /** The database's directory. */
  readonly path?: string
  /** For a column family: its name and its connection. */
  readonly name?: string
  readonly connection?: { readonly path: string }
}

/** Makes a value of the bytes that a read has delivered. */
export interface Reader {
  read(bytes: Buffer, start: number, end: number): unknown
}

/** A call that native has not answered yet. */
class Slot {
  constructor(
    readonly resolve: (value: unknown) => void,
    readonly reject: (error: unknown) => void,
    readonly operation: string,
    readonly place: Place,
    readonly reader: Reader | undefined,
    /** The result of a read if the key is missing. */
    readonly missing: unknown,
  ) {}
}

const slots: (Slot | undefined)[] = []
const free: number[] = []

/** How many ids there are. */
let given = 0

/** The value of `ids.next` once native has taken it. */
export const TAKEN = -1

/**
 * `next` is the id of the next call. If native takes it, the caller sets it to TAKEN: with a store
 * and not a call, since there may be no stack left, and without running user code in between. From
 * then on the id belongs to that call, so no other call can get its answer.
 */
export const ids = { next: TAKEN }

/** The id for the next call. */
export function nextId(): number {
  if (ids.next === TAKEN) ids.next = free.pop() ?? given++
  return ids.next
}

/** A promise of the call that native has taken under this id. */
export function wait(
  id: number,
  operation: string,
  place: Place,
  reader?: Reader,
  missing?: unknown,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    slots[id] = new Slot(resolve, reject, operation, place, reader, missing)
  }).catch(rethrow)
}

/** Makes a call with a new id and waits for its outcome. */
export function call(
  operation: string,
  place: Place,
  start: (id: number) => void,
): Promise<unknown> {
  const id = nextId()
  try {
    start(id)
  } catch (error) {
    return Promise.reject(explain(error, operation, place))
  }
  ids.next = TAKEN
  return wait(id, operation, place)
}

/** Delivered errors have no stack; this adds the frames of the caller. */
function rethrow(error: unknown): never {
  if (error instanceof Error) Error.captureStackTrace(error, rethrow)
  throw error
}

/** Adds to a database error's message what failed and where; leaves other errors alone. */
export function explain(error: unknown, operation: string, place: Place): unknown {
  if (!(error instanceof RocksDBError) || explained.has(error)) return error
  error.message = explanation(error, operation, place)
  Error.captureStackTrace(error, explain)
  explained.add(error)
  return error
}

/** Errors whose message already says where they occurred. */
const explained = new WeakSet<Error>()

function explanation(error: RocksDBError, operation: string, place: Place): string {
  const path = place.connection?.path ?? place.path
  const of = place.connection === undefined ? `"${path}"` : `"${place.name}" in "${path}"`
  return `${operation} of ${of} failed: ${error.message}`
}

/** A copy of an error that rejects several promises, each with its own message. */
function explainCopy(error: Error, operation: string, place: Place): Error {
  if (!(error instanceof RocksDBError)) return error
  const { code, severity, retryable, outcome, cause } = error
  const message = explanation(error, operation, place)
  const copy = new RocksDBError(message, { code, severity, retryable, outcome, cause })
  explained.add(copy)
  return copy
}

/** Ends a call. Returns undefined if nobody waits for it because `wait` ran out of stack. */
function take(id: number): Slot | undefined {
  const slot = slots[id]
  slots[id] = undefined
  free.push(id)
  return slot
}

function deliverCommits(ids: Uint32Array, error: Error | undefined): void {
  for (let i = 0; i < ids.length; i++) {
    const slot = take(ids[i] as number)
    if (error === undefined) slot?.resolve(undefined)
    else slot?.reject(explainCopy(error, slot.operation, slot.place))
  }
}

function deliverReads(
  ids: Uint32Array,
  lengths: Uint32Array,
  bytes: Buffer,
  errors: (Error | undefined)[] | undefined,
): void {
  // Keeping one small value must not keep the large ones delivered with it.
  const alone = ids.length === 1 || bytes.length <= 16 * ARENA_VALUE_LIMIT
  if (ids.length > 1) markAsUntransferable(bytes.buffer)
  let start = 0
  for (let i = 0; i < ids.length; i++) {
    const slot = take(ids[i] as number)
    const length = lengths[i] as number
    if (length === FAILED) {
      slot?.reject(explainCopy(errors?.[i] as Error, slot.operation, slot.place))
    } else if (length === MISSING) {
      slot?.resolve(slot.missing)
    } else {
      const end = start + length
      if (alone) settle(slot, bytes, start, end)
      else settle(slot, Buffer.from(bytes.subarray(start, end)), 0, length)
      start = end
    }
  }
}

function settle(slot: Slot | undefined, bytes: Buffer, start: number, end: number): void {
  try {
    slot?.resolve((slot.reader as Reader).read(bytes, start, end))
  } catch (error) {
    slot?.reject(explain(error, slot.operation, slot.place))
  }
}

function deliver(id: number, error: Error | undefined, value: unknown): void {
  const slot = take(id)
  if (slot === undefined) return
  if (error === undefined) slot.resolve(value)
  else slot.reject(explain(error, slot.operation, slot.place))
}

addon.setup(
  { createError: fromNative, deliverCommits, deliverReads, deliver, deliverEvent, deliverTimings },
  state,
  request,
)
