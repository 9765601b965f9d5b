/** The list of a backup's files. */
import { damaged, notFound } from './errors'
import { isFileName, isKey } from './keys'
import type { Manifest, SnapshotEntry } from './manifest'
import { readObject, sumOf, writeObject } from './objects'
import type { BackupTarget } from './target'

const FORMAT = 1

/** A file of a backup: in an object of its own, or here. */
export interface BackupFile {
  /** Its name in the directory. */
  name: string
  size: number
  sum: string
  key?: string
  /** Its bytes in base64. */
  inline?: string
}

/** Writes the list. Resolves to its sum. */
export async function writeSnapshot(
  target: BackupTarget,
  key: string,
  files: readonly BackupFile[],
  signal: AbortSignal | undefined,
): Promise<string> {
  const bytes = Buffer.from(`${JSON.stringify({ format: FORMAT, files })}\n`)
  await writeObject(target, key, bytes, {}, signal)
  return sumOf(bytes)
}

/** The files of a backup. Whatever is wrong with the list is `ERR_BACKUP_DAMAGED`. */
export async function readSnapshot(
  target: BackupTarget,
  { key, sum }: Pick<SnapshotEntry, 'key' | 'sum'>,
  signal?: AbortSignal,
): Promise<BackupFile[]> {
  const found = await readObject(target, key, signal)
  if (found === undefined) throw damaged(target, key, 'it is not there')
  if (sumOf(found.bytes) !== sum) throw damaged(target, key, 'its sum is not that of the manifest')
  const { format, files } = JSON.parse(found.bytes.toString('utf8'))
  if (format !== FORMAT || !Array.isArray(files))
    throw damaged(target, key, 'its format is unknown')
  const names = new Set<string>()
  for (const file of files) {
    if (!isFile(file)) throw damaged(target, key, 'it names a file that no database has')
    if (names.has(file.name)) throw damaged(target, key, `it names ${file.name} twice`)
    names.add(file.name)
  }
  return files
}

function isFile(file: BackupFile): file is BackupFile {
  return (
    typeof file === 'object' &&
    file !== null &&
    isFileName(file.name) &&
    Number.isSafeInteger(file.size) &&
    file.size >= 0 &&
    typeof file.sum === 'string' &&
    (file.key === undefined ? typeof file.inline === 'string' : isKey(file.key))
  )
}

export function findSnapshot(target: BackupTarget, manifest: Manifest, id: string): SnapshotEntry {
  const entry = manifest.snapshots.find((each) => each.id === id)
  if (entry === undefined) throw notFound(target, `has no backup ${JSON.stringify(id)}`)
  return entry
}
