/** What the page can ask for, by name: each a POST of JSON. */
import { RocksDBError } from '../base/errors'
import { FormatError } from '../formats/format'
import { findingsOf } from './doctor'
import { previewOf, write } from './edits'
import { Refused } from './exchange'
import { healthOf } from './health'
import type { Failure, FamilyName } from './protocol'
import { rowOf, rowsOf } from './rows'
import { SHAPE_NAMES } from './shapes'
import { spaceOf } from './space'
import { aboutOf, opened, type OpenSubject, type Subject } from './subject'
import { apply, tuningOf } from './tuning'

type Answer = (subject: OpenSubject, body: unknown, signal: AbortSignal) => unknown

const READS: Readonly<Record<string, Answer>> = {
  families: ({ db, shapes }): { families: FamilyName[]; formats: readonly string[] } => ({
    families: db.columnFamilies().map((name) => shapes.first(name)),
    formats: SHAPE_NAMES,
  }),
  health: ({ db, connection }, body) => healthOf(db, connection, body),
  rows: ({ db, shapes }, body, signal) => rowsOf(db, shapes, body, signal),
  row: ({ db, shapes }, body, signal) => rowOf(db, shapes, body, signal),
  space: ({ db, shapes }, body, signal) => spaceOf(db, shapes, body, signal),
  tuning: ({ db }, body) => tuningOf(db, body),
}

const WRITES: Readonly<Record<string, Answer>> = {
  preview: ({ db, shapes }, body) => previewOf(db, shapes, body),
  write: ({ db, shapes }, body) => write(db, shapes, body),
  apply: ({ db }, body) => apply(db, body),
}

/** Whether there is such a request. */
export const isRequest = (name: string) =>
  name === 'about' ||
  name === 'findings' ||
  Object.hasOwn(READS, name) ||
  Object.hasOwn(WRITES, name)

/** Answers a request. */
export async function answer(
  name: string,
  subject: Subject,
  body: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  if (name === 'about') return aboutOf(subject)
  if (name === 'findings') {
    return 'failure' in subject ? subject.findings() : findingsOf(opened(subject).db, signal)
  }
  const read = READS[name]
  const open = opened(subject)
  if (read !== undefined) return read(open, body, signal)
  if (!open.write) {
    throw new Refused(403, 'ERR_READ_ONLY', open.whyNot ?? 'the studio was opened to look only')
  }
  return WRITES[name]?.(open, body, signal)
}

const STATUS: Readonly<Record<string, number>> = {
  ERR_CLOSED: 503,
  ERR_SHUTDOWN: 503,
  ERR_BUSY: 503,
  ERR_TRY_AGAIN: 503,
  ERR_TIMED_OUT: 504,
  ERR_ABORTED: 504,
  ERR_READ_ONLY: 403,
  ERR_DROPPED: 404,
  ERR_INVALID_TUNING: 400,
  ERR_INVALID_ARGUMENT: 400,
  ERR_INVALID_ARG_TYPE: 400,
  ERR_INVALID_ARG_VALUE: 400,
  ERR_OUT_OF_RANGE: 400,
}

/** The status and the failure of an error. */
export function failureOf(error: unknown): { status: number; failure: Failure } {
  const { message } = error instanceof Error ? error : new Error(String(error))
  if (error instanceof Refused) {
    return { status: error.status, failure: { code: error.code, message } }
  }
  if (error instanceof FormatError) {
    return { status: 400, failure: { code: 'ERR_INVALID_ARGUMENT', message } }
  }
  const code = (error as { code?: unknown } | null)?.code
  const named = typeof code === 'string' ? code : 'ERR_INTERNAL'
  const isOurs = error instanceof RocksDBError || Object.hasOwn(STATUS, named)
  return { status: (isOurs ? STATUS[named] : undefined) ?? 500, failure: { code: named, message } }
}
