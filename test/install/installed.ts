/** The package as users have it: packed, and installed offline into an empty project. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

const root = join(__dirname, '../..')
const fixtures = join(__dirname, 'project')

export interface Ran {
  status: number | null
  stdout: string
  stderr: string
}

/** Runs a program to its end; npm's and our own variables do not reach it. */
export function run(
  program: string,
  args: readonly string[],
  {
    cwd = root,
    env = {},
    timeout = 120_000,
  }: { cwd?: string; env?: Record<string, string>; timeout?: number } = {},
): Ran {
  const clean = Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(?!config_(cache|userconfig))|NODE_PATH|NODE_OPTIONS|JEST_|PREBUILDS_ONLY)/.test(
        name,
      ),
  )
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    timeout,
    env: { ...Object.fromEntries(clean), ...env },
    shell: process.platform === 'win32' && program === 'npm',
  })
  if (error) throw error
  return { status, stdout, stderr }
}

function runWell(...args: Parameters<typeof run>): string {
  const { status, stdout, stderr } = run(...args)
  if (status !== 0)
    throw new Error(`${args[0]} ${args[1].join(' ')}: ${status}\n${stdout}\n${stderr}`)
  return stdout
}

/** The script behind a command of a package that is installed in this repository. */
export function command(packageName: string, name = packageName): string {
  const manifest = join(root, 'node_modules', packageName, 'package.json')
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    bin: string | Record<string, string>
  }
  const script = typeof bin === 'string' ? bin : bin[name]
  if (script === undefined) throw new Error(`${packageName} has no command ${name}`)
  return join(dirname(manifest), script)
}

export interface Project {
  folder: string
  /** The package in its node_modules. */
  installed: string
  tarball: string
  /** Runs a file of the project and returns what it printed, as JSON. */
  runFile(file: string, ...args: string[]): unknown
  /** Compiles files of the project as this kind of module; returns the compiler's output. */
  compile(module: 'node16' | 'nodenext', ...files: string[]): string
  /** Installs packages of this repository's node_modules. */
  add(...names: string[]): void
  remove(): void
}

/** Packs packages of this repository's node_modules into `folder`; returns them as dependencies. */
function packInstalled(folder: string, names: readonly string[]): Record<string, string> {
  const packed = names.map((name) => {
    const from = join(root, 'node_modules', name)
    const args = ['pack', from, '--json', '--ignore-scripts', '--pack-destination', folder]
    const [report] = Object.values(
      JSON.parse(runWell('npm', args)) as Record<string, { filename: string }>,
    )
    return [name, `file:${report?.filename}`]
  })
  return Object.fromEntries(packed)
}

/** Installs the dependencies as on a machine without a network and with an empty npm cache. */
function install(folder: string, dependencies: Record<string, string>): void {
  const manifest = { name: 'project', private: true, dependencies }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  const flags = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund']
  runWell('npm', ['install', ...flags, '--cache', join(folder, 'empty-cache')], { cwd: folder })
}

/** Packs the package and what it depends on, and installs the tarballs. */
export function createProject(): Project {
  const folder = mkdtempSync(join(tmpdir(), 'rocksdb-live-project-'))
  const tarball = runWell(process.execPath, [join(root, 'scripts/pack.mjs'), folder], {
    timeout: 500_000,
  }).trim()
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const own = `file:${basename(tarball)}`
  const wanted = {
    'rocksdb-live': own,
    'rocksdb-live-again': own,
    ...packInstalled(folder, Object.keys(dependencies)),
  }
  install(folder, wanted)
  cpSync(fixtures, folder, { recursive: true })
  return {
    folder,
    installed: join(folder, 'node_modules/rocksdb-live'),
    tarball,
    runFile: (file, ...args) =>
      JSON.parse(runWell(process.execPath, [file, ...args], { cwd: folder })),
    compile: (module, ...files) => compile(folder, module, files),
    add: (...names) => install(folder, { ...wanted, ...packInstalled(folder, names) }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function compile(folder: string, module: string, files: readonly string[]): string {
  const compilerOptions = {
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    module,
    strict: true,
    typeRoots: [join(root, 'node_modules/@types')],
    types: ['node'],
  }
  const tsconfig = { compilerOptions, files }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  const { status, stdout } = run(process.execPath, [command('typescript', 'tsc'), '-p', folder])
  return status === 0 ? '' : stdout
}
