/** `rocksdb-live tuning`: every option, its value, where it came from, and RocksDB's value. */
import { Database } from '../database'
import { layersOf, readSources, systemFacts } from '../open/sources'
import {
  asEnvironment,
  asToml,
  ENV_PREFIX,
  resolveTuning,
  splitCommandLine,
  type TuningReport,
  tuningFlags,
} from '../tuning'
import { type Command, type Surroundings, UsageError } from './command'
import { helpOf, parseFlags, SHARED } from './flags'
import { renderReport, wrap } from './render'

const FLAGS = {
  json: SHARED.json,
  toml: { type: 'boolean', help: 'Print a configuration file that gives the same values.' },
  env: { type: 'boolean', help: 'Print environment variables that give the same values.' },
  config: SHARED.config,
  'env-prefix': SHARED['env-prefix'],
  strict: { type: 'boolean', help: 'Refuse numbers outside their safe range.' },
  help: SHARED.help,
} as const

interface Asked {
  path: string | undefined
  format: 'table' | 'json' | 'toml' | 'env'
  help: boolean
  strict: boolean
  envPrefix: string
  configFile: string | undefined
  /** The whole command line: tuning reads its flags from it. */
  argv: readonly string[]
}

export const tuningCommand: Command = {
  summary: 'Show every tuning option, with a path as that database would have it.',
  help,
  async run(words, surroundings) {
    const asked = read(words)
    if (asked.help) {
      surroundings.stdout.write(help())
      return 0
    }
    const report = await reportOf(asked, surroundings)
    surroundings.stdout.write(print(report, asked))
    return 0
  },
}

function read(argv: readonly string[]): Asked {
  const { rest } = splitCommandLine(argv, [])
  const { values, positionals } = parseFlags(rest, FLAGS)
  const formats = (['json', 'toml', 'env'] as const).filter((format) => values[format])
  if (formats.length > 1) throw new UsageError(`--${formats.join(' and --')} exclude each other`)
  if (positionals.length > 1) throw new UsageError(`one path at most, not ${positionals.length}`)
  return {
    path: positionals[0],
    format: formats[0] ?? 'table',
    help: values.help ?? false,
    strict: values.strict ?? false,
    envPrefix: values['env-prefix'] ?? ENV_PREFIX,
    configFile: values.config,
    argv,
  }
}

/** With a path it opens the database read-only, since another process may have it open. */
async function reportOf(asked: Asked, { env }: Surroundings): Promise<TuningReport> {
  const { path, strict, configFile, envPrefix, argv } = asked
  const options = { strict, configFile, env, envPrefix, argv }
  if (path === undefined) {
    const layers = layersOf(readSources(options), [])
    return resolveTuning({ ...systemFacts(), strict, layers }).report()
  }
  const db = await Database.open(path, { ...options, mode: 'read-only' })
  try {
    return db.tuning()
  } finally {
    await db.close()
  }
}

function print(report: TuningReport, { format, envPrefix }: Asked): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(report, undefined, 2)}\n`
    case 'toml':
      return asToml(report)
    case 'env':
      return asEnvironment(report, envPrefix)
    case 'table':
      return renderReport(report)
  }
}

function help(): string {
  const tuning = tuningFlags().map(({ name, argument, description }) =>
    wrap(`--${name} ${argument}`, description),
  )
  return `Usage: rocksdb-live tuning [path] [flags]

Shows every tuning option with its value and where it came from: a preset, a file, the environment
or the command line. With a path, the database there is opened to read only, and what RocksDB then
holds is shown as well.

Flags:
${helpOf(FLAGS)}

Tuning, for the database; --db-cf-<family>-<option> is for one column family:
${tuning.join('\n')}
`
}
