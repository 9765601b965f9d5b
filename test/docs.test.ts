/** What the guides show is what happens, and their tables are those of the rows. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TUNING_NAMES } from '../lib/tuning'
import { openFresh, useTempDirectory } from './support/database'
import { blocksOf, brokenLinks, Home, root } from './support/documents'

const guide = readFileSync(join(root, 'docs/perf/storage.md'), 'utf8')
const blocks = blocksOf(guide)

it('has the tables that the rows make', () => {
  const script = join(root, 'scripts/generate-docs.mjs')
  execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })
  for (const name of TUNING_NAMES) expect(guide).toContain(`\n| \`${name}\``)
})

it('is shorter than 400 lines, and its links lead somewhere', () => {
  expect(guide.split('\n').length).toBeLessThan(400)
  expect(brokenLinks(guide, 'docs/perf')).toEqual([])
})

describe('its programs', () => {
  /** The first line of a block that is a file says its name. */
  const nameOf = (text: string) => /^(?:\/\/|#) (\S+)\n/.exec(text)?.[1] ?? ''
  const files = blocks.filter(({ language }) => language === 'ts' || language === 'toml')
  const programs = files.filter(({ language }) => language === 'ts').map(({ text }) => nameOf(text))
  let home: Home

  beforeAll(() => {
    home = new Home()
    for (const { text } of files) home.write(nameOf(text), text)
    home.compile(...programs)
  }, 60_000)

  afterAll(() => home.remove())

  it('have names of their own', () => {
    const names = files.map(({ text }) => nameOf(text))
    expect(names).not.toContain('')
    expect(new Set(names).size).toBe(names.length)
    expect(programs.length).toBeGreaterThanOrEqual(3)
  })

  const commands = blocks.flatMap(({ language, text }, index) => {
    const next = blocks[index + 1]
    return language === 'sh' ? [{ text, output: next?.language === 'text' ? next.text : '' }] : []
  })

  it('are each run', () => {
    const all = commands.map(({ text }) => text).join('')
    for (const program of programs) expect(all).toContain(program.replace('.mts', '.mjs'))
  })

  const shell = process.platform === 'win32' ? it.skip : it
  shell.each(commands)('$text', ({ text, output }) => {
    expect(home.shell(text)).toBe(output)
  })
})

describe('its names', () => {
  useTempDirectory()
  const names = new Set([...guide.matchAll(/`(rocksdb\.[a-z0-9_.-]+)`/g)].map(([, name]) => name))

  it('are known to RocksDB', async () => {
    const db = await openFresh({ tuning: { statistics: true } })
    const statistics = db.statistics()
    const known = new Set([
      ...Object.keys(statistics?.tickers ?? {}),
      ...Object.keys(statistics?.histograms ?? {}),
    ])
    const unknown = [...names].filter((name = '') => {
      return !known.has(name) && !db.property(name) && !db.mapProperty(name)
    })
    expect(names.size).toBeGreaterThan(20)
    expect(unknown).toEqual([])
  })

  it('are numbers where they are asked for as numbers', async () => {
    const db = await openFresh()
    const asked = [...guide.matchAll(/intProperty\('([^']+)'/g)].map(([, name]) => name ?? '')
    expect(asked.length).toBeGreaterThan(0)
    for (const name of asked) expect(db.intProperty(name)).toEqual(expect.any(Number))
  })
})
