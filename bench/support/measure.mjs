// All repeats of all groups on all engines, interleaved.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { Children, rowsToRun } from './children.mjs'
import { LIMIT, OURS } from './engines.mjs'
import { checkOptions, optionsApart, settingsOf } from './settings.mjs'
import { groupById, rowById } from './workloads.mjs'

/** The groups of the rows, in the order of the table, with what each engine runs of them. */
function groupsOf(selected, engines) {
  const groups = new Map()
  for (const engineId of engines) {
    for (const row of rowsToRun(engineId, selected, rowById)) {
      if (!groups.has(row.group)) groups.set(row.group, new Map())
      const byEngine = groups.get(row.group)
      byEngine.set(engineId, [...(byEngine.get(engineId) ?? []), row])
    }
  }
  return [...groups].map(([id, byEngine]) => ({ group: groupById(id), byEngine }))
}

/** An engine that is compared with by name may run without the ability. */
function withoutNeeds(engineId, rows) {
  return rows.map((row) => (row.versus === engineId ? { ...row, needs: [] } : row))
}

function checkGroup(group, outcomes, config) {
  const [limit, ours] = [outcomes[LIMIT]?.options, outcomes[OURS]?.options]
  if (limit === undefined || ours === undefined) return
  const size = { rows: group.rows(config.n), valueSize: group.valueSize ?? config.valueSize }
  checkOptions(group.id, settingsOf(group, size), { limit, ours })
}

/** What the RocksDB of each peer has set differently from ours, into `apart[engine][group]`. */
function noteOptions(group, outcomes, apart) {
  const ours = outcomes[OURS]?.options
  if (ours === undefined) return
  for (const [id, { options }] of Object.entries(outcomes)) {
    if (id === LIMIT || id === OURS || options === undefined) continue
    apart[id] ??= {}
    apart[id][group.id] = optionsApart(options, ours)
  }
}

/** Has a signal end the child and remove the databases, which may be gigabytes, before this process. */
function cleanUpAtSignals(children, directory) {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      children.stop()
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
      process.kill(process.pid, signal)
    })
  }
}

/**
 * Measures; gives `results[engine][row]`, a list with a figure for each repeat, `about[engine]`:
 * version, kind and notes, and `apart[engine][group]`: options of peers that are not ours. Throws
 * where the limit and this package have different options.
 */
export async function measure(selected, engines, config, tell) {
  mkdirSync(config.directory, { recursive: true })
  const directory = mkdtempSync(path.join(config.directory, 'rocksdb-live-bench-'))
  const children = new Children({ ...config, directory })
  cleanUpAtSignals(children, directory)
  const groups = groupsOf(selected, engines)
  const results = Object.fromEntries(engines.map((id) => [id, {}]))
  const about = {}
  const apart = {}
  const failures = new Set()
  try {
    for (let repeat = 0; repeat < config.repeats; repeat++) {
      for (const [place, { group, byEngine }] of groups.entries()) {
        const ids = [...byEngine.keys()]
        const turn = (repeat + place) % ids.length
        const outcomes = {}
        for (const id of [...ids.slice(turn), ...ids.slice(0, turn)]) {
          tell(`repeat ${repeat + 1}/${config.repeats}, ${group.id}, ${id}`)
          const outcome = await children.run(id, group, withoutNeeds(id, byEngine.get(id)))
          outcomes[id] = outcome
          if (outcome.failure) failures.add(`${id}, ${group.id}: ${outcome.failure}`)
          about[id] = outcome.engine ?? about[id]
          for (const [row, figure] of Object.entries(outcome.rows)) {
            results[id][row] ??= []
            results[id][row][repeat] = figure
          }
        }
        checkGroup(group, outcomes, config)
        noteOptions(group, outcomes, apart)
      }
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  return { results, about, apart, failures: [...failures] }
}
