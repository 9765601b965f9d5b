// Counts the instructions that the addon executes for each operation, with valgrind's callgrind: they are the
// same on a busy machine as on an idle one. Given several packages it compares each with the first.
//
//   npm run bench:instructions -- [--rows get,scan] [--functions 20] [folder of a built package …]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { has, root, runAsProgram } from '../../scripts/support/project.mjs'
import { countInstructions, fillDatabase, preparePackage } from './count.mjs'
import { operations } from './operations.mjs'
import { functionTable, rowTable } from './tables.mjs'

const usage = `npm run bench:instructions -- [options] [folders of built packages; this one where there is none]
  --rows NAMES       of ${Object.keys(operations).join(', ')}; all of them
  --operations N     in each row, 20000
  --keys N           in the database, 100000
  --functions N      also the N functions whose counts differ most, or are highest
  --json             the figures as JSON`

/** The figures of one package: by row what the addon and the libraries it calls do for an operation. */
async function measure(folder, scratch, { rows, ...settings }) {
  const pack = preparePackage(folder, scratch)
  fillDatabase(pack, settings.keys)
  const base = await countInstructions(pack, 'nothing', settings)
  const figures = {}
  for (const row of rows) {
    console.error(`${folder}: ${row}`)
    const { addon, called, process, functions } = await countInstructions(pack, row, settings)
    const each = (count, before = 0) => (count - before) / settings.operations
    figures[row] = {
      addon: each(addon, base.addon),
      called: each(called, base.called),
      process: each(process, base.process),
      functions: new Map(
        [...functions].map(([name, count]) => [name, each(count, base.functions.get(name))]),
      ),
    }
  }
  return { folder, version: pack.version, figures }
}

await runAsProgram(import.meta.url, async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      rows: { type: 'string' },
      operations: { type: 'string', default: '20000' },
      keys: { type: 'string', default: '100000' },
      functions: { type: 'string', default: '0' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return console.log(usage)
  if (!has('valgrind')) throw new Error('there is no valgrind on the PATH')
  const rows = values.rows?.split(',') ?? Object.keys(operations)
  const unknown = rows.filter((row) => !(row in operations))
  if (unknown.length > 0) throw new Error(`no such row: ${unknown.join(', ')}\n${usage}`)
  const settings = { rows, operations: Number(values.operations), keys: Number(values.keys) }

  const results = []
  for (const folder of positionals.length > 0 ? positionals : [root]) {
    const scratch = mkdtempSync(path.join(tmpdir(), 'rocksdb-live-instructions-'))
    try {
      results.push(await measure(path.resolve(folder), scratch, settings))
    } finally {
      rmSync(scratch, { recursive: true, force: true })
    }
  }
  if (values.json)
    return console.log(
      JSON.stringify(
        results,
        (_, value) => (value instanceof Map ? Object.fromEntries(value) : value),
        1,
      ),
    )
  console.log(rowTable(results, rows))
  const count = Number(values.functions)
  if (count > 0) for (const row of rows) console.log(functionTable(results, row, count))
})
