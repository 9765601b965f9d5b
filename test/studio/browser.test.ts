/** The page in a real browser. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'rocksdb-live'
import { type StudioServer, serveStudio } from 'rocksdb-live/studio'
import { openFresh, useTempDirectory } from '../support/database'
import { eventually } from '../support/tools'
import { itInBrowser, useBrowser } from './page'
import { tokenOf } from './support'

jest.setTimeout(60_000)
useTempDirectory()

let studios: StudioServer[] = []
let closing: (() => void)[] = []
afterEach(async () => {
  for (const close of closing) close()
  closing = []
  const all = studios
  studios = []
  await Promise.all(all.map((studio) => studio.close()))
})
// Behind the studios' ends: pages are closed first.
const look = useBrowser()

async function shop(write = true) {
  const db = await openFresh({
    columnFamilies: {
      users: { key: 'utf8', value: json() },
      events: { key: 'uint64', value: 'utf8' },
    },
  })
  const users = db.columnFamily('users')
  for (let at = 0; at < 250; at++) users.putSync(`u${String(at).padStart(3, '0')}`, { at })
  for (let at = 1n; at <= 20n; at++)
    db.columnFamily('events').putSync(at * 2n ** 40n, `event ${at}`)
  await db.flush(['users', 'events'])
  const studio = await serveStudio(db, { write })
  studios.push(studio)
  return { db, users, studio }
}

const keys = '.rows button.key .text'

itInBrowser('browses rows in both directions, by prefix and by family, decoded', async () => {
  const { studio } = await shop()
  const page = await look(studio, '/rows?family=users')
  await page.waitForSelector('text=u000')
  expect(await page.locator(keys).count()).toBe(100)
  expect(await page.locator('.rows .beside').first().textContent()).toBe(
    Buffer.from('u000').toString('hex'),
  )
  await page.click('text=Next page')
  await page.waitForSelector('text=u100')
  await page.click('text=Page before')
  await page.waitForSelector('text=u000')
  await page.check('text=backwards')
  await page.waitForSelector('text=u249')
  expect(await page.locator(keys).first().textContent()).toBe('u249')
  await page.fill('#filter', 'u01')
  await page.waitForFunction((of) => document.querySelectorAll(of).length === 10, keys)
  expect(await page.locator(keys).first().textContent()).toBe('u019')
  await page.selectOption('#family', 'events')
  await page.waitForSelector('text=event 20')
  expect(await page.locator(keys).first().textContent()).toBe(String(2n ** 40n))
  expect(page.url()).not.toContain(tokenOf(studio))
})

itInBrowser('shows HTML in keys and values as text', async () => {
  const { db, studio } = await shop()
  const evil = '<img src=x onerror="document.title=1"><script>document.title=1</script>'
  db.default.putSync(evil, evil)
  const page = await look(studio, '/rows?family=default')
  await page.waitForSelector(`${keys}`)
  expect(await page.locator(keys).first().textContent()).toBe(evil)
  await page.click('.rows button.key')
  await page.waitForSelector('pre.value')
  expect(await page.locator('pre.value').textContent()).toBe(evil)
  expect(await page.locator('main img, main script').count()).toBe(0)
  expect(await page.title()).not.toBe('1')
})

itInBrowser('edits behind write alone, as a batch that is shown first', async () => {
  const { users, studio } = await shop()
  const page = await look(studio, '/rows?family=users')
  await page.click('text=u001')
  await page.click('aside >> text=Edit')
  await page.fill('aside textarea', '{"at":"changed"}')
  await page.click('text=Add to the batch')
  await page.click('text=u002')
  await page.click('aside >> text=Delete')
  expect(users.getSync('u001')).toEqual({ at: 1 })
  await page.click('text=Review the batch')
  await page.waitForSelector('.review li >> nth=1')
  expect(await page.locator('.side.before pre').allTextContents()).toEqual(['{"at":1}', '{"at":2}'])
  expect(await page.locator('.side.after pre').allTextContents()).toEqual([
    '{"at":"changed"}',
    '(no row)',
  ])
  // Somebody else is faster.
  users.putSync('u002', { at: 'theirs' })
  await page.click('text=Write the batch')
  await page.waitForSelector('text=Nothing was written')
  await page.waitForSelector('text=has changed since')
  expect([users.getSync('u001'), users.getSync('u002')]).toEqual([{ at: 1 }, { at: 'theirs' }])
  await page.keyboard.press('Escape')
  await page.click('.batch li:nth-child(2) button')
  await page.click('text=Review the batch')
  await page.click('text=Write the batch')
  await page.waitForSelector('text=The edit is written.')
  expect(users.getSync('u001')).toEqual({ at: 'changed' })
  const { studio: other } = await shop(false)
  const reader = await look(other, '/rows?family=users')
  await reader.click('text=u001')
  await reader.waitForSelector('text=Copy as code')
  expect(
    (await reader.locator('text=Edit').count()) + (await reader.locator('text=New row').count()),
  ).toBe(0)
})

itInBrowser('applies an option and shows it in force', async () => {
  const { db, studio } = await shop()
  const page = await look(studio, '/tuning?filter=writeBufferMb')
  await page.click('[data-option=writeBufferMb] button')
  await page.fill('.apply input', '33')
  await page.click('.apply button')
  await page.waitForSelector('text=writeBufferMb is 33')
  const row = page.locator('[data-option=writeBufferMb]')
  await page.waitForSelector('[data-option=writeBufferMb] >> text=changed live')
  expect(await row.textContent()).toContain(String(33 << 20))
  expect(db.tuning().options.writeBufferMb).toMatchObject({ value: 33, layer: 'live' })
  await page.fill('.apply input', 'many')
  await page.click('.apply button')
  await page.waitForSelector('.apply .problem')
})

itInBrowser('has plots that move, and events', async () => {
  const { db, users, studio } = await shop()
  const page = await look(studio, '/live')
  const shown = page.locator('.plot:first-child output >> nth=2')
  const pixels = () =>
    page.evaluate(() => document.querySelector<HTMLCanvasElement>('.plot canvas')?.toDataURL())
  let before = await pixels()
  let at = 0
  const timer = setInterval(() => users.putSync(`live${at++}`, {}), 5)
  try {
    await page.waitForFunction(() =>
      /^[1-9]/.test(document.querySelectorAll('.plot:first-child output')[2]?.textContent ?? ''),
    )
    expect(await shown.textContent()).toMatch(/\/s$/)
    for (let turn = 0; turn < 2; turn++) {
      await page.waitForFunction(
        (last) => document.querySelector<HTMLCanvasElement>('.plot canvas')?.toDataURL() !== last,
        before,
      )
      before = await pixels()
    }
    await db.flush('users')
    await page.waitForSelector('.events >> text=flush')
  } finally {
    clearInterval(timer)
  }
})

itInBrowser('shows the key space, and a file that is chosen by the keyboard', async () => {
  const { db, studio } = await shop()
  for (let at = 100; at < 200; at++) db.columnFamily('users').deleteSync(`u${at}`)
  await db.flush('users')
  const page = await look(studio, '/space?family=users')
  await page.focus('canvas')
  await page.keyboard.press('ArrowDown')
  await page.waitForSelector('.detail h3')
  const first = await page.locator('.detail').textContent()
  await page.keyboard.press('ArrowDown')
  await page.waitForFunction(
    (last) => document.querySelector('.detail')?.textContent !== last,
    first,
  )
  const both = `${first} ${await page.locator('.detail').textContent()}`
  expect(both).toContain('100 (100%)')
  expect(both).toMatch(/u000.*u249/s)
  await page.check('text=deletions')
  await page.waitForFunction(() => location.hash.includes('colour=tombstones'))
  await page.click('text=Rows from its first key')
  await page.waitForSelector(keys)
})

itInBrowser('works with the keyboard alone', async () => {
  const { studio } = await shop()
  const page = await look(studio, '/rows?family=users')
  await page.waitForSelector(keys)
  await page.keyboard.press('1')
  await page.waitForSelector('text=Column families')
  // The family that was looked at last.
  await page.keyboard.press('3')
  await page.waitForSelector(keys)
  await page.keyboard.press('/')
  await page.keyboard.type('u01')
  await page.waitForFunction((of) => document.querySelectorAll(of).length === 10, keys)
  await page.focus('.rows button.key')
  await page.keyboard.press('j')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('k')
  await page.keyboard.press('Enter')
  await page.waitForSelector('aside h3 >> text=u011')
  await page.keyboard.press('Escape')
  await page.waitForSelector('aside', { state: 'detached' })
  await page.keyboard.press('?')
  await page.waitForSelector('dialog[open]')
  await page.keyboard.press('Escape')
  await page.waitForSelector('dialog', { state: 'detached' })
  // Everything that can be clicked can be reached with Tab, and shows that it is.
  for (const digit of ['1', '2', '3', '4', '5']) {
    await page.keyboard.press(digit)
    const wrong = await page.evaluate(
      () =>
        [...document.querySelectorAll('[onclick], a:not([href]), [tabindex="-1"]:not(main)')]
          .length,
    )
    expect(wrong).toBe(0)
  }
  // A view that is drawn anew at this moment takes the focus with it.
  const outline = await eventually('a focus', async () => {
    await page.keyboard.press('Tab')
    return page.evaluate(() => {
      const { activeElement, body } = document
      if (activeElement === null || activeElement === body) return undefined
      return getComputedStyle(activeElement).outlineStyle
    })
  })
  expect(outline).not.toBe('none')
})

itInBrowser('is dark where the system is, and fits a narrow window', async () => {
  const { studio } = await shop()
  const light = await look(studio)
  const dark = await look(studio, '/health', {
    colorScheme: 'dark',
    viewport: { width: 360, height: 640 },
  })
  const background = (page: typeof dark) =>
    page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const brightness = (text: string) =>
    (text.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, each) => sum + Number(each), 0)
  expect(brightness(await background(light))).toBeGreaterThan(700)
  expect(brightness(await background(dark))).toBeLessThan(120)
  for (const view of ['health', 'space?family=users', 'rows?family=users', 'tuning', 'live']) {
    await dark.evaluate((to) => {
      location.hash = `/${to}`
    }, view)
    await dark.waitForSelector('main table, main canvas')
    const wide = await dark.evaluate(() => document.documentElement.scrollWidth)
    expect({ view, wide }).toEqual({ view, wide: 360 })
  }
})

itInBrowser('says that the database was closed, and that the studio has ended', async () => {
  const { db, studio } = await shop()
  const page = await look(studio)
  await page.waitForSelector('text=Column families')
  await page.waitForFunction(() => document.querySelector('.legend output')?.textContent !== '–')
  await db.close()
  await page.waitForSelector('.notice >> text=The database was closed')
  expect(await page.locator('h1').textContent()).not.toBe('')
  await studio.close()
  await page.waitForSelector('text=The studio does not answer')
})

itInBrowser(
  'asks for the token where it is missing or wrong, and goes on with the right one',
  async () => {
    const { studio } = await shop()
    for (const url of [
      studio.url.replace(/#.*/, ''),
      studio.url.replace(/#.*/, `#token=${'x'.repeat(32)}`),
    ]) {
      const page = await look({ url })
      await page.waitForSelector('text=wants its token')
      await page.fill('input', studio.url)
      await page.click('text=Open >> nth=-1')
      await page.waitForSelector('text=Column families')
    }
  },
)

itInBrowser('gives nothing to a page of another site', async () => {
  const { users, studio } = await shop()
  const site = createServer((_, response) =>
    response.setHeader('content-type', 'text/html').end('<nav>not ours</nav>'),
  )
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    site.close()
    site.closeAllConnections()
  })
  const page = await look({ url: `http://localhost:${(site.address() as AddressInfo).port}/` })
  const edit = { type: 'delete', family: 'users', key: 'u001', keyFormat: 'utf8', before: '' }
  const attempts = await page.evaluate(
    async ([url, token, body]) => {
      const ask = (init: RequestInit) =>
        fetch(`${url}api/write`, { method: 'POST', body, ...init }).then(
          (response) => response.text(),
          () => 'refused',
        )
      const headers = { 'content-type': 'application/json', 'x-studio-token': token }
      return [await ask({ headers }), await ask({}), await ask({ mode: 'no-cors' })]
    },
    [studio.url.replace(/#.*/, ''), tokenOf(studio), JSON.stringify({ edits: [edit] })] as const,
  )
  expect(attempts).toEqual(['refused', 'refused', 'refused'])
  expect(users.getSync('u001')).toEqual({ at: 1 })
})
