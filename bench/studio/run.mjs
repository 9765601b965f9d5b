// What the studio costs a service: a database of 1,000,000 rows in 10 families is written at full speed, while
// Chromium looks at it and while it does not, in turns. Needs npm run build and Chromium.
//
//   node bench/studio/run.mjs [--rows 1000000] [--rounds 16] [--seconds 3]

import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'

const require = createRequire(import.meta.url)
const { Database } = require('../../dist/index.js')
const { serveStudio } = require('../../dist/studio/index.js')

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '16' },
    seconds: { type: 'string', default: '3' },
  },
})
const [rows, rounds, seconds] = [values.rows, values.rounds, values.seconds].map(Number)
const FAMILIES = Array.from({ length: 10 }, (_, at) => `family${at}`)
const VIEWS = ['live', 'health', 'rows?family=family3', 'space?family=family3', 'tuning']
const value = 'v'.repeat(100)

/** Writes batches of 100 rows until the time is over. Returns how many, and the seconds of processors they took. */
async function write(db, until) {
  const cpu = process.cpuUsage()
  const begun = performance.now()
  let [batches, at] = [0, Math.floor(Math.random() * rows)]
  while (performance.now() < until) {
    const batch = db.batch()
    const family = db.columnFamily(FAMILIES[batches % 10])
    for (let row = 0; row < 100; row++) {
      at = (at * 31 + 7) % rows
      batch.put(family, `key${at}`, value)
    }
    await batch.write()
    batches++
  }
  const { user, system } = process.cpuUsage(cpu)
  const wall = (performance.now() - begun) / 1000
  return { perSecond: (100 * batches) / wall, perCpu: (100 * batches) / ((user + system) / 1e6) }
}

const median = (all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]
const lost = (without, during) => `${(100 * (1 - during / without)).toFixed(1)} %`

/** The milliseconds from the request of the page to its first tiles or rows, of a browser that has seen nothing yet. */
async function paint(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  const [bare, token] = url.split('#')
  await page.goto(`${bare}#${token}`)
  await page.waitForSelector('.tile')
  const first = await page.evaluate(() => {
    const [entry] = performance.getEntriesByName('first-contentful-paint')
    return entry.startTime
  })
  await context.close()
  return first
}

const home = mkdtempSync(path.join(os.tmpdir(), 'rocksdb-live-bench-'))
const columnFamilies = Object.fromEntries(
  FAMILIES.map((name) => [name, { key: 'utf8', value: 'utf8' }]),
)
const db = await Database.open(path.join(home, 'db'), { columnFamilies })
const studio = await serveStudio(db)
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell'
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
try {
  for (let at = 0; at < rows; ) {
    const batch = db.batch()
    for (let row = 0; row < 1000; row++, at++)
      batch.put(db.columnFamily(FAMILIES[at % 10]), `key${at}`, value)
    await batch.write()
  }
  const writing = write(db, performance.now() + 4000)
  const paints = []
  for (let turn = 0; turn < 5; turn++) paints.push(await paint(browser, studio.url))
  await writing
  console.log(
    `first paint while it is written: ${Math.round(median(paints))} ms (median of ${paints.length})`,
  )

  const during = []
  const without = []
  for (let round = 0; round < rounds; round++) {
    // Without, with, with, without: what grows with time is on both sides.
    const page = round % 4 === 0 || round % 4 === 3 ? undefined : await browser.newPage()
    if (page !== undefined) {
      await page.goto(studio.url)
      await page.waitForSelector('.tile')
      const view = VIEWS[Math.floor(round / 2) % VIEWS.length]
      await page.evaluate((to) => {
        location.hash = `/${to}`
      }, view)
    }
    ;(page === undefined ? without : during).push(
      await write(db, performance.now() + seconds * 1000),
    )
    await page?.close()
  }
  for (const [name, figure] of [
    ['rows a second', 'perSecond'],
    ['rows a second of processor time', 'perCpu'],
  ]) {
    const [a, b] = [without, during].map((all) =>
      Math.round(median(all.map((each) => each[figure]))),
    )
    console.log(`${name}: ${a} while nobody looks, ${b} while somebody does: ${lost(a, b)} lost`)
  }
} finally {
  await browser.close()
  await studio.close()
  await db.close()
  rmSync(home, { recursive: true, force: true })
}
