/** `rocksdb-live build`: compiles the addon from the package's sources. Does not load the addon. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Command, UsageError } from './command'

const SCRIPT = join(__dirname, '..', '..', 'scripts', 'build-native.mjs')

const HELP = `rocksdb-live build [flags]

Compiles the addon from the sources in the package into its build/Release, which is loaded before a prebuilt binary.
Downloads nothing. Needs CMake 3.22, Ninja or make, and a C++20 compiler (g++ 12 or newer); takes minutes.

  --symbols         keep debug information
  --help            show this
`

/** The command; the package's build script does the work, in a process of its own. */
export const buildCommand: Command = {
  summary: 'Compile the addon from the sources in the package, where no binary fits.',
  help: () => HELP,
  async run(words, { stdout }) {
    const { symbols, help } = flagsOf(words)
    if (help) {
      stdout.write(HELP)
      return 0
    }
    return compile(symbols ? ['--symbols'] : [])
  },
}

function flagsOf(words: readonly string[]): { symbols?: boolean; help?: boolean } {
  try {
    const options = { symbols: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const
    return parseArgs({ args: [...words], options }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** Returns the script's exit status; the script shares our output. */
function compile(flags: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [SCRIPT, ...flags], { stdio: 'inherit' })
    child.once('error', reject)
    child.once('close', (status) => resolve(status ?? 1))
  })
}
