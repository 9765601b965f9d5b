/** Packs files into a `.tar.gz` and takes them out again, and trusts nothing that it reads. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { create, extract, list } from 'tar'

/** A file of a snapshot. */
export interface FileEntry {
  /** Without any folder. */
  name: string
  bytes: number
  /** In hexadecimal digits. */
  sha256: string
}

/** A snapshot that is not what its manifest says, or that nobody should unpack. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError'
}

/** RocksDB writes these anew at each open. */
const OWN_TO_A_PROCESS = /^(LOCK|LOG(\.old\..*)?)$/

/** Fast rather than small: RocksDB's own files are compressed already. */
const GZIP = { level: 1 }

/** What a name in an archive may be: a file of RocksDB's, in no folder. */
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

/** The files of a closed database, with their hashes. */
export async function describeFiles(directory: string): Promise<FileEntry[]> {
  const names = (await readdir(directory)).filter((name) => !OWN_TO_A_PROCESS.test(name)).sort()
  return Promise.all(names.map((name) => describe(directory, name)))
}

/** Packs files of a directory; when this resolves, the archive is on the disk. */
export async function pack(
  directory: string,
  files: readonly FileEntry[],
  archive: string,
): Promise<void> {
  const names = files.map(({ name }) => name)
  await create({ file: archive, cwd: directory, gzip: GZIP, portable: true, strict: true }, names)
  await syncPath(archive)
}

/**
 * Unpacks an archive into a new directory. Throws a `SnapshotError` where it has anything but the
 * files that were named, each with the right hash.
 */
export async function unpack(
  archive: string,
  files: readonly FileEntry[],
  directory: string,
): Promise<void> {
  try {
    await checkEntries(archive, files)
    await mkdir(directory, { mode: 0o700 })
    await extract({ file: archive, cwd: directory, strict: true, preservePaths: false })
  } catch (cause) {
    if (cause instanceof SnapshotError) throw cause
    throw new SnapshotError(`${archive} cannot be read: ${(cause as Error).message}`, { cause })
  }
  for (const expected of files) {
    const found = await describe(directory, expected.name)
    if (found.bytes !== expected.bytes || found.sha256 !== expected.sha256) {
      throw new SnapshotError(`${expected.name} in ${archive} is not what the manifest says`)
    }
    await syncPath(join(directory, expected.name))
  }
  await syncPath(directory)
}

/** Brings a file, or the names in a directory, to the disk. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Whether a name can be unpacked into a directory without leaving it. */
export const isPlainName = (name: string): boolean => PLAIN_NAME.test(name)

/** Before anything is written: every entry is a plain file that the manifest names, each once. */
async function checkEntries(archive: string, files: readonly FileEntry[]): Promise<void> {
  const missing = new Map(files.map(({ name, bytes }) => [name, bytes]))
  const problems: string[] = []
  const onReadEntry = ({ path, type, size }: { path: string; type: string; size: number }) => {
    if (type !== 'File' && type !== 'OldFile') problems.push(`"${path}" is a ${type}`)
    else if (!isPlainName(path)) problems.push(`"${path}" leads out of the directory`)
    else if (missing.get(path) !== size) problems.push(`"${path}" is not in the manifest like that`)
    missing.delete(path)
  }
  await list({ file: archive, strict: true, onReadEntry })
  for (const name of missing.keys()) problems.push(`"${name}" is missing`)
  if (problems.length > 0) {
    throw new SnapshotError(`${archive} is not to be unpacked: ${problems.join(', ')}`)
  }
}

async function describe(directory: string, name: string): Promise<FileEntry> {
  const path = join(directory, name)
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return { name, bytes: (await stat(path)).size, sha256: hash.digest('hex') }
}
