/**
 * The figure on the performance page: it matches the page's numbers, and is readable on any
 * background.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/documents'

const figure = readFileSync(join(root, 'docs/performance.svg'), 'utf8')
const page = readFileSync(join(root, 'docs/performance.md'), 'utf8')

/** The colours of a class, first in the light and then in the dark scheme. */
function coloursOf(kind: string): string[] {
  const rules = figure.matchAll(new RegExp(`(?:^|[ {])${kind} \\{ fill: (#[0-9a-f]{6})`, 'gm'))
  return [...rules].map(([, colour]) => colour ?? '')
}

/** WCAG's contrast of two colours, from 1 to 21. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5]
      .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

it('is drawn from the table on the page', () => {
  const { status, stderr } = spawnSync(process.execPath, ['bench/plot.mjs', '--check'], {
    cwd: root,
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([0, ''])
})

it('shows each rate of the page with its spread', () => {
  const rates = page.matchAll(
    /^\| ([^|\n]+) \| [^|\n]+ \| [^|\n]+ \((\d\.\d\d ±\d+ %)\) (?:\|[^|\n]*){6}\|$/gm,
  )
  const expected = [...rates].map(([, title, ratio]) => [title, ratio])
  expect(expected.length).toBeGreaterThan(25)
  for (const [title, ratio] of expected) {
    expect(figure).toContain(`>${title}</text>`)
    expect(figure).toContain(`>${ratio}</text>`)
  }
})

it('has a background of its own under everything, which its texts stand out from', () => {
  expect(figure).toMatch(/<\/style>\s*<rect class="page" x="\.5" y="\.5" width="799"/)
  const pages = coloursOf('\\.page')
  expect(pages).toHaveLength(2)
  for (const kind of ['text', '\\.faint']) {
    const colours = coloursOf(kind)
    expect(colours).toHaveLength(2)
    colours.forEach((colour, scheme) => {
      expect(contrast(colour, pages[scheme] ?? '')).toBeGreaterThan(4.5)
    })
  }
})
