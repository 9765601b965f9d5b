/**
 * The process that takes cases, one a message, until one of them ends it. It is loaded with the library of
 * test/support/faults, which does nothing until a case arms it.
 */
const fs = require('node:fs')
const path = require('node:path')
const { Faults } = require('../../support/faults/faults.cjs')
const { batchOf, Database, optionsOf } = require('./rows.cjs')
const { Case } = require('./case.cjs')
const { STEPS } = require('./steps.cjs')

/** Batches of a base. Some are in tables, some in the WAL alone. */
const ROWS = 60
const [scratch] = process.argv.slice(2)
const faults = new Faults(path.join(scratch, 'control'))
const at = (...names) => path.join(scratch, ...names)
const given = { folder: at('case'), journal: at('journal'), rows: ROWS }

/** Makes the directories from which steps begin: one that was closed, and one whose process is killed by this. */
async function makeBase(kind) {
  const db = await Database.open(at('base', kind), optionsOf())
  for (let number = 0; number < ROWS; number++) {
    batchOf(db, number).writeSync()
    if (number === 20 || number === 40) await db.flush()
    if (number === 30) await db.compactRange('a')
  }
  if (kind === 'closed') return db.close()
  await db.flushWAL({ sync: true })
  process.kill(process.pid, 'SIGKILL')
}

/** Puts the base in place, and does what comes before the step. */
async function prepare(name) {
  fs.rmSync(given.folder, { recursive: true, force: true })
  fs.mkdirSync(given.folder)
  fs.writeFileSync(given.journal, '')
  const step = STEPS[name]
  const it = new Case(step, given)
  if (step.base !== 'none') fs.cpSync(at('base', step.base), it.at('db'), { recursive: true })
  await step.before?.(it)
  it.before = [...it.acknowledged]
  fs.appendFileSync(given.journal, `${JSON.stringify(['before', it.before.length])}\n`)
  return it
}

/** Does the step with the fault; returns the case and what came of it. */
async function attempt({ step, fault }) {
  const it = await prepare(step)
  faults.arm(fault)
  let outcome = 'ok'
  let error
  try {
    await STEPS[step].run(it)
  } catch (thrown) {
    error = thrown
    outcome = thrown?.code ?? 'untyped'
  }
  faults.disarm()
  const seen = faults.seen()
  return { it, outcome, error, seen }
}

/** A case that should kill this process: answers only if its fault is behind the last call. */
async function runToKill(what) {
  const { it, outcome, seen } = await attempt(what)
  await it.close()
  return { outcome, seen, problems: it.problems }
}

/** Looks at what a killed process left. */
async function verifyKilled({ step }) {
  const it = new Case(STEPS[step], given)
  it.remember()
  // What was acknowledged before the step comes first in the journal.
  it.before = [...it.acknowledged].slice(0, beforeOf())
  await guarded(it, () => it.verify('killed'))
  return { problems: it.problems }
}

function beforeOf() {
  const line = fs.readFileSync(given.journal, 'utf8').split('\n')
  const found = line.find((text) => text.startsWith('["before"'))
  return found === undefined ? 0 : JSON.parse(found)[1]
}

/** A case whose calls fail: everything is looked at in this process. */
async function runToFail(what) {
  const { it, outcome, error, seen } = await attempt(what)
  if (error !== undefined) it.checkError(error)
  if (error !== undefined && seen.done === 0) it.wrong(`failed without a fault: ${error.stack}`)
  await guarded(it, async () => {
    await it.goOn()
    await it.checkImage()
    const { db } = it
    it.db = undefined
    await db?.close().catch((failed) => it.checkError(failed))
    await it.verify(outcome)
  })
  await it.db?.close().catch(() => {})
  return { outcome, seen, problems: it.problems }
}

/** An exception where none may be is a problem of the case. */
async function guarded(it, work) {
  try {
    await work()
  } catch (error) {
    it.wrong(`after the faults: ${error?.code} ${error?.stack}`)
  }
}

const TASKS = { makeBase: ({ kind }) => makeBase(kind), runToKill, verifyKilled, runToFail }

process.on('message', async (message) => {
  try {
    process.send((await TASKS[message.task](message)) ?? {})
  } catch (error) {
    process.send({ problems: [`the program failed: ${error?.stack ?? error}`] })
  }
})
process.send({ ready: true })
