// A child process of bench/run.mjs: one engine, one group of rows. Its argument and the last line it
// prints are JSON.
import { Values } from './data.mjs'
import { loadEngine } from './engines.mjs'
import { runFresh } from './fresh.mjs'
import { lazySorted, openLoaded, runLoaded } from './loaded.mjs'

/** What runs on this engine, by its abilities; for the others, why not. */
function sortOut(engine, rows) {
  const able = []
  const figures = {}
  for (const row of rows) {
    const lack = row.needs.find((need) => !engine.abilities.includes(need))
    if (lack === undefined) able.push(row)
    else figures[row.id] = { missing: engine.absent?.[lack] ?? `has no ${lack}` }
  }
  return { able, figures }
}

async function run({ engineId, directory, group, settings, rows }) {
  const engine = await loadEngine(engineId)
  const values = new Values(group.valueSize, group.compressible)
  const session = {
    ...{ ...group, engine, engineId, directory, settings, values },
    open: (where) => engine.open(where, settings),
    sorted: lazySorted(group.rows, values),
  }
  const { able, figures } = sortOut(engine, rows)
  let options
  if (able.length > 0 && group.loaded) {
    const db = await openLoaded(session)
    options = db.options?.()
    for (const row of able) figures[row.id] = await runLoaded(session, db, row)
    await db.close()
  } else {
    for (const row of able) {
      const { figure, opened } = await runFresh(session, row)
      figures[row.id] = figure
      options = opened.options?.()
      await opened.close()
    }
  }
  const { kind, version, notes } = engine
  return { rows: figures, options, engine: { kind, version, notes } }
}

const result = await run(JSON.parse(process.argv[2]))
console.log(`\n${JSON.stringify(result)}`)
