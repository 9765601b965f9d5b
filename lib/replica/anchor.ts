/** Whether a database and a log belong together, and where it goes on. */
import { mismatch } from './errors'
import { History } from './history'
import { type LogBounds, LogGapError, type LogRecord, type OpenLog } from './log'
import { NOWHERE, type Place } from './place'
import { decodeFacts, decodeRecord, type ReadRecord, RecordKind } from './record'

/** The log ends before what was read of it. */
export class LogShortError extends Error {
  constructor(
    readonly place: Place,
    readonly last: number,
  ) {
    super(
      `the log ends with record ${last}, and record ${place.sequence} was read from it: it has lost what it had accepted`,
    )
  }
}

/** The identity of the log, by one of its records; undefined where none is there. */
export async function logIdOf(
  log: OpenLog,
  { first, last }: LogBounds,
): Promise<string | undefined> {
  for (let sequence = first; sequence <= last; sequence++) {
    const record = await log.read(sequence)
    const read = record && decodeRecord(record.bytes)
    if (read !== undefined) return read.logId
  }
  return undefined
}

/** The history of a log whose records have all to be read. Fails with `LogGapError` where some are gone. */
export async function historyFromStart(log: OpenLog, bounds: LogBounds): Promise<History> {
  if (bounds.last > 0 && bounds.first > 1) throw new LogGapError(1, bounds.first)
  const first = bounds.last === 0 ? undefined : await log.read(1)
  if (first !== undefined && beginsWithSnapshot(first)) throw new LogGapError(1, 2)
  return new History('', NOWHERE, 0)
}

/** Whether rows were there before the first record, which only a snapshot has. */
function beginsWithSnapshot({ bytes }: LogRecord): boolean {
  const read = decodeRecord(bytes)
  return read?.kind === RecordKind.epoch && decodeFacts(read.payload).base === 'snapshot'
}

/**
 * The history from the place of a database on. The record at that place says whether the log is the one that was read, and
 * whether the database has more. Fails with `LogGapError` where it is gone, with `LogShortError`, and with
 * `ERR_REPLICA_MISMATCH`.
 */
export async function historyFrom(
  log: OpenLog,
  logId: string,
  place: Place,
  bounds: LogBounds,
): Promise<History> {
  if (place.sequence > bounds.last) throw new LogShortError(place, bounds.last)
  if (place.sequence < bounds.first) throw new LogGapError(place.sequence, bounds.first)
  const record = await log.read(place.sequence)
  if (record === undefined) throw new LogGapError(place.sequence, bounds.first)
  const read = decodeRecord(record.bytes)
  const epoch = read?.kind === RecordKind.epoch ? place.sequence : read?.epoch
  if (read?.logId !== logId || epoch !== place.epoch) {
    throw mismatch(
      `record ${place.sequence} of ${log.name} is ${described(read)}, and the directory has read epoch ${place.epoch} of log ${logId} there: it is another log`,
    )
  }
  const history = new History(logId, place, read.ordinal)
  const began = await log.read(place.epoch)
  const facts = began && decodeRecord(began.bytes)
  if (facts?.kind === RecordKind.epoch) history.learn(decodeFacts(facts.payload))
  return history
}

function described(read: ReadRecord | undefined): string {
  return read === undefined
    ? 'no record of a replica'
    : `of epoch ${read.epoch} of log ${read.logId}`
}
