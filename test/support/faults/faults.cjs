/**
 * Faults of the file system in a child process: it is killed at a call, or calls fail. What does it is faults.c,
 * compiled when it is needed and loaded with LD_PRELOAD.
 */
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

/** Kinds of calls, as in faults.c. */
const KINDS = {
  opens: 1,
  reads: 2,
  writes: 4,
  syncs: 8,
  names: 16,
  looks: 32,
  closes: 64,
  locks: 128,
}
const ALL_KINDS = 255
/** Those that change what is on the disk, or say that something is there. */
const CHANGES = KINDS.writes | KINDS.syncs | KINDS.names | KINDS.closes | KINDS.locks

/** What happens to a call, as in faults.c. A half is that of the bytes of a write; other calls are not made then. */
const ACTIONS = { nothing: 0, kill: 1, fail: 2, halfKill: 3, halfFail: 4 }

const ERRNO = { EINTR: 4, EIO: 5, EMFILE: 24, ENOSPC: 28 }

/** Where the numbers and texts are in the control file: struct control. */
const AT = {
  armed: 0,
  count: 4,
  done: 8,
  at: 12,
  times: 16,
  action: 20,
  error: 24,
  kinds: 28,
  call: 32,
  path: 64,
}
const BYTES = 4096
const TEXTS = { call: 32, path: 448 }

/** Compiles faults.c into a folder; returns the library, or undefined where there is no Linux or no C compiler. */
function compileFaults(folder) {
  if (process.platform !== 'linux') return undefined
  const library = path.join(folder, 'faults.so')
  const source = path.join(__dirname, 'faults.c')
  const args = ['-O1', '-shared', '-fPIC', '-o', library, source, '-ldl']
  const { status, error, stderr } = spawnSync('cc', args, { encoding: 'utf8' })
  if (error?.code === 'ENOENT') return undefined
  if (status !== 0) throw new Error(`faults.c does not compile:\n${stderr}`)
  return library
}

/** The control file, of the process that makes it and of the one that is tormented. */
class Faults {
  #file

  /** @param {string} file made if it is not there */
  constructor(file) {
    const made = !fs.existsSync(file)
    this.path = file
    this.#file = fs.openSync(file, made ? 'w+' : 'r+')
    if (made) fs.writeSync(this.#file, Buffer.alloc(BYTES))
  }

  /** The environment of a process whose calls below `under` are looked at. */
  environment(library, under) {
    return { LD_PRELOAD: library, FAULTS_CONTROL: this.path, FAULTS_UNDER: under }
  }

  /** From now on the calls of these kinds are counted, and those from `at` on, `times` of them, have the fault. */
  arm({ kinds = ALL_KINDS, action = 'nothing', error = 'EIO', at = -1, times = 1 }) {
    const bytes = Buffer.alloc(BYTES - AT.count)
    const put = (name, value) => bytes.writeInt32LE(value, AT[name] - AT.count)
    put('at', at < 0 ? 2 ** 31 - 1 : at)
    put('times', times)
    put('action', ACTIONS[action])
    put('error', ERRNO[error])
    put('kinds', kinds)
    fs.writeSync(this.#file, bytes, 0, bytes.length, AT.count)
    this.#armed(1)
  }

  disarm() {
    this.#armed(0)
  }

  /** How many calls were counted and how many had the fault; the first of these, and its file. */
  seen() {
    const bytes = Buffer.alloc(BYTES)
    fs.readSync(this.#file, bytes, 0, BYTES, 0)
    const text = (name) =>
      bytes.toString('utf8', AT[name], AT[name] + TEXTS[name]).split('\0', 1)[0]
    return {
      count: bytes.readInt32LE(AT.count),
      done: bytes.readInt32LE(AT.done),
      call: text('call'),
      path: text('path'),
    }
  }

  close() {
    fs.closeSync(this.#file)
  }

  #armed(value) {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32LE(value)
    fs.writeSync(this.#file, bytes, 0, 4, AT.armed)
  }
}

module.exports = { ALL_KINDS, CHANGES, compileFaults, Faults, KINDS }
