// Takes the pictures of docs/studio.md: a service writes a shop of its own in a temporary folder, and Chromium
// looks at it. Needs npm run build, and Chromium (apt install chromium-headless-shell, or its path in CHROMIUM).
//
//   node scripts/picture-studio.mjs [--png <folder>]     --png keeps them as PNG there, to be looked at

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { root, runAsProgram } from './support/project.mjs'

const require = createRequire(import.meta.url)
const { Database, json } = require('../dist/index.js')
const { serveStudio } = require('../dist/studio/index.js')

/** What a picture of the documentation may take. */
const LIMIT = 60 * 1024

const columnFamilies = {
  orders: { key: 'uint64', value: json(), tuning: { compression: 'lz4' } },
  users: { key: 'utf8', value: json() },
  sessions: { key: 'uuid', value: 'utf8', expires: { afterMs: 3_600_000 } },
  events: { key: 'utf8', value: 'utf8' },
}

const CITIES = ['Oslo', 'Lyon', 'Porto', 'Graz', 'Ghent', 'Turku', 'Brno', 'Split']
const pick = (of, at) => of[at % of.length]
const padding = (at) => ((at * 2_654_435_761) % 4_294_967_296).toString(36).repeat(12)

async function fill(db) {
  const orders = db.columnFamily('orders')
  const users = db.columnFamily('users')
  for (let round = 0; round < 14; round++) {
    const batch = db.batch()
    for (let at = 0; at < 6000; at++) {
      const id = BigInt((round * 2591 + at * 7) % 60_000)
      batch.put(orders, id, {
        id: Number(id),
        city: pick(CITIES, at),
        total: ((at * 37) % 9000) / 100,
        note: padding(at),
      })
    }
    await batch.write()
    await db.flush('orders')
    if (round % 5 === 4) await db.compactRange('orders', { lt: BigInt(20_000 + round * 1000) })
    if (round % 3 === 2) await orders.deleteRange(BigInt(round * 3000), BigInt(round * 3000 + 700))
  }
  const people = db.batch()
  for (let at = 0; at < 20_000; at++) {
    const name = `${pick(['ada', 'bob', 'eve', 'mia', 'noa', 'tom'], at)}-${String(at).padStart(5, '0')}`
    people.put(users, name, {
      name,
      city: pick(CITIES, at * 3),
      since: 2015 + (at % 11),
      tags: ['<b>vip</b>', 'new'].slice(at % 2),
    })
  }
  await people.write()
  await db.flush('users')
}

/** Writes and reads until it is ended. */
function work(db) {
  const events = db.columnFamily('events')
  const users = db.columnFamily('users')
  let turn = 0
  let running = Promise.resolve()
  const timer = setInterval(() => {
    turn++
    running = (async () => {
      const batch = db.batch()
      const many = 400 + Math.round(250 * Math.sin(turn / 25))
      for (let at = 0; at < many; at++) batch.put(events, `${turn}:${at}`, padding(at))
      await batch.write()
      for (let at = 0; at < many / 2; at++)
        await users.get(`ada-${String(6 * at).padStart(5, '0')}`)
      if (turn % 40 === 0) await db.flush('events')
    })()
  }, 50)
  return async () => {
    clearInterval(timer)
    await running
  }
}

async function onMap(page) {
  await page.focus('canvas')
  for (const key of ['ArrowRight', 'ArrowRight']) await page.keyboard.press(key)
}

const PICTURES = [
  { name: 'health', hash: '/health', dark: false },
  { name: 'space', hash: '/space?family=orders', dark: false, act: onMap },
  {
    name: 'rows',
    hash: '/rows?family=users',
    dark: false,
    act: (page) => page.click('button.key >> nth=2'),
  },
  {
    name: 'tuning',
    hash: '/tuning?filter=writeBuffer',
    dark: false,
    act: (page) => page.click('text=writeBufferMb >> nth=0'),
  },
  { name: 'live', hash: '/live', dark: true },
]

async function picture(context, url, { name, hash, dark, act }, folder) {
  const page = await context.newPage()
  await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' })
  await page.goto(url)
  await page.waitForSelector('nav')
  await page.evaluate((to) => {
    location.hash = to
  }, hash)
  await page.waitForSelector(`nav a[aria-current]`)
  await page.waitForTimeout(1500)
  await act?.(page)
  await page.waitForTimeout(700)
  const session = await context.newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 45 })
  const bytes = Buffer.from(data, 'base64')
  writeFileSync(path.join(root, 'docs', 'studio', `${name}.webp`), bytes)
  if (folder !== undefined) await page.screenshot({ path: path.join(folder, `${name}.png`) })
  await page.close()
  console.log(`docs/studio/${name}.webp: ${bytes.length} bytes`)
  return bytes.length
}

await runAsProgram(import.meta.url, async (words) => {
  const folder = words[0] === '--png' ? words[1] : undefined
  if (folder !== undefined) mkdirSync(folder, { recursive: true })
  const home = mkdtempSync(path.join(os.tmpdir(), 'rocksdb-live-pictures-'))
  const db = await Database.open(path.join(home, 'shop'), {
    columnFamilies,
    tuning: { statistics: true, writeBufferMb: 64 },
    rocksdb: {
      columnFamily: {
        target_file_size_base: 262_144,
        max_bytes_for_level_base: 1_048_576,
        max_bytes_for_level_multiplier: 4,
      },
    },
  })
  const studio = await serveStudio(db, { write: true })
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell'
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    await fill(db)
    const end = work(db)
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    // The plots have a minute to show.
    const first = await context.newPage()
    await first.goto(studio.url)
    await first.waitForTimeout(Number(process.env.PICTURE_SECONDS ?? 60) * 1000)
    const sizes = []
    for (const each of PICTURES) sizes.push(await picture(context, studio.url, each, folder))
    await end()
    return sizes.some((bytes) => bytes > LIMIT) ? 1 : 0
  } finally {
    await browser.close()
    await studio.close()
    await db.close()
    rmSync(home, { recursive: true, force: true })
  }
})
