/** Each call of the file system fails in turn, once and from then on, with the errors that disks have. */
import { CHANGES, inTurn, KINDS, startFaulted, stepsOf } from '../faulted.mjs'

const OPENING = KINDS.opens | KINDS.names
const FOREVER = 2 ** 30

/** What a call fails with, which calls, and how many in a row from the first on. */
const WAYS = [
  { error: 'EIO' },
  { error: 'EIO', times: FOREVER },
  { error: 'ENOSPC', kinds: CHANGES },
  { error: 'ENOSPC', kinds: CHANGES, times: FOREVER },
  // Half of a write is done, as on a disk that becomes full.
  { error: 'ENOSPC', kinds: KINDS.writes, action: 'halfFail', times: 2 },
  { error: 'EMFILE', kinds: OPENING },
  { error: 'EMFILE', kinds: OPENING, times: FOREVER },
  { error: 'EINTR' },
]

export async function torture(run) {
  const faulted = await startFaulted(run)
  if (faulted === undefined) return
  const cases = await allCases(run, faulted)
  run.counts.cases = cases.length
  await inTurn(run, cases, (what) => failAt(run, faulted, what))
  faulted.child.stop()
}

async function allCases(run, { child }) {
  const cases = []
  for (const step of stepsOf(run)) {
    const counts = new Map()
    for (const way of WAYS) {
      if (!counts.has(way.kinds)) {
        const answer = await child.ask({ task: 'runToFail', step, fault: { kinds: way.kinds } })
        if (answer.problems?.length !== 0) run.fail(`${step}, no fault`, JSON.stringify(answer))
        counts.set(way.kinds, answer.seen?.count ?? 0)
      }
      for (let at = 0; at < counts.get(way.kinds); at++) cases.push({ step, way, at })
    }
  }
  return cases
}

async function failAt(run, { child, faults }, { step, way, at }) {
  const how = `${way.error}${way.times === FOREVER ? ' from then on' : ''}`
  const fault = { action: 'fail', ...way, at }
  const answer = await child.ask({ task: 'runToFail', step, fault })
  const { call, path, done } = faults.seen()
  if (done === 0) run.count('not reached')
  else run.count('faults')
  const { outcome, problems, ...rest } = answer
  if (outcome === 'ok') run.count('went well')
  if (problems?.length === 0) return
  child.stop()
  const where = `${step}, ${how} at call ${at}, ${call} ${path}`
  run.fail(where, problems?.join('; ') ?? JSON.stringify(rest))
}
