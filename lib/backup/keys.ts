/** The names of the objects in a target. None ever changes its contents, but for the manifest. */

export const MANIFEST = 'manifest.json'

/** Names that one file of a database may have. */
const FILE = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,254}$/
const KEY = /^(sst|blob|files|snapshots|wal)(\/[A-Za-z0-9_-][A-Za-z0-9_.-]{0,254}){1,3}$/

/** Digits of a segment's number, so that names sort by it. */
const DIGITS = 12
/** Segments in a folder, so that the newest are found without listing all. */
export const SEGMENTS_IN_FOLDER = 10_000

/** Whether it may be the name of a file in a restored directory: never a path. */
export function isFileName(name: unknown): name is string {
  return typeof name === 'string' && FILE.test(name)
}

/** Whether it may be the key of an object that a manifest or a backup names. */
export function isKey(key: unknown): key is string {
  return typeof key === 'string' && KEY.test(key) && !key.includes('..')
}

export function tableKey(identity: string, size: number): string {
  return `sst/${identity}-${size}`
}

export function blobKey(sum: string): string {
  return `blob/${sum}`
}

/** Of any other file that is not in the list of files itself. */
export function fileKey(sum: string): string {
  return `files/${sum}`
}

export function snapshotKey(id: string): string {
  return `snapshots/${id}.json`
}

export function segmentKey(epoch: string, number: number): string {
  return `${segmentFolder(epoch, number)}${String(number).padStart(DIGITS, '0')}`
}

/** The folder of a segment. */
export function segmentFolder(epoch: string, number: number): string {
  const folder = Math.floor(number / SEGMENTS_IN_FOLDER)
  return `wal/${epoch}/${String(folder).padStart(DIGITS, '0')}/`
}

/** The number of a segment in a folder; undefined for other objects. */
export function segmentNumber(folder: string, key: string): number | undefined {
  const digits = key.startsWith(folder) ? key.slice(folder.length) : ''
  return digits.length === DIGITS && /^\d+$/.test(digits) ? Number(digits) : undefined
}
