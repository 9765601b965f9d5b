/** Reads the options of `startBackups`. */
import { optionalBoolean, optionalInteger, readOptions } from '../base/arguments'
import { type Copying, optionalFunction, readCopying } from './options'
import type { KeepOptions } from './types'

const DAY_MS = 86_400_000
const MOST_MS = 2 ** 31 - 1

/** Options of a stream, checked. */
export interface StreamRequest {
  everyMs: number
  snapshotEveryMs: number
  keepMs: number
  keep: Omit<KeepOptions, 'signal'>
  maxWalBytes: number
  onError: ((error: Error) => void) | undefined
  copying: Copying
}

const OPTIONS = [
  'everyMs',
  'snapshotEveryMs',
  'keepMs',
  'keep',
  'maxWalMb',
  'exclusive',
  'onError',
  'rateLimitMbPerSec',
  'concurrency',
]

export function readStreamRequest(options: unknown): StreamRequest & { exclusive: boolean } {
  const read = readOptions('options', options, OPTIONS)
  const time = (name: string, fallback: number, min = 0) => {
    const range = { min, max: Number.MAX_SAFE_INTEGER, default: fallback }
    return optionalInteger(`options.${name}`, read[name], range)
  }
  const kept = readOptions('options.keep', read['keep'], ['last', 'daily', 'weekly'])
  const count = (name: string) =>
    optionalInteger(`options.keep.${name}`, kept[name], { min: 1, default: undefined })
  return {
    everyMs: Math.min(time('everyMs', 1000, 1), MOST_MS),
    snapshotEveryMs: time('snapshotEveryMs', DAY_MS),
    keepMs: time('keepMs', 7 * DAY_MS),
    keep: { last: count('last'), daily: count('daily'), weekly: count('weekly') },
    maxWalBytes: time('maxWalMb', 1024, 1) * 2 ** 20,
    exclusive: optionalBoolean('options.exclusive', read['exclusive'], false),
    onError: optionalFunction('options.onError', read['onError']),
    copying: readCopying({
      rateLimitMbPerSec: read['rateLimitMbPerSec'],
      concurrency: read['concurrency'],
    }),
  }
}
