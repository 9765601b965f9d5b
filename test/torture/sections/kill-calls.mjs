/** SIGKILL at every call of the file system that changes something, one after another, in every step. */
import { CHANGES, inTurn, KINDS, startFaulted, stepsOf } from '../faulted.mjs'

/** A write is ended before it begins and when half of its bytes are there; other calls before they begin. */
const WAYS = [
  { action: 'kill', kinds: CHANGES },
  { action: 'halfKill', kinds: KINDS.writes },
]

export async function torture(run) {
  const faulted = await startFaulted(run)
  if (faulted === undefined) return
  const cases = await allCases(run, faulted)
  run.counts.calls = cases.length
  await inTurn(run, cases, (what) => killAt(run, faulted, what))
  faulted.child.stop()
}

/** Every call of every step: how many there are is found out first. */
async function allCases(run, { child }) {
  const cases = []
  for (const step of stepsOf(run, ({ reads }) => reads !== true)) {
    for (const way of WAYS) {
      const answer = await child.ask({ task: 'runToKill', step, fault: { kinds: way.kinds } })
      if (answer.seen === undefined) run.fail(step, `without a fault: ${JSON.stringify(answer)}`)
      for (let at = 0; at < (answer.seen?.count ?? 0); at++) cases.push({ step, way, at })
    }
  }
  return cases
}

async function killAt(run, { child, faults }, { step, way, at }) {
  const where = `${step}, ${way.action} at call ${at}`
  const answer = await child.ask({ task: 'runToKill', step, fault: { ...way, at } })
  const { call, path } = faults.seen()
  if (answer.ended !== 'SIGKILL') {
    // There were fewer calls this time.
    if (answer.seen?.done === 0 && answer.problems.length === 0) return run.count('not reached')
    child.stop()
    return run.fail(where, JSON.stringify(answer))
  }
  run.count('kills')
  const { problems, ...rest } = await child.ask({ task: 'verifyKilled', step })
  if (problems?.length === 0) return
  child.stop()
  run.fail(`${where}, ${call} ${path}`, problems?.join('; ') ?? JSON.stringify(rest))
}
