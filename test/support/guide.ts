/** Guides whose programs are run: each prints what the block after it says. */
import { rmSync } from 'node:fs'
import { type Block, blocksOf, brokenLinks, Home } from './documents'

/** A program of a guide: its first line is `// <name>.mts`. */
export interface Program {
  name: string
  text: string
  /** The block after it. */
  output: Block | undefined
}

/** The programs of a guide, in order. */
export function programsOf(page: string): Program[] {
  const blocks = blocksOf(page)
  return blocks.flatMap(({ language, text }, at) => {
    const name = /^\/\/ (\S+)\.mts\n/.exec(text)?.[1]
    return language === 'ts' && name !== undefined ? [{ name, text, output: blocks[at + 1] }] : []
  })
}

/** Writes all programs into a folder and compiles them. */
export function compileInto(home: Home, programs: readonly Program[]): void {
  for (const { name, text } of programs) home.write(`${name}.mts`, text)
  home.compile(...programs.map(({ name }) => `${name}.mts`))
}

/**
 * Declares the tests that every guide has: its links lead somewhere, and its programs compile and print what it
 * says, each with these folders empty. `names` are the programs that are run; others are imported by them, or run
 * by tests of their own. `packages` are other packages that they use.
 */
export function testGuide(
  page: string,
  names: readonly string[],
  folders: readonly string[],
  packages: readonly string[] = [],
): void {
  it('has links that lead somewhere', () => {
    expect(brokenLinks(page, 'docs')).toEqual([])
  })

  describe('its programs', () => {
    const programs = programsOf(page)
    const run = programs.filter(({ name }) => names.includes(name))
    let home: Home

    beforeAll(() => {
      home = new Home()
      for (const name of packages) home.install(name)
      compileInto(home, programs)
    }, 60_000)

    afterAll(() => home.remove())

    it('have names of their own, and each an output', () => {
      expect(new Set(programs.map(({ name }) => name)).size).toBe(programs.length)
      expect(run.map(({ name }) => name)).toEqual(names)
      expect(run.filter(({ output }) => output?.language !== 'text')).toEqual([])
    })

    it.each(run)(
      '$name',
      ({ name, output }) => {
        for (const folder of folders) rmSync(home.file(folder), { recursive: true, force: true })
        expect(home.node(`${name}.mjs`)).toBe(output?.text)
      },
      30_000,
    )
  })
}
