/** Numbers and times as people read them. */

import type { DataFile } from '../types/files'

/** `12,345`. */
export function numberText(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** A share in percent: `12 %`, `< 1 %`. */
export function ratioOf(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0 %'
  const percent = (100 * part) / whole
  return percent < 1 ? '< 1 %' : `${Math.floor(percent)} %`
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
] as const

/** How long ago: `5 s`, `3 min`, `2 h`, `12 d`. */
export function ageText(at: Date | undefined, now = Date.now()): string {
  if (at === undefined) return '?'
  const seconds = Math.max(0, Math.floor((now - at.getTime()) / 1000))
  const [name, size] = UNITS.find(([, least]) => seconds >= least) ?? ['s', 1]
  return `${Math.floor(seconds / size)} ${name}`
}

/** `1 family`, `2,000 families`; the plural is `what` and an s where it is not given. */
export function manyText(count: number, what: string, plural = `${what}s`): string {
  return `${numberText(count)} ${count === 1 ? what : plural}`
}

export const familiesText = (count: number) => manyText(count, 'family', 'families')

/**
 * When a table was written. RocksDB does not note that of one that it makes of the write-ahead log as it opens; the
 * age of its oldest rows is the same then.
 */
export function writtenAt({ createdAt, oldestAncestorAt }: DataFile): Date | undefined {
  return createdAt ?? oldestAncestorAt
}
