// Workloads that begin with an empty database: warmed up in another one, then timed.
import { rmSync } from 'node:fs'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { timedAccounts } from './accounts.mjs'
import { again, chunksOf, inRandomOrder, inTurn, WRITE_SEED } from './data.mjs'
import { freshKinds, missingFor } from './kinds.mjs'
import { writers } from './loops.mjs'
import { Clock, timed, warmedUp } from './timing.mjs'

export const WARM_ROWS = 20_000

/** Rows of a batch that loads a database; large values are written by the MiB. */
export const loadBatch = (valueSize) => (valueSize >= 4096 ? 16 : 1000)

/** Writes all rows in random batches. */
export function load(session, db) {
  const params = { batch: loadBatch(session.values.size) }
  return timed(session, inTurn(session.rows), (chunk) => writers.batches(db, chunk, params))
}

/** Flushes and compacts, where the engine has such things. */
export async function settle(db) {
  await db.flush?.()
  await db.compact?.()
}

/** Does `work` with a transaction open beside it. */
async function besideTransaction(session, db, work) {
  const [{ keys }] = chunksOf(inTurn(1), session.values)
  const end = db.holdTransaction(keys[0])
  const figure = await work()
  await end()
  return figure
}

async function timedWrites(session, db, spec, plan) {
  if (spec.holds) {
    return besideTransaction(session, db, () =>
      timedWrites(session, db, { ...spec, holds: false }, plan),
    )
  }
  if (!spec.delay) return timed(session, plan, (chunk) => spec.loop(db, chunk, spec.params))
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const figure = await timed(session, plan, async (chunk) => {
    delay.enable()
    await spec.loop(db, chunk, spec.params)
    delay.disable()
  })
  return { ...figure, delayMs: delay.percentile(99) / 1e6 }
}

/** `pass` is what is timed afterwards, on another database. */
async function warmUp(session, pass) {
  const directory = path.join(session.directory, 'warm')
  const warm = await session.open(directory)
  await warmedUp(async () => {
    await pass(warm)
  })
  await warm.close()
  rmSync(directory, { recursive: true, force: true })
}

/** Resident memory after the load over that before, garbage collected. */
async function memory(session, db) {
  const [chunk] = chunksOf(inTurn(session.rows), session.values)
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  const opened = await db()
  await writers.batches(opened, chunk, { batch: loadBatch(session.values.size) })
  globalThis.gc?.()
  const value = (process.memoryUsage.rss() - before) / 1e6
  return { figure: { value }, opened }
}

/** The median time of some opens of a flushed and closed database. */
async function openTime(session, times, db) {
  const loaded = await db()
  await load(session, loaded)
  await settle(loaded)
  await loaded.close()
  const milliseconds = []
  for (;;) {
    const clock = new Clock()
    clock.start()
    const opened = await db()
    clock.stop()
    milliseconds.push(clock.ns / 1e6)
    if (milliseconds.length === times) {
      milliseconds.sort((a, b) => a - b)
      return { figure: { value: milliseconds[times >> 1] }, opened }
    }
    await opened.close()
  }
}

/** Runs one row; gives its figure, or why there is none, and the database, still open. */
export async function runFresh(session, row) {
  const spec = freshKinds[row.kind]
  const db = () => session.open(path.join(session.directory, 'db'))
  if (row.kind === 'memory') return memory(session, db)
  if (row.kind === 'open') return openTime(session, row.ops, db)
  const opened = await db()
  const missing = missingFor(session.engine, opened, row.kind, [])
  if (missing !== undefined) return { figure: { missing }, opened }
  const few = Math.min(row.ops, WARM_ROWS)
  if (spec.accounts || spec.steps) {
    await warmUp(session, (warm) => timedAccounts(session, warm, spec, few))
    return { figure: await timedAccounts(session, opened, spec, row.ops), opened }
  }
  const inOrder = (count) => (spec.again ? again(count, spec.again) : inTurn(count, spec))
  await warmUp(session, (warm) => timedWrites(session, warm, spec, inOrder(few)))
  if (spec.overwrite) await load(session, opened)
  const plan = spec.overwrite ? inRandomOrder(row.ops, session.rows, WRITE_SEED) : inOrder(row.ops)
  return { figure: await timedWrites(session, opened, spec, plan), opened }
}
