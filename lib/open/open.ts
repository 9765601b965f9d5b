/** Opening: turns a caller's options into a session. Checks everything before it calls native. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  invalidType,
  invalidValue,
  oneOf,
  optionalBoolean,
  optionalInteger,
  readOptions,
} from '../base/arguments'
import { memoryPathOf } from '../base/memory'
import { absolutePathOf } from '../base/paths'
import { codecOf } from '../codecs/codecs'
import { Connection } from '../connection/connection'
import { addon, type NativeOpenRequest } from '../native/addon'
import { closeAllAtExit } from '../native/exit'
import { call } from '../native/lane'
import { REPLICA_FAMILY, ReplicaAccess } from '../native/replica'
import type { NativeSession } from '../native/session'
import {
  type FamilyTuningRequest,
  openFilesBudget,
  type ResolvedTuning,
  resolveTuning,
  type TuningRequest,
} from '../tuning'
import {
  checkName,
  FAMILY_OPTIONS,
  Families,
  type FamilyClass,
  type FamilyGiven,
  PLAIN,
} from './families'
import { LiveTuning } from './live'
import { withOwn } from './own-options'
import {
  layersOf,
  NO_SOURCES,
  readSources,
  SOURCE_OPTIONS,
  type Sources,
  systemFacts,
} from './sources'
import { warnOfStrangers } from './strangers'

const OPEN_OPTIONS = [
  'mode',
  'createIfMissing',
  'errorIfExists',
  'createMissingColumnFamilies',
  'recovery',
  'waitForLockMs',
  'preset',
  'strict',
  'tuning',
  'columnFamilies',
  'rocksdb',
  ...SOURCE_OPTIONS,
] as const

/** In milliseconds, like the limit of Node's timers. */
const LONGEST_WAIT = 2 ** 31 - 1

/** The options that `openWithTuning` does not have. */
const LAYERED: readonly string[] = ['tuning', ...SOURCE_OPTIONS]

/** Options as given: read once, not checked. */
type OpenGiven = { [Name in (typeof OPEN_OPTIONS)[number]]?: unknown }

/** The parts of a `Database`. */
export interface Opened<Family> {
  connection: Connection
  families: Families<Family>
  live: LiveTuning
}

/** Where a database is. */
interface OpenPlace {
  /** Absolute; `memory:` and the name for a database in memory. */
  path: string
  inMemory: boolean
}

/** What to open: a place, and how. */
interface Opening extends OpenPlace {
  /** One of ReplicaAccess. */
  replica: number
}

/** Where a path or a database in memory is. */
export function placeOf(path: unknown): OpenPlace {
  const memory = memoryPathOf(path)
  if (memory !== undefined) return { path: memory, inMemory: true }
  return { path: absolutePathOf('path', path), inMemory: false }
}

/** Opens with the tuning in the options. `replica` is one of ReplicaAccess. */
export async function open<Family>(
  path: unknown,
  given: unknown,
  familyClass: FamilyClass<Family>,
  { replica }: { replica: number } = { replica: ReplicaAccess.none },
): Promise<Opened<Family>> {
  const place = { ...placeOf(path), replica }
  const options = readOptions('options', given, OPEN_OPTIONS)
  return openWith(place, options, readSources(options), familyClass)
}

/** Opens with exactly this tuning. */
export async function openWithTuning<Family>(
  path: unknown,
  tuning: unknown,
  given: unknown,
  familyClass: FamilyClass<Family>,
): Promise<Opened<Family>> {
  const place = { ...placeOf(path), replica: ReplicaAccess.none }
  const known = OPEN_OPTIONS.filter((name) => !LAYERED.includes(name))
  const options = readOptions('options', given, known)
  if (typeof tuning !== 'object' || tuning === null)
    throw invalidType('tuning', 'an object', tuning)
  return openWith(place, { ...options, tuning }, NO_SOURCES, familyClass)
}

/** A static operation on the directory of a closed database. */
export async function onPath(
  operation: 'listColumnFamilies' | 'destroy' | 'checkClosed',
  path: unknown,
): Promise<unknown> {
  const directory = absolutePathOf('path', path)
  return call(operation, { path: directory }, (id) => addon[operation](id, directory))
}

/** The names of the families on the disk, without what is the package's own. */
export async function listFamilies(path: unknown): Promise<string[]> {
  const all = (await onPath('listColumnFamilies', path)) as string[]
  return all.filter((name) => name !== REPLICA_FAMILY)
}

/** Whether the database in a directory is a replica's. */
export async function isOfReplica(path: string): Promise<boolean> {
  return ((await onPath('listColumnFamilies', path)) as string[]).includes(REPLICA_FAMILY)
}

/** Reads the options of each family once. */
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
      secondaryPath: absolutePathOf('options.mode.secondary', secondary),
    }
  }
  if (mode === 'secondary') {
    throw invalidValue(
      'options.mode',
      mode,
      'must name the folder that a secondary keeps for itself: mode: { secondary: dir }',
    )
  }
  const modes = ['read-write', 'read-only'] as const
  return { mode: oneOf('options.mode', mode, modes, 'read-write'), secondaryPath: '' }
}

function requestOf(
  { path, inMemory }: OpenPlace,
  options: OpenGiven,
  mode: NativeOpenRequest['mode'],
  families: ReadonlyMap<string, FamilyGiven>,
  sources: Sources,
): TuningRequest {
  const { preset, tuning, rocksdb } = options
  const columnFamilies: Record<string, FamilyTuningRequest> = Object.create(null)
  for (const [name, { tuning: own, rocksdb: passed }] of families) {
    columnFamilies[name] = { tuning: own, rocksdb: passed }
  }
  return {
    preset,
    tuning,
    rocksdb,
    strict: optionalBoolean('options.strict', options.strict, false),
    strictRecovery: isStrictRecovery(options),
    reader: mode !== 'read-write',
    columnFamilies,
    layers: layersOf(sources, [...families.keys()]),
    ...systemFacts(),
    largestReadBytes: inMemory ? 0 : addon.largestRead(path),
    warned: new Set(),
  }
}

/** Lists the families on the disk only if the tuning depends on them. */
async function resolveFor(
  { path, inMemory }: OpenPlace,
  request: TuningRequest,
  sources: Sources,
): Promise<ResolvedTuning> {
  const tuning = resolveTuning(request)
  if (!tuning.needsFamilies) return tuning
  const existing = inMemory ? await familiesInMemory(path) : await familiesOnDisk(path)
  const names = [...Object.keys(request.columnFamilies ?? {}), ...existing]
  const layers = layersOf(sources, names)
  return resolveTuning({ ...request, layers, existingFamilies: existing })
}

/** Empty if nobody has it open. */
async function familiesInMemory(path: string): Promise<string[]> {
  const place = { path }
  return (await call('open', place, (id) => addon.familiesInMemory(id, path))) as string[]
}

/** Empty if there is no database. If one cannot be read, the open will explain why. */
async function familiesOnDisk(path: string): Promise<string[]> {
  if (!existsSync(join(path, 'CURRENT'))) return []
  try {
    return await listFamilies(path)
  } catch {
    return []
  }
}

function isStrictRecovery(options: OpenGiven): boolean {
  return oneOf('options.recovery', options.recovery, ['default', 'strict'], 'default') === 'strict'
}

async function openWith<Family>(
  place: Opening,
  options: OpenGiven,
  sources: Sources,
  familyClass: FamilyClass<Family>,
): Promise<Opened<Family>> {
  const begin = performance.now()
  const families = readFamilies(options.columnFamilies)
  const mode = readMode(options.mode)
  const asked = requestOf(place, options, mode.mode, families, sources)
  const tuning = await resolveFor(place, asked, sources)
  const flag = (name: keyof OpenGiven, fallback: boolean) =>
    optionalBoolean(`options.${name}`, options[name], fallback)
  const request: NativeOpenRequest = {
    ...place,
    ...mode,
    createIfMissing: flag('createIfMissing', true),
    errorIfExists: flag('errorIfExists', false),
    createMissingColumnFamilies: flag('createMissingColumnFamilies', true),
    strictRecovery: isStrictRecovery(options),
    waitForLockMs: optionalInteger('options.waitForLockMs', options.waitForLockMs, {
      max: LONGEST_WAIT,
      default: 0,
    }),
    openFilesBudget: openFilesBudget(tuning.database),
    retainChangesBytes: tuning.retainChangesBytes,
    db: tuning.db,
    defaults: tuning.defaults,
    families: Object.entries(tuning.families).map(([name, maps]) => ({
      name,
      ...withOwn(maps, families.get(name) ?? PLAIN),
    })),
    shared: tuning.shared,
  }
  closeAllAtExit()
  const session = (await call('open', place, (id) => addon.open(id, request))) as NativeSession
  warnOfStrangers(session.path, session.strangers)
  try {
    const opened = place.inMemory ? place.path : session.path
    const openSeconds = (performance.now() - begin) / 1000
    const connection = new Connection(session, tuning, opened, request.mode, openSeconds)
    return {
      connection,
      families: new Families(connection, familyClass, families),
      live: new LiveTuning(connection, sources),
    }
  } catch (error) {
    // Reached if a codec's properties change between two reads.
    session.closeSync()
    throw error
  }
}
