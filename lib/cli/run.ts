/** Chooses the command of a command line, and reports its errors. */
import { nearest } from '../base/arguments'
import { packageVersion } from '../base/package'
import { versions } from '../versions'
import { backupCommand } from './backup'
import { backupsCommand } from './backups'
import { buildCommand } from './build'
import { type Command, type Surroundings, UsageError } from './command'
import { exportCommand } from './export'
import { importCommand } from './import'
import { replicaCommand } from './replica'
import { restoreCommand } from './restore'
import { serveCommand } from './serve'
import { tuningCommand } from './tuning'
import { verifyCommand } from './verify'

const COMMANDS: Readonly<Record<string, Command>> = {
  backup: backupCommand,
  backups: backupsCommand,
  build: buildCommand,
  export: exportCommand,
  import: importCommand,
  replica: replicaCommand,
  restore: restoreCommand,
  serve: serveCommand,
  tuning: tuningCommand,
  verify: verifyCommand,
}

/** The exit statuses of a command that failed, and of an invalid command line. */
const [FAILED, MISUSED] = [1, 2]

/** Runs a command line and returns its exit status. */
export async function run(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stdout, stderr } = surroundings
  const [name = '--help', ...rest] = words
  if (name === '--help' || name === '-h' || name === 'help') {
    stdout.write(usage())
    return words.length === 0 ? MISUSED : 0
  }
  if (name === '--version') {
    const { rocksdb, ...codecs } = versions
    const words = Object.entries(codecs).map(([name, version]) => `${name} ${version}`)
    const own = `rocksdb-live ${packageVersion()}`
    stdout.write(`${[own, `RocksDB ${rocksdb}`, ...words].join(', ')}\n`)
    return 0
  }
  try {
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
    if (command === undefined) throw unknownCommand(name)
    return await command.run(rest, surroundings)
  } catch (error) {
    stderr.write(`rocksdb-live: ${error instanceof Error ? error.message : String(error)}\n`)
    return error instanceof UsageError ? MISUSED : FAILED
  }
}

function unknownCommand(name: string): UsageError {
  const near = nearest(name, Object.keys(COMMANDS))
  const hint = near === undefined ? '' : `: did you mean ${near}?`
  return new UsageError(`there is no command ${JSON.stringify(name)}${hint}`)
}

function usage(): string {
  const commands = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  ${name.padEnd(10)}${summary}`,
  )
  const help = Object.values(COMMANDS).map((command) => command.help())
  return `Usage: rocksdb-live <command> [path] [flags]

Commands:
${commands.join('\n')}

${help.join('\n')}`
}
