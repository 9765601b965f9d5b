/** Places in a log, and the tokens that stand for them. */
import { invalidType, invalidValue } from '../base/arguments'

/** How far a database has come in its log. */
export interface Place {
  /** The sequence of the epoch record under which it was written. */
  epoch: number
  /** The last sequence that is known to be applied. */
  sequence: number
  /** The number of the last applied proposal in that epoch. */
  ordinal: number
}

/** The place of a database that has read nothing. */
export const NOWHERE: Place = Object.freeze({ epoch: 0, sequence: 0, ordinal: 0 })

/** What a token says. */
export interface Token extends Place {
  logId: string
  /** Whether its writer acknowledged before the log had it. */
  local: boolean
}

const TOKEN = /^([0-9a-f]{16})\.(\d{1,16})\.(\d{1,16})\.(\d{1,16})([rl])$/

export function encodeToken({ logId, epoch, sequence, ordinal, local }: Token): string {
  return `${logId}.${epoch}.${sequence}.${ordinal}${local ? 'l' : 'r'}`
}

/** Throws for anything but a token. */
export function decodeToken(token: unknown): Token {
  if (typeof token !== 'string') throw invalidType('token', 'a string', token)
  const [, logId, epoch, sequence, ordinal, kind] = TOKEN.exec(token) ?? []
  if (logId === undefined) {
    throw invalidValue('token', token, 'must be what write or token of a replica has given')
  }
  return {
    logId,
    epoch: Number(epoch),
    sequence: Number(sequence),
    ordinal: Number(ordinal),
    local: kind === 'l',
  }
}
