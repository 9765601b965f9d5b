/** A disk of its own becomes full and has room again, with one family or twenty: writes go on. Needs root. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runLifecycle } from '../program.mjs'

const LONGEST_MS = 15_000
const SLOWEST = 'ms until the slowest went on'
const WAYS = [1, 5, 20].flatMap((families) => [
  { families, wal: true },
  { families, wal: false },
  { families, wal: true, atomic: true },
  { families, wal: true, alone: true },
])

export async function torture(run) {
  if (process.platform !== 'linux' || process.getuid() !== 0)
    return run.skip('a full disk needs root (tmpfs)')
  const disk = join(run.scratch, 'disk')
  mkdirSync(disk)
  for (let number = 0; run.goesOn(number); number++) {
    const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk])
    if (status !== 0) return run.skip(`no tmpfs can be mounted: ${stderr}`)
    try {
      await fillOnce(run, disk, WAYS[number % WAYS.length])
    } finally {
      spawnSync('umount', ['-l', disk])
    }
  }
}

async function fillOnce(run, disk, way) {
  const filler = join(disk, 'filler')
  writeFileSync(filler, Buffer.alloc(40 << 20))
  const said = await runLifecycle(run, 'full-disk', [{ path: join(disk, 'db'), filler, ...way }])
  run.count('full disks')
  const where = JSON.stringify(way)
  for (const [word, value] of said) {
    if (word === 'lost' && value !== 0) run.fail(where, `lost ${value}`)
    if (word !== 'went on') continue
    run.counts[SLOWEST] = Math.max(run.counts[SLOWEST] ?? 0, value)
    if (value > LONGEST_MS) run.fail(where, `went on after ${value} ms`)
  }
  if (!said.some(([word]) => word === 'went on')) run.fail(where, 'it did not go on')
}
