/** Files, so that they are on the disk. */
import { open } from 'node:fs/promises'

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
