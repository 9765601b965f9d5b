/** What the operating system says: the file system, processes, memory. */
import { mkdtempSync, rmSync } from 'node:fs'
import { open, readdir, readFile, statfs } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import type {
  FileSystemEvidence,
  HolderEvidence,
  Known,
  MemoryEvidence,
  ProcessEvidence,
} from '../evidence'
import type { Stopped } from './log'

/** Numbers of statfs(2). */
const TYPES: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x2fc12fc1, 'zfs'],
  [0xf2f52010, 'f2fs'],
  [0x01021994, 'tmpfs'],
  [0x6969, 'nfs'],
  [0xff534d42, 'cifs'],
  [0xfe534d42, 'smb2'],
  [0x517b, 'smb'],
  [0x01021997, '9p'],
  [0x65735546, 'fuse'],
  [0x794c7630, 'overlay'],
  [0x00c36400, 'ceph'],
  [0x5346414f, 'afs'],
])

const notLinux = { unknown: 'this system has no /proc' }

export async function lookAtFileSystem(path: string): Promise<Known<FileSystemEvidence>> {
  try {
    const { type, bsize, bavail, blocks } = await statfs(path)
    const named = process.platform === 'linux' ? TYPES.get(type) : undefined
    return {
      type: named ?? `0x${type.toString(16)}`,
      freeBytes: bavail * bsize,
      totalBytes: blocks * bsize,
    }
  } catch (error) {
    return { unknown: `statfs failed: ${(error as Error).message}` }
  }
}

/** Of the process that has the database open. */
export async function lookAtProcess(pid: number | undefined): Promise<Known<ProcessEvidence>> {
  if (process.platform !== 'linux') return notLinux
  if (pid === undefined) return { unknown: 'no process has it open' }
  const unreadable = (error: Error) => ({ unknown: `/proc/${pid}: ${error.message}` })
  const openFiles = await readdir(`/proc/${pid}/fd`).then(({ length }) => length, unreadable)
  const openFileLimit = await readFile(`/proc/${pid}/limits`, 'utf8').then((text) => {
    const limit = /^Max open files\s+(\d+)/m.exec(text)?.[1]
    return limit === undefined ? { unknown: 'there is no limit of open files' } : Number(limit)
  }, unreadable)
  return { openFiles, openFileLimit, cores: availableParallelism() }
}

/** Of this process. */
export async function lookAtMemory(): Promise<Known<MemoryEvidence>> {
  if (process.platform !== 'linux') return notLinux
  try {
    const status = await readFile('/proc/self/status', 'utf8')
    const anonymous = /^RssAnon:\s+(\d+) kB/m.exec(status)?.[1]
    if (anonymous === undefined) return { unknown: '/proc/self/status has no RssAnon' }
    const { heapTotal, external } = process.memoryUsage()
    const maps = await readFile('/proc/self/maps', 'latin1')
    return {
      anonymousBytes: Number(anonymous) * 1024,
      scriptBytes: heapTotal + external,
      libc:
        /\/libc[.-][^\n]*so|\/libc\.so\.6/.test(maps) && !maps.includes('ld-musl')
          ? 'glibc'
          : 'other',
      arenaMax: process.env['MALLOC_ARENA_MAX'],
      allocator: /[^/\n]*(?:jemalloc|tcmalloc|mimalloc)[^\n]*/.exec(maps)?.[0],
    }
  } catch (error) {
    return { unknown: `/proc/self: ${(error as Error).message}` }
  }
}

/** Adds to what native says of a holder since when its process runs. */
export async function lookAtHolder(description: string): Promise<HolderEvidence> {
  const named = /\((\d+)/.exec(description)?.[1]
  const pid = description === 'this process' ? process.pid : Number(named)
  if (Number.isNaN(pid)) return { description, pid: undefined, since: undefined }
  const since = await startOf(pid).catch(() => undefined)
  return { description, pid, since }
}

/** Linux counts the start of a process in hundredths of a second since its own. */
async function startOf(pid: number): Promise<Date | undefined> {
  const [stat, system] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'latin1'),
    readFile('/proc/stat', 'latin1'),
  ])
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  const bootSeconds = Number(/^btime (\d+)/m.exec(system)?.[1])
  const ms = 1000 * bootSeconds + 10 * ticks
  return Number.isNaN(ms) ? undefined : new Date(ms)
}

const PROBES = 20
const PROBE_BYTES = 4096

/** Times writes that are made durable, in a directory of its own beside the database's, or below the one that is named. */
export async function probeDisk(
  path: string,
  where: string | undefined,
  stopped: Stopped,
): Promise<Known<readonly number[]>> {
  let directory: string | undefined
  try {
    directory = mkdtempSync(join(where ?? dirname(path), '.rocksdb-live-probe-'))
    const file = await open(join(directory, 'probe'), 'w')
    try {
      const bytes = Buffer.alloc(PROBE_BYTES, 1)
      const times: number[] = []
      while (times.length < PROBES && !stopped()) {
        const begun = performance.now()
        await file.write(bytes)
        await file.datasync()
        times.push(performance.now() - begun)
      }
      return times
    } finally {
      await file.close()
    }
  } catch (error) {
    return { unknown: `the probe failed: ${(error as Error).message}` }
  } finally {
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true })
  }
}
