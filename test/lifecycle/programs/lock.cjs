// Waits for a database that somebody else holds, and then holds it for a while.
const fs = require('node:fs')
const os = require('node:os')
const nodePath = require('node:path')
const { Database, args, main, outcomeOf, say } = require('./support.cjs')

const [path, scenario, waitForLockMs = 0] = args

/** Until standard input ends. */
async function told() {
  for await (const _ of process.stdin);
}

/** The package once more, with an addon of its own in this process. */
function copyOfPackage() {
  const root = nodePath.join(__dirname, '..', '..', '..')
  const copy = fs.mkdtempSync(nodePath.join(os.tmpdir(), 'rocksdb-live-copy-'))
  process.on('exit', () => fs.rmSync(copy, { recursive: true, force: true }))
  for (const part of ['package.json', 'dist', nodePath.join('build', 'Release')]) {
    fs.cpSync(nodePath.join(root, part), nodePath.join(copy, part), { recursive: true })
  }
  fs.symlinkSync(nodePath.join(root, 'node_modules'), nodePath.join(copy, 'node_modules'))
  return require(copy).Database
}

const scenarios = {
  /** Holds it until told to release it. */
  async hold() {
    const db = await Database.open(path, { waitForLockMs })
    say('open')
    await told()
    await db.close()
    say('closed')
  },

  /** Holds it for a moment, and reports the times: a row of the database for each visit. */
  async visit() {
    say('waiting')
    const db = await Database.open(path, { waitForLockMs })
    const visits = await db.default.count()
    await db.default.put(`visit${visits}`, String(process.pid))
    await db.close()
    say('visit', visits)
  },

  async fail() {
    const { code, message, retryable } = await Database.open(path, { waitForLockMs }).catch(
      (error) => error,
    )
    say('failed', code, message, retryable)
  },

  /** Exits while it waits. */
  async exit() {
    Database.open(path, { waitForLockMs }).catch(() => {})
    setImmediate(() => process.exit(3))
  },

  /** A worker that is terminated while it waits. */
  async terminate() {
    const { Worker } = require('node:worker_threads')
    const given = JSON.stringify([path, 'hold', waitForLockMs])
    const worker = new Worker(__filename, { argv: [given], stdin: true })
    await new Promise((resolve) => worker.once('online', resolve))
    await new Promise((resolve) => setTimeout(resolve, 100))
    say('ended', await worker.terminate())
  },

  /** Two copies of the package in one process. */
  async copies() {
    const Other = copyOfPackage()
    const db = await Database.open(path)
    const { code, message } = await Other.open(path).catch((error) => error)
    say('failed', code, message, process.pid)
    const waiting = Other.open(path, { waitForLockMs })
    await db.default.put('first', 'copy')
    await db.close()
    const other = await waiting
    say('second', String(await other.default.get('first')))
    await other.close()
  },

  /** What this open has waited for, another thread or another open of this process gets as well. */
  async shared() {
    const both = [Database.open(path, { waitForLockMs }), Database.open(path, { waitForLockMs })]
    say('waiting')
    const [one, other] = await Promise.all(both)
    await one.default.put('shared', 'store')
    say('shared', String(await other.default.get('shared')))
    await one.close()
    await other.close()
  },

  async invalid() {
    const outcomes = []
    for (const wrong of [-1, 1.5, 2 ** 31, '1', null, Number.NaN]) {
      outcomes.push(await outcomeOf(() => Database.open(path, { waitForLockMs: wrong })))
    }
    say('outcomes', outcomes)
  },
}

main(scenarios[scenario])
