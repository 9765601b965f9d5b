/** Chooses the command of a command line, and reports its errors. */
import { nearest } from '../base/arguments'
import { packageVersion } from '../base/package'
import { printableLines } from '../formats/printable'
import { versions } from '../versions'
import { backupCommand } from './backup'
import { backupsCommand } from './backups'
import { buildCommand } from './build'
import { checkpointCommand } from './checkpoint'
import { type Command, DONE, FAILED, MISUSED, type Surroundings, UsageError } from './command'
import { compactCommand } from './compact'
import { countCommand } from './count'
import { deleteCommand } from './delete'
import { doctorCommand } from './doctor'
import { exportCommand } from './export'
import { familiesCommand } from './families'
import { filesCommand } from './files'
import { getCommand } from './get'
import { importCommand } from './import'
import { propertiesCommand } from './properties'
import { putCommand } from './put'
import { reflowing } from './reflow'
import { replicaCommand } from './replica'
import { restoreCommand } from './restore'
import { scanCommand } from './scan'
import { serveCommand } from './serve'
import { statsCommand } from './stats'
import { studioCommand } from './studio'
import { tuningCommand } from './tuning'
import { verifyCommand } from './verify'

const COMMANDS: Readonly<Record<string, Command>> = {
  backup: backupCommand,
  backups: backupsCommand,
  build: buildCommand,
  checkpoint: checkpointCommand,
  compact: compactCommand,
  count: countCommand,
  delete: deleteCommand,
  doctor: doctorCommand,
  families: familiesCommand,
  files: filesCommand,
  get: getCommand,
  properties: propertiesCommand,
  put: putCommand,
  export: exportCommand,
  import: importCommand,
  replica: replicaCommand,
  restore: restoreCommand,
  scan: scanCommand,
  serve: serveCommand,
  stats: statsCommand,
  studio: studioCommand,
  tuning: tuningCommand,
  verify: verifyCommand,
}

/** How the help lists them; those that are in no group come last. */
const GROUPS: readonly (readonly [title: string, names: readonly string[]])[] = [
  [
    'Look at a database, also beside the process that writes it',
    [
      'get',
      'scan',
      'count',
      'families',
      'files',
      'stats',
      'properties',
      'tuning',
      'verify',
      'doctor',
      'studio',
    ],
  ],
  ['Change a database, which nobody else has open', ['put', 'delete', 'compact', 'import']],
  ['Copy a database', ['export', 'checkpoint', 'backup', 'backups', 'restore', 'replica']],
  ['And', ['serve', 'build']],
]

/** Runs a command line and returns its exit status. */
export async function run(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stdout, stderr } = surroundings
  const [name = '--help', ...rest] = words
  if (name === 'help' && rest[0] !== undefined) return run([rest[0], '--help'], surroundings)
  if (name === '--help' || name === '-h' || name === 'help') {
    reflowing(stdout).write(usage())
    return words.length === 0 ? MISUSED : DONE
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
    const helps = rest.includes('--help') || rest.includes('-h')
    const output = helps ? { ...surroundings, stdout: reflowing(stdout) } : surroundings
    return await command.run(rest, output)
  } catch (error) {
    // Names of files and families are in it, and whatever those are made of.
    const text = printableLines(error instanceof Error ? error.message : String(error))
    stderr.write(`rocksdb-live: ${text}\n`)
    return error instanceof UsageError ? MISUSED : FAILED
  }
}

function unknownCommand(name: string): UsageError {
  const near = nearest(name, Object.keys(COMMANDS))
  const hint = near === undefined ? '' : `: did you mean ${near}?`
  return new UsageError(`there is no command ${JSON.stringify(name)}${hint}`)
}

function usage(): string {
  const grouped = new Set(GROUPS.flatMap(([, names]) => names))
  const others = Object.keys(COMMANDS).filter((name) => !grouped.has(name))
  const groups = GROUPS.map(([title, names]) => listed(title, names))
  return `Usage: rocksdb-live <command> <path> [flags]

${groups.join('\n')}${others.length === 0 ? '' : `\n${listed('More', others)}`}
rocksdb-live help <command> shows the flags of one. What a command prints for people it prints as JSON with --json.
The exit status is 0 where it was done, 1 where it failed, 2 where the command line is wrong, 3 where what was asked
for is not there, 4 where doctor has found something, and 130 after Ctrl-C.
`
}

function listed(title: string, names: readonly string[]): string {
  const lines = names.flatMap((name) => {
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
    return command === undefined ? [] : [`  ${name.padEnd(12)}${command.summary}`]
  })
  return `${title}:\n${lines.join('\n')}\n`
}
