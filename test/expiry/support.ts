/** A family whose rows expire, and the clock that they expire by. */
import { type Database, json } from 'rocksdb-live'
import { nowMs, shiftClock } from '../../lib/native/clock'
import { openFresh } from '../support/database'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE

export interface Session {
  user: string
}

export const FAMILIES = {
  sessions: { key: 'utf8', value: json<Session>(), expires: true },
  short: { key: 'utf8', value: 'utf8', expires: { afterMs: MINUTE } },
  plain: { key: 'utf8', value: 'utf8' },
} as const

/** A clock that stands where the system's does until it is moved; put back after each test. */
export function useClock(): { pass(ms: number): void; now(): number } {
  let shiftMs = 0
  const move = (ms: number) => {
    shiftMs = ms
    shiftClock(ms)
  }
  afterEach(() => move(0))
  return { pass: (ms) => move(shiftMs + ms), now: nowMs }
}

export type Sessions = Database<typeof FAMILIES>

export async function openSessions() {
  const db = await openFresh({ columnFamilies: FAMILIES })
  const [sessions, short] = [db.columnFamily('sessions'), db.columnFamily('short')]
  return { db, sessions, short, plain: db.columnFamily('plain') }
}

/** The keys that a scan gives. */
export async function keysOf(family: { keys(): AsyncIterableIterator<string> }): Promise<string[]> {
  const keys: string[] = []
  for await (const key of family.keys()) keys.push(key)
  return keys
}
