/** docs/studio.md: its program compiles, its links and pictures are there, and the pictures are small. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { blocksOf, brokenLinks, Home, root } from '../support/documents'

const text = readFileSync(join(root, 'docs', 'studio.md'), 'utf8')

it('has links and pictures that are there', () => {
  expect(brokenLinks(text, 'docs')).toEqual([])
})

it('has small pictures, and no others', () => {
  const folder = join(root, 'docs', 'studio')
  const names = readdirSync(folder)
  for (const name of names) {
    expect(text).toContain(`studio/${name}`)
    expect(statSync(join(folder, name)).size).toBeLessThan(60 * 1024)
  }
  expect(names).toHaveLength(5)
})

it('has a program that compiles', () => {
  const home = new Home()
  try {
    const [program = ''] = blocksOf(text).flatMap(({ language, text: block }) =>
      language === 'ts' ? [block] : [],
    )
    home.write('studio.mts', program)
    home.compile('studio.mts')
  } finally {
    home.remove()
  }
}, 60_000)
