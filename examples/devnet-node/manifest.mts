/** The manifest of a snapshot: what is in the archive beside it. */
import { type FileEntry, isPlainName, SnapshotError } from './archive.mjs'

/** The version of the manifest. */
export const FORMAT = 1

export interface Manifest {
  format: number
  network: string
  /** Of the chain's keys and values. */
  schemaVersion: number
  /** ISO 8601, in UTC. */
  createdAt: string
  height: number
  /** In hexadecimal digits. */
  tipHash: string
  /** In decimal digits: it may pass 2^53. */
  cumulativeWork: string
  utxoCount: number
  /** The column families. */
  families: string[]
  /** The name of the archive, in the same directory. */
  archive: string
  files: FileEntry[]
}

const DIGITS = /^[0-9]+$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const HASH = /^[0-9a-f]{64}$/

const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
const isText = (value: unknown) => typeof value === 'string' && value !== ''
const isMatch = (pattern: RegExp) => (value: unknown) =>
  typeof value === 'string' && pattern.test(value)

const FIELDS: Record<keyof Manifest, (value: unknown) => boolean> = {
  format: isCount,
  network: isText,
  schemaVersion: isCount,
  createdAt: isMatch(TIME),
  height: isCount,
  tipHash: isMatch(HASH),
  cumulativeWork: isMatch(DIGITS),
  utxoCount: isCount,
  families: (value) => Array.isArray(value) && value.every(isText),
  archive: (value) => typeof value === 'string' && isPlainName(value),
  files: (value) => Array.isArray(value) && value.length > 0 && value.every(isFile),
}

/** Reads the text of a manifest; `path` is for the errors. */
export function parseManifest(text: string, path: string): Manifest {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new SnapshotError(`${path} is no JSON: ${(cause as Error).message}`, { cause })
  }
  if (typeof value !== 'object' || value === null) throw new SnapshotError(`${path} is no manifest`)
  const given = value as Record<string, unknown>
  if (isCount(given['format']) && (given['format'] as number) > FORMAT) {
    const said = `has format ${given['format']}, and this program knows those up to ${FORMAT}`
    throw new SnapshotError(`${path} ${said}: use a newer version of it`)
  }
  for (const [field, isRight] of Object.entries(FIELDS)) {
    if (!isRight(given[field])) throw new SnapshotError(`${path} has no right "${field}"`)
  }
  return value as Manifest
}

function isFile(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { name, bytes, sha256 } = value as Partial<FileEntry>
  return typeof name === 'string' && isPlainName(name) && isCount(bytes) && isMatch(HASH)(sha256)
}
