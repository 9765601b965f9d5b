/** The lease of a log: one key of a bucket in JetStream. */
import type { KV, KvEntry, KvWatchInclude } from '@nats-io/kv'
import type { Client } from './jetstream-client'
import { appendFailureOf, logFailed } from './jetstream-errors'
import type { StreamNames } from './jetstream-stream'
import type { Lease, LogLease } from './log'

const KEY = 'writer'
const TEXT = new TextDecoder()

/** Opens the bucket; makes it where it is not there. */
export async function openLease(client: Client, names: StreamNames): Promise<JetStreamLease> {
  const keys = await client.keys.create(names.bucket, {
    description: 'Who writes to the log of a replicated rocksdb-live database',
    history: 1,
    replicas: names.replicas,
    // The leader is asked: others may answer with what was.
    allow_direct: false,
  } as never)
  return new JetStreamLease(keys, names)
}

export class JetStreamLease implements LogLease {
  readonly #keys: KV
  readonly #names: StreamNames
  readonly #listeners = new Set<() => void>()

  constructor(keys: KV, names: StreamNames) {
    this.#keys = keys
    this.#names = names
  }

  async read(): Promise<Lease | undefined> {
    return this.#run('read the lease', async () => {
      const entry = await this.#keys.get(KEY)
      return entry === null ? undefined : leaseOf(entry)
    })
  }

  async write(text: string, revision: number): Promise<number | undefined> {
    return this.#run('write the lease', async () => {
      try {
        return await this.#keys.put(KEY, text, { previousSeq: revision })
      } catch (error) {
        if (appendFailureOf(error) === 'conflict') return undefined
        throw error
      }
    })
  }

  async watch(listener: (lease: Lease) => void): Promise<() => void> {
    let seen = 0
    let stopped = false
    const tell = (lease: Lease | undefined) => {
      if (stopped || lease === undefined || lease.revision <= seen) return
      seen = lease.revision
      listener(lease)
    }
    const entries = await this.#run('watch the lease', () =>
      this.#keys.watch({ key: KEY, include: 'updates' as KvWatchInclude }),
    )
    const look = () => void this.read().then(tell, () => undefined)
    this.#listeners.add(look)
    const stop = () => {
      stopped = true
      this.#listeners.delete(look)
      entries.stop()
    }
    void (async () => {
      for await (const entry of entries) tell(leaseOf(entry))
    })().catch(stop)
    return stop
  }

  /** The connection is there again: watchers may have missed something. */
  reconnected(): void {
    for (const look of this.#listeners) look()
  }

  async #run<T>(what: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (error) {
      throw logFailed(this.#names.log, what, error)
    }
  }
}

/** A key that somebody has deleted is a lease that was given up. */
function leaseOf(entry: KvEntry): Lease {
  const text = entry.operation === 'PUT' ? TEXT.decode(entry.value) : ''
  return { revision: entry.revision, text }
}
