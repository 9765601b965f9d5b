/** The README's examples work for somebody who has installed the package. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OPTIONS, PRESETS, TUNING_NAMES, type TuningName } from '../../lib/tuning'
import { blocksOf, brokenLinks, Home, root } from '../support/documents'

const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** The only block in a language. */
function block(language: string): string {
  const blocks = blocksOf(readme).filter((block) => block.language === language)
  expect(blocks).toHaveLength(1)
  return blocks[0]?.text ?? ''
}

describe('the example', () => {
  const home = new Home()

  afterAll(() => home.remove())

  it('has right types, and prints what is shown', () => {
    home.write('example.mts', block('ts'))
    home.compile('example.mts')
    expect(home.node('example.mjs')).toBe(block('text'))
    // A second run finds the data of the first.
    expect(home.node('example.mjs')).toBe(block('text'))
  }, 60_000)
})

describe('the table of tuning options', () => {
  const rows = [...readme.matchAll(/^\| `(\w+)` \| (.*) \| (.*) \| (.*) \| (.*) \|$/gm)]

  const names = rows.map((row) => row[1] as TuningName)

  it('has the options that are changed most, each once', () => {
    expect(TUNING_NAMES).toEqual(expect.arrayContaining(names))
    expect(new Set(names).size).toBe(names.length)
    expect(names.length).toBeGreaterThanOrEqual(11)
  })

  it.each(names)('has the presets and the scope of %s', (name) => {
    const [, , text, ...values] = rows.find((row) => row[1] === name) ?? []
    const { presets, scope } = OPTIONS[name]
    expect(values.map((value) => value.replaceAll('*', ''))).toEqual(
      PRESETS.map((preset) => String(presets[preset])),
    )
    expect(text?.endsWith('¹')).toBe(scope === 'family')
  })
})

it('is no longer than 200 lines, and its links lead somewhere', () => {
  expect(readme.split('\n').length).toBeLessThan(200)
  expect(brokenLinks(readme, '')).toEqual([])
})
