/** Tuning from outside the code: a file, the environment, the command line, the system. */
import { totalmem } from 'node:os'
import { invalidType, invalidValue, optionalString, ownProperties } from '../base/arguments'
import { absolutePathOf } from '../base/paths'
import { addon } from '../native/addon'
import {
  commandLineLayer,
  ENV_PREFIX,
  environmentLayer,
  readConfigFile,
  type TuningLayer,
  type TuningRequest,
} from '../tuning'

/** Names of the options of `Database.open` that say where tuning comes from. */
export const SOURCE_OPTIONS = ['configFile', 'env', 'envPrefix', 'argv'] as const

/** Where to read the layers above the code; they are read again each time. */
export interface Sources {
  configFile: string | undefined
  /** undefined if ignored; a copy, unless it is the process's own. */
  env: Readonly<Record<string, string | undefined>> | undefined
  envPrefix: string
  argv: readonly string[]
}

/** No layers above the code. */
export const NO_SOURCES: Sources = {
  configFile: undefined,
  env: undefined,
  envPrefix: ENV_PREFIX,
  argv: [],
}

/** Checks the options that say where tuning comes from. */
export function readSources(given: Readonly<Record<string, unknown>>): Sources {
  const { configFile, env, argv } = given
  return {
    configFile: configFile === undefined ? undefined : readConfigPath(configFile),
    env: readEnvironment(env),
    envPrefix: readPrefix(given['envPrefix']),
    argv: readArguments(argv),
  }
}

/** The path of a configuration file. */
export function readConfigPath(value: unknown): string {
  return absolutePathOf('options.configFile', value)
}

/** The current layers, lowest first. */
export function layersOf(sources: Sources, families: readonly string[]): TuningLayer[] {
  const { configFile, env, envPrefix, argv } = sources
  return [
    ...(configFile === undefined ? [] : [readConfigFile(configFile)]),
    ...(env === undefined ? [] : [environmentLayer(env, envPrefix, families)]),
    commandLineLayer(argv, families),
  ]
}

/** What tuning needs to know of the system and of this build. */
export function systemFacts(): Pick<
  TuningRequest,
  'openFileLimit' | 'libraries' | 'zstdDictionaryTraining' | 'memoryLimitBytes'
> {
  return {
    openFileLimit: addon.openFileLimit(),
    libraries: addon.versions,
    zstdDictionaryTraining: addon.zstdDictionaryTraining,
    memoryLimitBytes: memoryLimit(),
  }
}

/**
 * The smaller of physical memory and the cgroup's limit, which is 0 or undefined if there is none.
 */
function memoryLimit(): number {
  const constrained = process.constrainedMemory() ?? 0
  return constrained > 0 ? Math.min(totalmem(), constrained) : totalmem()
}

function readEnvironment(env: unknown): Sources['env'] {
  if (env === undefined || env === process.env) return process.env
  if (env === false) return undefined
  if (typeof env !== 'object' || env === null || Array.isArray(env)) {
    throw invalidType('options.env', 'an object or false', env)
  }
  const variables = ownProperties('options.env', env)
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined || typeof value === 'string') continue
    throw invalidType(`options.env.${name}`, 'a string', value)
  }
  return variables as Record<string, string | undefined>
}

function readPrefix(value: unknown): string {
  const prefix = optionalString('options.envPrefix', value, ENV_PREFIX)
  if (prefix === '') {
    throw invalidValue('options.envPrefix', prefix, 'must not be empty: every variable would count')
  }
  return prefix
}

function readArguments(argv: unknown): string[] {
  if (argv === undefined) return []
  if (!Array.isArray(argv)) throw invalidType('options.argv', 'an array of strings', argv)
  return argv.map((word: unknown, index) => {
    if (typeof word !== 'string') throw invalidType(`options.argv[${index}]`, 'a string', word)
    return word
  })
}
