// Workloads on a database that holds all rows, flushed and compacted.
import path from 'node:path'
import { inRandomOrder, inTurn, READ_SEED, SortedRows, WRITE_SEED } from './data.mjs'
import { load, settle, WARM_ROWS } from './fresh.mjs'
import { loadedKinds, missingFor, scanOf } from './kinds.mjs'
import { readers } from './loops.mjs'
import { Clock, timed, warmedUp } from './timing.mjs'
import { runWorkers } from './workers.mjs'

const textReaders = { utf8: readers.getText, json: readers.getJson }

/** The loop of a kind that reads single values, for the codec. */
function readerOf(session, loop) {
  const ofCodec = textReaders[session.settings.codec]
  return ofCodec !== undefined && loop === readers.getSync ? ofCodec : loop
}

function expectRight(wrong, what) {
  if (wrong !== 0) throw new Error(`${what}: ${wrong} reads were wrong`)
}

/** Opens, loads and settles; reads everything once where that is asked for. */
export async function openLoaded(session) {
  const directory = path.join(session.directory, 'db')
  let db = await session.open(directory)
  await load(session, db)
  await settle(db)
  if (session.reopen) {
    await db.close()
    db = await session.open(directory)
  }
  if (session.readOnce) {
    const sync = typeof db.getSync === 'function'
    const loop = sync ? readerOf(session, readers.getSync) : readers.getInFlight
    const plan = inRandomOrder(session.rows, session.rows, WRITE_SEED)
    const { result } = await timed(session, plan, (chunk) => loop(db, chunk, { inFlight: 64 }))
    expectRight(result, 'the first reads')
  }
  return db
}

async function timedReads(session, db, row, spec) {
  const loop = readerOf(session, spec.loop)
  const plan = spec.missing
    ? inTurn(row.ops, { first: session.rows })
    : inRandomOrder(row.ops, session.rows, READ_SEED)
  const read = (chunk) => loop(db, chunk, spec.params)
  const few = { ...plan, count: Math.min(row.ops, WARM_ROWS) }
  const wrong = await warmedUp(async () => (await timed(session, few, read)).result)
  const { ops, ns, result } = await timed(session, plan, read)
  expectRight(wrong + result, row.id)
  return { ops, ns }
}

function expectSum(checksum, expected, row) {
  if (checksum !== expected) throw new Error(`${row.id}: other rows than were written`)
}

async function timedScans(session, db, row, spec) {
  const { scan, fallback } = scanOf(spec, db)
  const passes = Math.max(1, Math.floor(row.ops / session.rows))
  const { total } = session.sorted()
  const clock = new Clock()
  const range = { reverse: spec.reverse }
  await warmedUp(async () => {
    await scan(db, { ...range, limit: WARM_ROWS })
  })
  for (let pass = 0; pass < passes; pass++) {
    clock.start()
    const walked = await scan(db, range)
    clock.stop()
    if (walked.rows !== session.rows) throw new Error(`${row.id}: ${walked.rows} rows`)
    expectSum(walked.checksum, total, row)
  }
  return { ops: passes * session.rows, ns: clock.ns, ...(fallback && { fallback }) }
}

/** Walks a range from each key of a chunk, and sums up what it saw. */
function rangeLoop(db, scan, { limit, awaited }) {
  if (awaited) {
    return async ({ keys }) => {
      let sum = 0
      for (let i = 0; i < keys.length; i++) {
        sum += (await scan(db, { reverse: false, from: keys[i], limit })).checksum
      }
      return sum
    }
  }
  return ({ keys }) => {
    let sum = 0
    for (let i = 0; i < keys.length; i++) {
      sum += scan(db, { reverse: false, from: keys[i], limit }).checksum
    }
    return sum
  }
}

async function timedRanges(session, db, row, spec) {
  const { scan, fallback } = scanOf(spec, db)
  const { limit } = spec
  const walk = rangeLoop(db, scan, spec)
  const plan = inRandomOrder(row.ops, session.rows, READ_SEED)
  const few = { ...plan, count: Math.min(row.ops, WARM_ROWS / limit) }
  await warmedUp(async () => {
    await timed(session, few, walk)
  })
  const { ops, ns, result } = await timed(session, plan, walk)
  let expected = 0
  for (let j = 0; j < row.ops; j++) expected += session.sorted().sumFrom(plan.row(j), limit)
  expectSum(result, expected, row)
  return { ops: ops * limit, ns, ...(fallback && { fallback }) }
}

/** Runs one row on a loaded database; gives its figure, or why there is none. */
export function runLoaded(session, db, row) {
  const spec = loadedKinds[row.kind]
  const missing = missingFor(session.engine, db, row.kind, [])
  if (missing !== undefined) return { missing }
  if (spec.workers) return runWorkers(session, row, spec)
  if (spec.scan === undefined) return timedReads(session, db, row, spec)
  return spec.limit === undefined
    ? timedScans(session, db, row, spec)
    : timedRanges(session, db, row, spec)
}

/** The rows of a session in key order; made once, when a scan is checked. */
export function lazySorted(rows, values) {
  let sorted
  return () => {
    sorted ??= new SortedRows(rows, values)
    return sorted
  }
}
