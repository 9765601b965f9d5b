/** Reads the options of callers. */
import {
  invalidType,
  optionalBoolean,
  optionalInteger,
  outOfRange,
  readOptions,
} from '../base/arguments'
import type { BackupTarget } from './target'
import type { CopyOptions } from './types'

export const COPY_OPTIONS = ['onProgress', 'rateLimitMbPerSec', 'concurrency', 'signal'] as const
const METHODS = ['put', 'get', 'list', 'delete', 'head'] as const
const MOST_CONCURRENCY = 64
const CONCURRENCY = 4

/** Options of a copy, checked. */
export interface Copying extends CopyOptions {
  concurrency: number
  signal: AbortSignal
}

/** Checks that it has the methods of a target. */
export function checkTargetArgument(target: unknown): BackupTarget {
  const given = target as Record<string, unknown> | null | undefined
  const whole =
    typeof given === 'object' &&
    given !== null &&
    typeof given['name'] === 'string' &&
    METHODS.every((method) => typeof given[method] === 'function')
  if (!whole) throw invalidType('target', `an object with a name and ${METHODS.join(', ')}`, target)
  return target as BackupTarget
}

export function optionalFunction<T>(name: string, value: unknown): T | undefined {
  if (value !== undefined && typeof value !== 'function') {
    throw invalidType(name, 'a function', value)
  }
  return value as T | undefined
}

function readSignal(value: unknown): AbortSignal {
  if (value === undefined) return new AbortController().signal
  if (value instanceof AbortSignal) return value
  throw invalidType('options.signal', 'an AbortSignal', value)
}

/** `rateLimitMbPerSec`: any number above 0. */
function readRate(value: unknown): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'number') throw invalidType('options.rateLimitMbPerSec', 'a number', value)
  if (!(value > 0)) throw outOfRange('options.rateLimitMbPerSec', '> 0', value)
  return value
}

/** Reads the options of a copy among others. */
export function readCopying(options: Record<string, unknown>): Copying {
  return {
    onProgress: optionalFunction('options.onProgress', options['onProgress']),
    rateLimitMbPerSec: readRate(options['rateLimitMbPerSec']),
    concurrency: optionalInteger('options.concurrency', options['concurrency'], {
      min: 1,
      max: MOST_CONCURRENCY,
      default: CONCURRENCY,
    }),
    signal: readSignal(options['signal']),
  }
}

export function copyOptions(options: unknown, more: readonly string[] = []) {
  const read = readOptions('options', options, [...COPY_OPTIONS, ...more])
  return { copying: readCopying(read), read }
}

export { optionalBoolean, optionalInteger }
