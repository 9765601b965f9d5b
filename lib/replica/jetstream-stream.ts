/** The stream of a log: made where it is not there, and checked where it is. */
import type { DiscardPolicy, RetentionPolicy, StorageType, StreamInfo } from '@nats-io/jetstream'
import type { Client } from './jetstream-client'
import { ApiCode, apiCodeOf, logUnfit } from './jetstream-errors'

/** What a log is made of in JetStream. */
export interface StreamNames {
  /** For messages. */
  log: string
  stream: string
  subject: string
  /** The bucket of the lease. */
  bucket: string
  replicas: number
}

/** The server says more of a stream than the client has types for. */
export type FullStreamInfo = StreamInfo & { ts?: string; config: { persist_mode?: string } }

/** Within this time the server tells a message that is sent twice by its id. */
const DUPLICATES_NS = 120e9

/** Sees to it that the stream is there, and as it must be. */
export async function ensureStream(client: Client, names: StreamNames): Promise<FullStreamInfo> {
  const info = (await infoOf(client, names)) ?? (await make(client, names))
  const problems = problemsOf(info, names)
  if (problems.length > 0) {
    throw logUnfit(
      names.log,
      `is not fit for a replica's log: ${problems.join('; ')}. Change the stream, or name another one`,
    )
  }
  return info
}

/** What the leader of the stream says of it; undefined where there is none. */
async function infoOf(client: Client, names: StreamNames): Promise<FullStreamInfo | undefined> {
  try {
    return await client.manager.streams.info(names.stream)
  } catch (error) {
    if (apiCodeOf(error).code === ApiCode.streamNotFound) return undefined
    throw error
  }
}

async function make(client: Client, names: StreamNames): Promise<FullStreamInfo> {
  try {
    return await client.manager.streams.add({
      name: names.stream,
      description: 'The log of a replicated rocksdb-live database: do not write to it',
      subjects: [names.subject],
      retention: 'limits' as RetentionPolicy,
      storage: 'file' as StorageType,
      discard: 'new' as DiscardPolicy,
      num_replicas: names.replicas,
      duplicate_window: DUPLICATES_NS,
      deny_delete: true,
      allow_direct: false,
    })
  } catch (error) {
    // Another node was first, perhaps with other settings.
    const info =
      apiCodeOf(error).code === ApiCode.nameInUse ? await infoOf(client, names) : undefined
    if (info === undefined) throw error
    return info
  }
}

/** Everything about a stream that would lose, reorder or hide records. */
function problemsOf({ config }: FullStreamInfo, names: StreamNames): string[] {
  const problems: string[] = []
  const must = (holds: boolean, problem: string) => void (holds || problems.push(problem))
  const subjects = (config.subjects ?? []).join(', ')
  must(subjects === names.subject, `its subjects are ${subjects || 'none'}, not ${names.subject}`)
  must(config.storage === 'file', `it is stored in ${config.storage}, not in files`)
  must(config.retention === 'limits', `its retention is ${config.retention}, not limits`)
  must(config.discard === 'new', `it discards ${config.discard} records when full, not new ones`)
  must((config.max_age ?? 0) === 0, `its records end after ${(config.max_age ?? 0) / 1e9} s`)
  for (const limit of ['max_msgs', 'max_bytes', 'max_msgs_per_subject'] as const) {
    must((config[limit] ?? -1) <= 0, `it has a limit: ${limit} ${config[limit]}`)
  }
  must(
    config.num_replicas >= names.replicas,
    `it has ${config.num_replicas} replicas, not ${names.replicas}`,
  )
  must(config.persist_mode !== 'async', 'it is acknowledged before it is written (persist_mode)')
  must(config.no_ack !== true, 'it acknowledges nothing')
  must(config.sealed !== true, 'it is sealed')
  must(config.mirror === undefined && (config.sources ?? []).length === 0, 'it is fed by others')
  must(config.subject_transform === undefined, 'it changes subjects')
  return problems
}

/** What an operator must know of servers and stream. */
export function warningsOf(version: string, { config, cluster }: FullStreamInfo): string[] {
  const warnings: string[] = []
  if (isBefore(version, 2, 10, 0)) {
    warnings.push(
      `the NATS server ${version} has no sync_interval: it acknowledges records before they are on a ` +
        'disk. Use 2.12 or newer, with sync_interval: always',
    )
  } else if (isBefore(version, 2, 10, 23)) {
    warnings.push(`the NATS server ${version} can lose whole streams: use 2.12 or newer`)
  } else if (isBefore(version, 2, 12, 0)) {
    warnings.push(`the NATS server ${version} is old: 2.12 or newer is recommended`)
  }
  if (config.num_replicas < 3) {
    warnings.push(
      `the log has ${config.num_replicas} of the three replicas that outlive the loss of a server`,
    )
  }
  const away = (cluster?.replicas ?? []).filter((peer) => peer.offline).map((peer) => peer.name)
  if (away.length > 0) warnings.push(`replicas of the log are away: ${away.join(', ')}`)
  return warnings
}

function isBefore(version: string, ...wanted: [number, number, number]): boolean {
  const parts = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number)
  if (parts === undefined) return false
  const at = wanted.findIndex((part, i) => part !== parts[i])
  return at >= 0 && (parts[at] as number) < (wanted[at] as number)
}
