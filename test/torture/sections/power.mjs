/**
 * The power goes: a file system of our own on a loop device is shut down while a program writes to it, without what it
 * had not written to the disk; then it is mounted again. Needs root and Linux.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { programAt } from '../child.mjs'

const BYTES = { ext4: 256 << 20, xfs: 512 << 20 }
/** A new database after so many cuts. */
const CUTS_OF_ONE = 20

/** Runs a command that must succeed; returns what it printed. */
function must(command, ...args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error ?? stderr}`)
  return stdout.trim()
}

/** Whether this system has loop devices for us, a file system's tools and the shutdown of it. */
function has(kind) {
  if (process.platform !== 'linux' || process.getuid() !== 0) return false
  const tools = [
    ['losetup', '-f'],
    [`mkfs.${kind}`, '-V'],
    ['python3', '--version'],
  ]
  return tools.every(([command, ...args]) => spawnSync(command, args).status === 0)
}

class Disk {
  #kind
  #image
  #device
  #folder

  constructor(run, kind) {
    this.#kind = kind
    this.#image = join(run.scratch, `${kind}.img`)
    this.#folder = join(run.scratch, kind)
    writeFileSync(this.#image, '')
    truncateSync(this.#image, BYTES[kind])
    must(`mkfs.${kind}`, '-q', this.#image)
    mkdirSync(this.#folder)
    this.#device = must('losetup', '-f', '--show', this.#image)
  }

  get folder() {
    return this.#folder
  }

  mount() {
    must('mount', '-t', this.#kind, this.#device, this.#folder)
  }

  /** Ends it at once: what is not on the device is gone, the journal's end as well. */
  cut() {
    // FS_IOC_SHUTDOWN, with the flag that writes nothing any more (NOLOGFLUSH).
    const call = `import fcntl,os,struct,sys
fcntl.ioctl(os.open(sys.argv[1],os.O_RDONLY),0x8004587d,struct.pack('I',2))`
    must('python3', '-c', call, this.#folder)
  }

  unmount() {
    must('umount', this.#folder)
  }

  remove() {
    spawnSync('umount', ['-l', this.#folder])
    spawnSync('losetup', ['-d', this.#device])
    rmSync(this.#image, { force: true })
  }
}

export async function torture(run) {
  const kinds = ['ext4', 'xfs'].filter((kind) => has(kind))
  if (kinds.length === 0)
    return run.skip('power cuts need root, loop devices, mkfs.ext4 or mkfs.xfs, python3')
  const disks = kinds.map((kind) => [kind, new Disk(run, kind)])
  try {
    const places = disks.flatMap(([kind, disk]) => [
      { kind, disk, mode: 'synced' },
      { kind, disk, mode: 'unsynced' },
    ])
    for (let cut = 0; run.goesOn(cut); cut++) {
      await cutOnce(run, places[cut % places.length], Math.floor(cut / places.length))
    }
    for (const place of places) await look(run, place)
  } finally {
    for (const [, disk] of disks) disk.remove()
  }
}

const nameOf = ({ kind, mode }) => `${kind} ${mode}`

/** Writes until the power goes, and takes down what was acknowledged. */
async function cutOnce(run, place, number) {
  const { disk } = place
  if (number % CUTS_OF_ONE === 0) place.acknowledged = -1
  disk.mount()
  const path = join(disk.folder, place.mode)
  if (number % CUTS_OF_ONE === 0) rmSync(path, { recursive: true, force: true })
  const lines = 2 + run.random(60)
  const said = await runUntil([path, place.mode], lines, run.random(30), () => disk.cut())
  disk.unmount()
  check(run, place, said, number)
  run.count(`cuts of ${nameOf(place)}`)
  for (const [word, value] of said) {
    if (word === 'acknowledged' && place.mode === 'synced') {
      place.acknowledged = Math.max(place.acknowledged, value)
    }
  }
}

/** Looks at what the last cut has left. */
async function look(run, place) {
  if (place.acknowledged === undefined) return
  place.disk.mount()
  const said = await runUntil([join(place.disk.folder, place.mode), 'end'], -1, 0)
  place.disk.unmount()
  check(run, place, said, 'last')
}

/** What was synced is there; what is there is a beginning of what was written, each batch whole. */
function check(run, place, said, number) {
  const failed = said.find(([word]) => word === 'failed to open')
  if (failed) run.fail(`${nameOf(place)} ${number}`, failed[1])
  const state = said.find(([word]) => word === 'state')
  if (state === undefined) return
  const [, top, wrong] = state
  run.count('openings')
  for (const problem of wrong) run.fail(`${nameOf(place)} ${number}`, problem)
  if (top < place.acknowledged) {
    run.fail(
      `${nameOf(place)} ${number}`,
      `${place.acknowledged} was acknowledged, ${top} is the last`,
    )
  }
}

/** Runs the program; so many lines and milliseconds after its beginning, cuts the power and kills it. */
async function runUntil(args, lines, delayMs, cut) {
  const child = spawn(process.execPath, [programAt('load'), ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const said = []
  let left = lines
  let over = false
  const end = () => {
    if (over) return
    over = true
    cut?.()
    child.kill('SIGKILL')
  }
  const hang = setTimeout(end, 30_000)
  createInterface({ input: child.stdout }).on('line', (line) => {
    // What is acknowledged after the cut is nobody's.
    if (!over && line.endsWith(']')) said.push(JSON.parse(line))
    if (left-- === 0) setTimeout(end, delayMs)
  })
  await once(child, 'close')
  clearTimeout(hang)
  end()
  return said
}
