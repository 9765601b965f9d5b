/** What the README shows is what happens, to someone who has installed the package. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OPTIONS, PRESETS, TUNING_NAMES, type TuningName } from '../lib/tuning'

const root = join(__dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** The only block of a language. */
function block(language: string): string {
  const blocks = [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))]
  expect(blocks).toHaveLength(1)
  return blocks[0]?.[1] ?? ''
}

describe('the example', () => {
  let home: string

  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'rocksdb-live-readme-'))
    mkdirSync(join(home, 'node_modules'))
    symlinkSync(root, join(home, 'node_modules', 'rocksdb-live'), 'dir')
    symlinkSync(join(root, 'node_modules', '@types'), join(home, 'node_modules', '@types'), 'dir')
    writeFileSync(join(home, 'example.mts'), block('ts'))
    writeFileSync(
      join(home, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          target: 'es2022',
          lib: ['es2024', 'esnext.disposable'],
          module: 'nodenext',
          strict: true,
          exactOptionalPropertyTypes: true,
          types: ['node'],
        },
        files: ['example.mts'],
      }),
    )
  })

  afterAll(() => rmSync(home, { recursive: true, force: true }))

  it('has right types, and prints what is shown', () => {
    run(join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '--project', home)
    expect(run(join(home, 'example.mjs'))).toBe(block('text'))
    // A second run finds the data of the first.
    expect(run(join(home, 'example.mjs'))).toBe(block('text'))
  }, 60_000)

  function run(...args: string[]): string {
    try {
      return execFileSync(process.execPath, args, { cwd: home, encoding: 'utf8', stdio: 'pipe' })
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string }
      throw new Error(`${args.join(' ')} failed:\n${stdout}${stderr}`)
    }
  }
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
  const links = [...readme.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map((match) => match[1] ?? '')
  for (const link of links.filter((link) => !link.startsWith('https:'))) {
    expect(() => readFileSync(join(root, link))).not.toThrow(/ENOENT/)
  }
})
