/** docs/doctor.md: a section for each rule, its programs, and what it says of options. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from 'rocksdb-live'
import { RULES } from '../../lib/doctor/rules'
import { OPTIONS, type TuningName } from '../../lib/tuning'
import { openFresh, useTempDirectory } from '../support/database'
import { blocksOf, brokenLinks, Home, root } from '../support/documents'
import { REAL } from './real-cases'

const page = readFileSync(join(root, 'docs', 'doctor.md'), 'utf8')
const path = useTempDirectory()

/** The text under each heading of the third level. */
const sections = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((text) => {
      const [name = ''] = text.split('\n', 1)
      return [name, text.split(/^## /m)[0] as string]
    }),
)

it('has a section for each rule, and no other', () => {
  expect([...sections.keys()].sort()).toEqual(RULES.map(({ rule }) => rule).sort())
})

it.each(RULES)(
  'says of $rule what it means, its evidence, what to do, and its options',
  ({ rule, options }) => {
    const section = sections.get(rule) ?? ''
    expect(section).toMatch(/\nEvidence: /)
    expect(section).toMatch(/\nWhat to do: /)
    const named = /\nOptions: ([^.]*)\./.exec(section)?.[1] ?? ''
    const listed = [...named.matchAll(/`(\w+)`/g)].map(([, name]) => name)
    expect(listed).toEqual(options)
  },
)

it('says which rules are tried on real databases', () => {
  const tested = page.split('## How the rules are tested')[1] ?? ''
  const [real = '', recorded = ''] = tested
    .replaceAll('\n', ' ')
    .split('with recorded evidence alone')
  const names = (text: string) => [...text.matchAll(/`([a-z0-9-]+)`/g)].map(([, name]) => name)
  const made = new Set(REAL.map(({ rule }) => rule))
  expect(new Set(names(real.slice(real.indexOf('these faults'))))).toEqual(made)
  const others = RULES.filter(({ rule }) => !made.has(rule)).map(({ rule }) => rule)
  expect(names(recorded).sort()).toEqual(others.sort())
})

it('has links that lead somewhere', () => {
  expect(brokenLinks(page, 'docs')).toEqual([])
})

it('has a program that compiles and runs', () => {
  const home = new Home()
  const [program = ''] = blocksOf(page).flatMap(({ language, text }) =>
    language === 'ts' ? [text] : [],
  )
  const before =
    "import { Database } from 'rocksdb-live'\nawait using db = await Database.open('data')\n"
  home.write('doctor.mts', before + program)
  home.compile('doctor.mts')
  home.remove()
})

/** A value that is not the one in force. */
const OTHER: Readonly<Record<string, string | number | boolean>> = {
  blockCacheType: 'lru',
  filterPolicy: 'ribbon',
  walRecoveryMode: 'absolute',
  compatibleWith: '8',
  verifyCompactions: 'blocks',
}

it('names options that setOptions takes where it says so', async () => {
  const db = await openFresh({
    tuning: { rateLimitMbPerSec: 64, dbWriteBufferMb: 256 },
    env: false,
  })
  const names = new Set(RULES.flatMap(({ options }) => options))
  for (const name of names) {
    const { value } = db.tuning().options[name]
    const row = OPTIONS[name as TuningName]
    const next =
      typeof value === 'boolean'
        ? !value
        : typeof value === 'number'
          ? value * 2 || 100
          : OTHER[name]
    const taken = await db.setOptions({ [name]: next }).then(
      ({ applied }) => applied.length > 0,
      (error) => `${error.code} ${error.message}`,
    )
    expect([name, taken]).toEqual([
      name,
      row.changeable === false ? expect.stringMatching(/^ERR_INVALID_TUNING/) : true,
    ])
  }
})

it('is what the report links to', async () => {
  const report = await Database.doctor(path())
  for (const { rule } of report.rules) expect(sections.has(rule)).toBe(true)
})
