/** Reads the options of `openReplica`. */
import { hostname } from 'node:os'
import { checkTargetArgument } from '../backup/options'
import type { BackupTarget } from '../backup/target'
import {
  invalidType,
  invalidValue,
  oneOf,
  optionalBoolean,
  optionalInteger,
  optionalString,
  readOptions,
} from '../base/arguments'
import type { FamilySpecs } from '../types/options'
import type { ReplicaLog } from './log'

const DATABASE_OPTIONS = [
  'waitForLockMs',
  'preset',
  'tuning',
  'configFile',
  'env',
  'envPrefix',
  'argv',
  'strict',
  'columnFamilies',
  'rocksdb',
] as const
const OPTIONS = [
  ...DATABASE_OPTIONS,
  'log',
  'snapshots',
  'role',
  'commit',
  'maxLagMs',
  'leaseMs',
  'heartbeatMs',
  'node',
  'url',
  'snapshotEveryMs',
  'snapshotLogMb',
  'keepSnapshots',
  'newLog',
  'signal',
] as const
const DAY_MS = 86_400_000
const MOST_NAME = 256

/** Options of a node, checked. */
export interface ReplicaRequest {
  log: ReplicaLog
  snapshots: BackupTarget | undefined
  follows: boolean
  local: boolean
  maxLagMs: number
  leaseMs: number
  heartbeatMs: number
  node: string
  url: string | undefined
  snapshotEveryMs: number
  snapshotLogBytes: number
  keepSnapshots: number
  newLog: boolean
  signal: AbortSignal | undefined
  /** Those of `Database.open`. */
  database: Record<string, unknown>
  /** Those of the families, by name. */
  families: FamilySpecs
}

export function readReplicaOptions(options: unknown): ReplicaRequest {
  const read = readOptions('options', options, OPTIONS)
  const integer = (name: string, fallback: number, min: number, max: number) =>
    optionalInteger(`options.${name}`, read[name], { min, max, default: fallback })
  const leaseMs = integer('leaseMs', 10_000, 100, DAY_MS)
  const heartbeat = Math.max(20, Math.floor(leaseMs / 5))
  const snapshots = read['snapshots']
  return {
    log: logOf(read['log']),
    snapshots: snapshots === undefined ? undefined : checkTargetArgument(snapshots),
    follows: oneOf('options.role', read['role'], ['auto', 'follower'], 'auto') === 'follower',
    local:
      oneOf('options.commit', read['commit'], ['replicated', 'local'], 'replicated') === 'local',
    maxLagMs: integer('maxLagMs', 1000, 1, DAY_MS),
    leaseMs,
    heartbeatMs: Math.min(integer('heartbeatMs', 1000, 10, DAY_MS), heartbeat),
    node: nameOf('node', read['node']) ?? `${hostname()}-${process.pid}`,
    url: nameOf('url', read['url']),
    snapshotEveryMs: integer('snapshotEveryMs', 3_600_000, 1000, 2 ** 31 - 1),
    snapshotLogBytes: integer('snapshotLogMb', 1024, 1, 2 ** 24) * 2 ** 20,
    keepSnapshots: integer('keepSnapshots', 3, 2, 1000),
    newLog: optionalBoolean('options.newLog', read['newLog'], false),
    signal: signalOf(read['signal']),
    ...databaseOf(read),
  }
}

function logOf(log: unknown): ReplicaLog {
  const given = log as Partial<ReplicaLog> | null | undefined
  if (typeof given !== 'object' || given === null || typeof given.open !== 'function') {
    throw invalidType('options.log', 'a log, such as jetstream({ servers, stream })', log)
  }
  return given as ReplicaLog
}

function nameOf(name: string, given: unknown): string | undefined {
  const text = optionalString(`options.${name}`, given, undefined)
  if (text === '' || (text !== undefined && text.length > MOST_NAME)) {
    throw invalidValue(`options.${name}`, text, `must have 1 to ${MOST_NAME} characters`)
  }
  return text
}

function signalOf(signal: unknown): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal
  throw invalidType('options.signal', 'an AbortSignal', signal)
}

function databaseOf(read: Record<string, unknown>): Pick<ReplicaRequest, 'database' | 'families'> {
  const database: Record<string, unknown> = {}
  for (const name of DATABASE_OPTIONS) if (read[name] !== undefined) database[name] = read[name]
  const families = read['columnFamilies'] ?? {}
  if (typeof families !== 'object' || families === null) {
    throw invalidType('options.columnFamilies', 'an object', families)
  }
  return { database, families: families as FamilySpecs }
}
