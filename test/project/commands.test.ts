/** The commands in docs/commands.md print what it says; its tables have every command, format and exit status. */
import { execFileSync } from 'node:child_process'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { FORMAT_NAMES } from '../../lib/formats/names'
import { run, runInside } from '../support/commands'
import { blocksOf, brokenLinks, Home, root } from '../support/documents'

const page = readFileSync(join(root, 'docs/commands.md'), 'utf8')
const blocks = blocksOf(page)
const onPosix = process.platform === 'win32' ? it.skip : it

/** Paths, sizes and ages are of the day on which it was run. */
const plain = (text: string) =>
  text
    .replace(/\S*\/data\/shop/g, 'PATH')
    .replace(/[\d.]+ (bytes|kB)/g, 'SIZE')
    .replace(/\b\d+ (s|min)\b/g, 'AGE')
    .replace(/< 1 %|\d+ %/g, 'SHARE')
    .replace(/RocksDB +[\d.]+/, 'RocksDB VERSION')
    .replace(/█+/g, '█')
    .replace(/ {2,}/g, '  ')

it('its links lead somewhere', () => {
  expect(brokenLinks(page, 'docs')).toEqual([])
})

onPosix(
  'its commands print what it says, one after the other',
  () => {
    const commands = blocks.flatMap(({ language, text }, at) => {
      const next = blocks[at + 1]
      return language === 'sh'
        ? [{ text, output: next?.language === 'console' ? next.text : '' }]
        : []
    })
    expect(commands.length).toBeGreaterThan(15)
    const home = new Home()
    try {
      home.write('shop.mjs', blocks.find(({ language }) => language === 'js')?.text ?? '')
      home.node('shop.mjs')
      for (const { text, output } of commands) {
        const said = home.shell(`PATH="$PWD/node_modules/.bin:$PATH"\n${text}`)
        expect([text, plain(said)]).toEqual([text, plain(output)])
      }
      const [remembered] = blocks.filter(({ language }) => language === 'json')
      const file = readFileSync(home.file('data', 'shop', 'rocksdb-live.json'), 'utf8')
      expect(JSON.parse(file)).toEqual(JSON.parse(remembered?.text ?? ''))
    } finally {
      home.remove()
    }
  },
  120_000,
)

describe('the page and the help', () => {
  const help = run(['help']).stdout
  const names = [...help.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name as string)

  it('have the same commands', () => {
    expect(names.length).toBeGreaterThan(15)
    for (const name of names.filter((each) => each !== 'build'))
      expect(page).toContain(`\`${name}\``)
  })

  it('is short, and points to that of each command', async () => {
    expect(help.split('\n').length).toBeLessThan(60)
    expect(run(['--help']).stdout).toBe(help)
    for (const name of names) {
      const own = await runInside(['help', name])
      expect([name, own.status, own.stderr]).toEqual([name, 0, ''])
      expect(own.stdout).toMatch(new RegExp(`^(Usage: )?rocksdb-live ${name}\\b`))
      expect((await runInside([name, '--help'])).stdout).toBe(own.stdout)
    }
  }, 60_000)

  it('names every format', () => {
    const table = page.slice(page.indexOf('| format |'), page.indexOf('What is not of its format'))
    for (const name of [...FORMAT_NAMES, 'tuple:', 'desc:']) expect(table).toContain(`\`${name}`)
  })
})

onPosix(
  'the quickstart ends by saying how to look at what it made',
  () => {
    const home = new Home()
    try {
      // As in a clone: its commands name the program there.
      symlinkSync(join(root, 'dist'), home.file('dist'), 'dir')
      const said = home.node(join(root, 'dist-examples', 'quickstart', 'main.js'))
      const commands = said.split('\n').filter((line) => line.startsWith('  node dist'))
      expect(commands).toHaveLength(3)
      const printed = commands.map((command) =>
        execFileSync('/bin/sh', ['-euc', command], { cwd: home.path, encoding: 'utf8' }),
      )
      expect(printed[0]).toMatch(/^data\t\[".*\n(.*\n){9}$/)
      expect(printed[1]).toMatch(/^\["\d+n"/)
      expect(printed[2]).toMatch(/^synsets: /)
    } finally {
      home.remove()
    }
  },
  120_000,
)
