/** The programs in docs/data-model.md print what it says, and its table has every codec. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { blocksOf, root } from '../support/documents'
import { programsOf, testGuide } from '../support/guide'

const page = readFileSync(join(root, 'docs/data-model.md'), 'utf8')

it('names each of its programs', () => {
  const blocks = blocksOf(page).filter(({ language }) => language === 'ts')
  expect(programsOf(page)).toHaveLength(blocks.length)
})

it('has every codec that has a name in its table', () => {
  const declared = readFileSync(join(root, 'lib/codecs/codecs.ts'), 'utf8')
  const list = /const values: Named = Object.assign\(Object.create\(null\), \{(.*?)\}\)/s.exec(
    declared,
  )
  const names = [...(list?.[1] ?? '').matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name)
  expect(names.length).toBeGreaterThan(10)
  const table = page.slice(page.indexOf('| codec |'), page.indexOf('The types of a family follow'))
  for (const name of names) expect(table).toContain(`\`'${name}'\``)
})

testGuide(
  page,
  ['refused', 'ranges', 'newest', 'checked', 'counters', 'own', 'change'],
  [],
  ['zod'],
)
