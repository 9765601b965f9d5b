/** Files and directories, so that they are on the disk. */
import { mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Codes of systems that cannot sync a directory. */
const CANNOT = new Set(['EISDIR', 'EPERM', 'EINVAL', 'EACCES', 'ENOTSUP'])

/** The names in a directory are on the disk once this resolves. */
export async function syncDirectory(path: string): Promise<void> {
  let handle: Awaited<ReturnType<typeof open>> | undefined
  try {
    handle = await open(path, 'r')
    await handle.sync()
  } catch (error) {
    if (process.platform !== 'win32' || !CANNOT.has((error as { code: string }).code)) throw error
  } finally {
    await handle?.close()
  }
}

/**
 * Makes a directory and those above it, and has their names on the disk. Not with Node's own `recursive`, which
 * never ends where a system has no directories made, as in /proc.
 */
export async function makeDirectories(path: string): Promise<void> {
  if (await makeOne(path)) return
  const parent = dirname(path)
  if (parent !== path) await makeDirectories(parent)
  if (!(await makeOne(path))) throw new Error(`cannot make the directory ${path}`)
}

/** Returns false where the directory above is not there. */
async function makeOne(path: string): Promise<boolean> {
  try {
    await mkdir(path)
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'ENOENT') return false
    // Systems differ in what they say of one that is there, the root for example.
    if ((await stat(path).catch(() => undefined))?.isDirectory() === true) return true
    throw error
  }
  await syncDirectory(dirname(path))
  return true
}
