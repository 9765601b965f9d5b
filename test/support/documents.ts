/** Documents whose code is run, as if by somebody who has installed the package. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const root = join(__dirname, '..', '..')

/** A fenced block of a document. */
export interface Block {
  language: string
  text: string
}

/** The fenced blocks of a Markdown text, in order. */
export function blocksOf(markdown: string): Block[] {
  const found = markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)
  return [...found].map(([, language = '', text = '']) => ({ language, text }))
}

/** The relative links of a document that are broken; `folder` is the document's folder. */
export function brokenLinks(markdown: string, folder: string): string[] {
  const links = [...markdown.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map((match) => match[1] ?? '')
  return links.filter((link) => {
    if (link.startsWith('https:')) return false
    try {
      readFileSync(join(root, folder, link))
      return false
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT'
    }
  })
}

/** A folder in which the package is installed. */
export class Home {
  readonly path = mkdtempSync(join(tmpdir(), 'rocksdb-live-home-'))

  constructor() {
    mkdirSync(this.file('node_modules'))
    symlinkSync(root, this.file('node_modules', 'rocksdb-live'), 'dir')
    const types = join(root, 'node_modules', '@types')
    symlinkSync(types, this.file('node_modules', '@types'), 'dir')
    mkdirSync(this.file('node_modules', '.bin'))
    const program = join(root, 'dist', 'cli', 'main.js')
    const command = `#!/bin/sh\nexec ${JSON.stringify(process.execPath)} ${JSON.stringify(program)} "$@"\n`
    writeFileSync(this.file('node_modules', '.bin', 'rocksdb-live'), command, { mode: 0o755 })
  }

  /** Makes another package of this repository's available. */
  install(name: string): void {
    symlinkSync(join(root, 'node_modules', name), this.file('node_modules', name), 'junction')
  }

  file(...names: string[]): string {
    return join(this.path, ...names)
  }

  write(name: string, text: string): void {
    writeFileSync(this.file(name), text)
  }

  /** Compiles `.mts` files in place; fails if their types are wrong. */
  compile(...files: string[]): void {
    const compilerOptions = {
      target: 'es2022',
      lib: ['es2024', 'esnext.disposable'],
      module: 'nodenext',
      strict: true,
      exactOptionalPropertyTypes: true,
      types: ['node'],
    }
    this.write('tsconfig.json', JSON.stringify({ compilerOptions, files }))
    this.node(join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '--project', this.path)
  }

  node(...args: string[]): string {
    return this.#run(process.execPath, args)
  }

  /** The output of a shell that runs the text. */
  shell(text: string): string {
    return this.#run('/bin/sh', ['-euc', text])
  }

  #run(program: string, args: string[]): string {
    try {
      return execFileSync(program, args, { cwd: this.path, encoding: 'utf8', stdio: 'pipe' })
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string }
      throw new Error(`${args.join(' ')} failed:\n${stdout}${stderr}`)
    }
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
