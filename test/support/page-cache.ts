/**
 * Whether reads can tell what is in the system's page cache: on Linux, but not on every file
 * system.
 */
import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

/** The ids of ext4, XFS, btrfs and tmpfs in statfs(2). */
const KNOWING = [0xef53, 0x58465342, 0x9123683e, 0x01021994]

let known: boolean | undefined

/** Prints a note, once, if they cannot. */
export function pageCacheTells(): boolean {
  if (known !== undefined) return known
  known = process.platform === 'linux' && KNOWING.includes(statfsSync(tmpdir()).type)
  if (!known) {
    console.warn(
      `SKIPPED: whether reads from the page cache settle at once is not tested in ${tmpdir()}; set ` +
        'TMPDIR to a directory on ext4, XFS or btrfs on Linux',
    )
  }
  return known
}
