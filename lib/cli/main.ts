#!/usr/bin/env node
/** The `rocksdb-live` command. */
import { Database } from '../database'
import { layersOf, readSources, systemFacts } from '../sources'
import { ENV_PREFIX, resolveTuning, type TuningReport } from '../tuning'
import { asEnvironment, asTable, asToml } from './print'
import { helpText, type OwnWords, readOwnWords, splitWords, UsageError, versionText } from './words'

/** Exit codes: it worked; it failed; it was not understood. */
const OK = 0
const FAILED = 1
const MISUSED = 2

/** Where the layers come from, as options of `Database.open`. */
function sourcesOf(own: OwnWords, argv: readonly string[]) {
  return {
    argv: [...argv],
    ...(own.config === undefined ? {} : { configFile: own.config }),
    ...(own.envPrefix === undefined ? {} : { envPrefix: own.envPrefix }),
  }
}

/** The tuning of a database, or the one that a new database would get. */
async function reportOf(
  path: string | undefined,
  own: OwnWords,
  argv: readonly string[],
): Promise<TuningReport> {
  const sources = sourcesOf(own, argv)
  if (path === undefined) {
    const layers = layersOf(readSources(sources), [])
    return resolveTuning({ strict: own.strict, layers, ...systemFacts() }).report()
  }
  const db = await Database.open(path, { ...sources, strict: own.strict, mode: 'read-only' })
  try {
    return db.tuning()
  } finally {
    await db.close()
  }
}

async function tuning(own: OwnWords, argv: readonly string[]): Promise<string> {
  const [, path, ...rest] = own.positionals
  if (rest.length > 0) throw new UsageError(`unexpected "${rest[0]}"`)
  const report = await reportOf(path, own, argv)
  switch (own.format) {
    case 'json':
      return JSON.stringify(report, null, 2)
    case 'toml':
      return asToml(report)
    case 'env':
      return asEnvironment(report, own.envPrefix ?? ENV_PREFIX)
    case 'table':
      return asTable(report)
  }
}

async function run(words: readonly string[]): Promise<string> {
  const split = splitWords(words)
  const own = readOwnWords(split.own)
  if (own.version) return versionText()
  const [command] = own.positionals
  if (own.help || command === undefined || command === 'help') return helpText()
  if (command !== 'tuning') throw new UsageError(`there is no command "${command}"`)
  return tuning(own, split.tuning)
}

async function main(): Promise<number> {
  try {
    process.stdout.write(`${await run(process.argv.slice(2))}\n`)
    return OK
  } catch (error) {
    const { message } = error as Error
    process.stderr.write(`rocksdb-live: ${message}\n`)
    if (!(error instanceof UsageError)) return FAILED
    process.stderr.write('rocksdb-live --help says what is understood\n')
    return MISUSED
  }
}

main().then((code) => {
  process.exitCode = code
})
