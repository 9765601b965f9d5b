/** Opening: from what a caller asks for to a session. Everything is checked before native is asked. */
import { resolve } from 'node:path'
import { invalidType, oneOf, optionalBoolean, optionalString, readOptions } from './arguments'
import { codecOf } from './codecs'
import { Connection } from './connection'
import { closeAllAtExit } from './exit'
import { checkName, FAMILY_OPTIONS, Families, type FamilyGiven, type TuneFamily } from './families'
import { call } from './lane'
import {
  addon,
  type NativeFamilyOptions,
  type NativeOpenRequest,
  type NativeSession,
} from './native'
import { pathOf } from './paths'
import { type ResolvedTuning, resolveTuning } from './tuning'

const OPEN_OPTIONS = [
  'mode',
  'createIfMissing',
  'errorIfExists',
  'createMissingColumnFamilies',
  'recovery',
  'preset',
  'tuning',
  'columnFamilies',
  'rocksdb',
] as const

/** Options as they were given: read once, and not checked. */
type OpenGiven = { [Name in (typeof OPEN_OPTIONS)[number]]?: unknown }

/** What a `Database` is made of. */
export interface Opened {
  connection: Connection
  families: Families
}

/** Opens with the options' tuning. */
export async function open(path: unknown, given: unknown): Promise<Opened> {
  const directory = pathOf('path', path)
  return openWith(directory, readOptions('options', given, OPEN_OPTIONS))
}

/** Opens with exactly this tuning. */
export async function openWithTuning(
  path: unknown,
  tuning: unknown,
  given: unknown,
): Promise<Opened> {
  const directory = pathOf('path', path)
  const known = OPEN_OPTIONS.filter((name) => name !== 'tuning')
  const options = readOptions('options', given, known)
  if (typeof tuning !== 'object' || tuning === null)
    throw invalidType('tuning', 'an object', tuning)
  return openWith(directory, { ...options, tuning })
}

/** A static operation on a directory whose database is closed. */
export async function onPath(
  operation: 'listColumnFamilies' | 'destroy' | 'repair',
  path: unknown,
): Promise<unknown> {
  const directory = resolve(pathOf('path', path))
  return call(operation, { path: directory }, (id) => addon[operation](id, directory))
}

/** The options of each family, read once. */
function readFamilies(given: unknown): Map<string, FamilyGiven> {
  const families = new Map<string, FamilyGiven>()
  if (given === undefined) return families
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalidType('options.columnFamilies', 'an object', given)
  }
  for (const name of Object.keys(given)) {
    checkName(name)
    const where = `columnFamilies.${name}`
    const own = (given as Record<string, unknown>)[name]
    const options: FamilyGiven = readOptions(where, own, FAMILY_OPTIONS)
    codecOf(`${where}.key`, options.key, 'key')
    codecOf(`${where}.value`, options.value, 'value')
    families.set(name, options)
  }
  return families
}

function readMode(mode: unknown): Pick<NativeOpenRequest, 'mode' | 'secondaryPath'> {
  if (typeof mode === 'object' && mode !== null) {
    const { secondary } = readOptions('options.mode', mode, ['secondary'])
    return {
      mode: 'secondary',
      secondaryPath: resolve(pathOf('options.mode.secondary', secondary)),
    }
  }
  const modes = ['read-write', 'read-only'] as const
  return { mode: oneOf('options.mode', mode, modes, 'read-write'), secondaryPath: '' }
}

/** A family's RocksDB options with its merge operator, unless they name one themselves. */
function merging(maps: NativeFamilyOptions, { mergeOperator }: FamilyGiven): NativeFamilyOptions {
  const name = optionalString('options.mergeOperator', mergeOperator, undefined)
  if (name === undefined) return maps
  return { table: maps.table, columnFamily: { merge_operator: name, ...maps.columnFamily } }
}

/** Tuning options of a family, by name: an object without a prototype. */
type ByName = Record<string, { tuning?: unknown; rocksdb?: unknown }>

function tune(options: OpenGiven, families: ByName): ResolvedTuning {
  const { preset, tuning, rocksdb } = options
  return resolveTuning({
    preset,
    tuning,
    rocksdb,
    columnFamilies: families,
    openFileLimit: addon.openFileLimit(),
    zstdDictionaryTraining: addon.zstdDictionaryTraining,
  })
}

async function openWith(path: string, options: OpenGiven): Promise<Opened> {
  const families = readFamilies(options.columnFamilies)
  const byName: ByName = Object.assign(Object.create(null), Object.fromEntries(families))
  const tuning = tune(options, byName)
  const flag = (name: keyof OpenGiven, fallback: boolean) =>
    optionalBoolean(`options.${name}`, options[name], fallback)
  const request: NativeOpenRequest = {
    path: resolve(path),
    ...readMode(options.mode),
    createIfMissing: flag('createIfMissing', true),
    errorIfExists: flag('errorIfExists', false),
    createMissingColumnFamilies: flag('createMissingColumnFamilies', true),
    strictRecovery:
      oneOf('options.recovery', options.recovery, ['default', 'strict'], 'default') === 'strict',
    db: tuning.db,
    defaults: tuning.defaults,
    families: [...families].map(([name, own]) => ({
      name,
      ...merging(tuning.families[name] ?? tuning.defaults, own),
    })),
    blockCacheBytes: tuning.blockCacheBytes,
  }
  closeAllAtExit()
  const place = { path: request.path }
  const session = (await call('open', place, (id) => addon.open(id, request))) as NativeSession
  try {
    return opened(session, tuning, families, options)
  } catch (error) {
    // A codec whose properties are other ones the second time they are read.
    session.closeSync()
    throw error
  }
}

function opened(
  session: NativeSession,
  tuning: ResolvedTuning,
  codecs: Map<string, FamilyGiven>,
  options: OpenGiven,
): Opened {
  const connection = new Connection(session, tuning)
  const tuneFamily: TuneFamily = (name, own) => {
    const byName: ByName = Object.create(null)
    byName[name] = own
    return merging(tune(options, byName).families[name] ?? tuning.defaults, own)
  }
  const families = new Families(connection, codecs, tuneFamily)
  return { connection, families }
}
