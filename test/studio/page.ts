/** A browser that looks at a studio. */
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import type { StudioServer } from 'rocksdb-live/studio'
import { where } from '../support/tools'

const PLACES = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
]
const executablePath = PLACES.find((path) => path !== '' && existsSync(path))

/** `it`, or a visible skip where there is no Chromium. */
export const itInBrowser = where(
  executablePath !== undefined,
  'no Chromium: apt install chromium-headless-shell, or set CHROMIUM to the path of one',
)

/** One browser for the tests of a file, and what its pages complained of. */
export function useBrowser() {
  let browser: Browser | undefined
  let contexts: BrowserContext[] = []
  let complaints: string[] = []
  beforeAll(async () => {
    if (executablePath === undefined) return
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  }, 60_000)
  afterEach(async () => {
    const all = contexts
    contexts = []
    await Promise.all(all.map((context) => context.close()))
    const found = complaints
    complaints = []
    // The policy of the page is broken nowhere, and no script fails.
    expect(
      found.filter(
        (text) => !/Failed to load resource|ERR_CONNECTION_REFUSED|CORS policy/.test(text),
      ),
    ).toEqual([])
  })
  afterAll(async () => {
    await browser?.close()
  })
  return async (
    { url }: Pick<StudioServer, 'url'>,
    hash = '/health',
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<Page> => {
    const context = await (browser as Browser).newContext(options)
    contexts.push(context)
    const page = await context.newPage()
    page.setDefaultTimeout(25_000)
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    await page.goto(url)
    await page.waitForSelector('nav, .locked, .problem')
    await page.evaluate((to) => {
      location.hash = to
    }, hash)
    return page
  }
}
