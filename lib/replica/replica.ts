/** `openReplica`, and the node as its users see it. */
import { resolve } from 'node:path'
import { invalidType, optionalInteger, readOptions } from '../base/arguments'
import { RocksDBError } from '../base/errors'
import { pathOf } from '../base/paths'
import { handleOf } from '../column-family'
import type { AnyFamily } from '../families'
import type { FamilySpecs } from '../types/options'
import { aborted, closed, codeOf, logFailed, lost, stale } from './errors'
import { explained } from './judge'
import { ReplicaNode } from './node'
import { readReplicaOptions } from './options'
import { decodeToken, encodeToken, type Token } from './place'
import { noteReplica } from './running'
import { type AnyDatabase, NodeState } from './state'
import type {
  FreshOptions,
  Replica,
  ReplicaEvents,
  ReplicaOptions,
  ReplicaRole,
  ReplicaStatus,
  ReplicaWriter,
  WaitForOptions,
} from './types'

const EVENTS = ['role', 'database', 'setAside', 'snapshot', 'failure'] as const
/** Opening does not wait until these go well. */
const FINAL: ReadonlySet<string | undefined> = new Set([
  'ERR_REPLICA_MISMATCH',
  'ERR_OPTIONS_MISMATCH',
  'ERR_CORRUPTION',
])
const WAIT_MS = 5000
const MOST_MS = 2 ** 31 - 1

/**
 * Opens a directory as a node of a replicated database: one node writes, the others follow, and with `role: 'auto'` any of
 * them takes over when the writer is gone. Their writes are put in order by the log, which also says who may write. Resolves
 * once the node writes, or has applied all that was in the log.
 *
 * Fails with `ERR_REPLICA_LOG` where the log cannot be reached, with `ERR_REPLICA_MISMATCH` where the directory and the log do
 * not belong together, with `ERR_REPLICA_GAP` where records are gone that no snapshot has, with `ERR_ABORTED`, and as
 * `Database.open` and `restore` do.
 *
 * @example
 * ```ts
 * const node = await openReplica('data/shop', {
 *   log: jetstream({ servers: 'nats://127.0.0.1:4222', stream: 'shop' }),
 *   snapshots: directory('/mnt/backup/shop'),
 *   columnFamilies: { users: { key: 'utf8', value: 'utf8' } },
 * })
 * if (node.role === 'writer') await node.db.columnFamily('users').put('ada', 'Ada')
 * ```
 */
// biome-ignore lint/complexity/noBannedTypes: {} is "no family but the default one is named"
export async function openReplica<const F extends FamilySpecs = {}>(
  path: string | URL,
  options: ReplicaOptions<F>,
): Promise<Replica<F>> {
  const directory = resolve(pathOf('path', path))
  const request = readReplicaOptions(options)
  const { log, signal } = request
  const opening = AbortSignal.any([signal ?? new AbortController().signal])
  if (opening.aborted) throw aborted(opening)
  const open = await log.open(opening).catch((error) => {
    if (opening.aborted) throw aborted(opening)
    throw codeOf(error) === undefined ? logFailed(log.name, 'opening', error) : error
  })
  const state = new NodeState(directory, request, open)
  const node = new ReplicaNode(state)
  const end = () => state.ended.abort()
  opening.addEventListener('abort', end)
  try {
    await node.open()
  } catch (error) {
    await open.close().catch(() => {})
    throw opening.aborted ? aborted(opening) : explained(error, log.name)
  } finally {
    opening.removeEventListener('abort', end)
  }
  node.start()
  return new Opened(node).ready() as Promise<Replica<F>>
}

class Opened implements Replica {
  readonly #node: ReplicaNode
  readonly #state: NodeState
  #closing: Promise<void> | undefined

  constructor(node: ReplicaNode) {
    this.#node = node
    this.#state = node.state
    noteReplica(this, () => this.#state.connection)
  }

  /** Resolves once it writes, or has applied what was in the log. */
  async ready(): Promise<this> {
    const state = this.#state
    const end = state.committed
    const isReady = () => {
      const { role, request, error } = state
      if (role === 'writer') return true
      if (FINAL.has(codeOf(error))) throw error
      if (role !== 'follower' || this.#node.standing) return false
      const waits = !request.follows && state.lease.isFree()
      return state.applied >= end && !waits
    }
    try {
      const forever = { timeoutMs: MOST_MS, signal: state.request.signal, what: '' }
      await state.waiting.until(isReady, forever)
      return this
    } catch (error) {
      await this.close().catch(() => {})
      throw error
    }
  }

  get path(): string {
    return this.#state.path
  }

  get db(): AnyDatabase {
    return this.#state.db
  }

  get role(): ReplicaRole {
    return this.#state.role
  }

  status(): ReplicaStatus {
    const state = this.#state
    const { request, role, history, log } = state
    return {
      node: request.node,
      role,
      logId: history.logId === '' ? undefined : history.logId,
      epoch: history.epoch,
      applied: state.applied,
      committed: state.committed,
      stalenessMs: state.stalenessMs(),
      writer: state.writer,
      pending: state.pending,
      snapshot: state.snapshot,
      counts: { ...state.counts },
      warnings: log.warnings,
      error: state.error,
    }
  }

  on<E extends keyof ReplicaEvents>(event: E, listener: (event: ReplicaEvents[E]) => void): this {
    this.#state.events.on(eventOf(event), functionOf(listener))
    return this
  }

  once<E extends keyof ReplicaEvents>(event: E, listener: (event: ReplicaEvents[E]) => void): this {
    this.#state.events.once(eventOf(event), functionOf(listener))
    return this
  }

  off<E extends keyof ReplicaEvents>(event: E, listener: (event: ReplicaEvents[E]) => void): this {
    this.#state.events.off(eventOf(event), functionOf(listener))
    return this
  }

  async write(batch: { write(): Promise<void> } | readonly unknown[]): Promise<string> {
    this.#assertOpen()
    if (Array.isArray(batch)) await this.db.write(batch as never)
    else if (typeof (batch as { write?: unknown } | null)?.write === 'function') {
      await (batch as { write(): Promise<void> }).write()
    } else throw invalidType('batch', 'a batch, or an array of operations', batch)
    // It is written, also where the node was closed meanwhile.
    return this.#token()
  }

  token(): string {
    this.#assertOpen()
    return this.#token()
  }

  #token(): string {
    const { history } = this.#state
    const { logId, epoch, sequence, ordinal } = this.#state.place() ?? {
      logId: history.logId,
      epoch: 0,
      sequence: 0,
      ordinal: 0,
    }
    const { local } = this.#state.role === 'writer' ? this.#state.request : history
    return encodeToken({ logId: logId.padStart(16, '0'), epoch, sequence, ordinal, local })
  }

  async waitFor(token: string, options?: WaitForOptions): Promise<void> {
    const wanted = decodeToken(token)
    const { timeoutMs, signal } = readOptions('options', options, ['timeoutMs', 'signal'])
    const mostMs = millisecondsOf('timeoutMs', timeoutMs) ?? WAIT_MS
    this.#assertOpen()
    const what = `${this.path} has not applied what the token ${token} stands for in ${mostMs} ms`
    const wait = { timeoutMs: mostMs, signal: signalOf(signal), what }
    await this.#state.waiting.until(() => this.#has(wanted, token), wait)
  }

  /** Whether it is applied here; throws where it never will be. */
  #has({ logId, epoch, ordinal, sequence, local }: Token, token: string): boolean {
    const { history, connection, role } = this.#state
    if (role === 'closed') throw closed(this.path)
    if (role === 'bootstrapping') return false
    const place = connection.session.replicaPosition()
    if (epoch === 0) return true
    if (place === undefined) return false
    if (place.logId !== logId) throw lost(token, `is of another log: ${logId}`)
    if (place.epoch === epoch) return place.ordinal >= ordinal
    if (place.epoch < epoch) return false
    if (!local) return Math.max(place.sequence, this.#state.applied) >= sequence
    const end = history.finals.find(([each]) => each === epoch)?.[1]
    if (end !== undefined && end >= ordinal) return true
    throw lost(
      token,
      end === undefined
        ? 'is not known any more: too many writers have come since'
        : 'was acknowledged by a writer that lost it before the log had it',
    )
  }

  async fresh(options: FreshOptions): Promise<void> {
    const names = ['maxStalenessMs', 'after', 'timeoutMs', 'signal']
    const read = readOptions('options', options, names)
    const most =
      millisecondsOf('maxStalenessMs', read['maxStalenessMs']) ?? Number.POSITIVE_INFINITY
    const after = read['after']
    const token = after === undefined ? undefined : decodeToken(after)
    const waitMs =
      millisecondsOf('timeoutMs', read['timeoutMs']) ?? (token === undefined ? 0 : WAIT_MS)
    this.#assertOpen()
    const isFresh = () =>
      (token === undefined || this.#has(token, after as string)) &&
      (most === Number.POSITIVE_INFINITY || this.#state.stalenessMs() <= most)
    if (isFresh()) return
    const wait = { timeoutMs: waitMs, signal: signalOf(read['signal']), what: '' }
    await this.#state.waiting.until(isFresh, wait).catch((error) => {
      throw codeOf(error) === 'ERR_TIMED_OUT' ? this.#stale(most, token) : error
    })
  }

  #stale(most: number, token: Token | undefined): RocksDBError {
    const { role, applied } = this.#state
    const behind = this.#state.stalenessMs()
    const age = Number.isFinite(behind)
      ? `${Math.round(behind)} ms behind`
      : 'not known to be fresh'
    const asked = Number.isFinite(most) ? `${most} ms are allowed` : 'no limit was given'
    const place = token === undefined ? '' : `, record ${token.sequence} is asked for`
    return stale(
      `${this.path} (${role}) is ${age} and has applied record ${applied}; ${asked}${place}`,
    )
  }

  async get(family: string | AnyFamily, key: unknown, options?: FreshOptions): Promise<unknown> {
    if (options !== undefined) await this.fresh(options)
    this.#assertOpen()
    return this.#familyOf(family).get(key as never)
  }

  /** The family of the database of now. */
  #familyOf(family: string | AnyFamily): AnyFamily {
    if (typeof family === 'string') return this.db.columnFamily(family)
    const { name, connection, key, value } = handleOf(family)
    if (connection === this.#state.connection) return family
    return this.db.columnFamily(name, { key, value } as never)
  }

  async stepDown(): Promise<ReplicaWriter | undefined> {
    this.#assertOpen()
    const state = this.#state
    const { leaseMs } = state.request
    const { writing } = this.#node
    if (writing === undefined) throw this.#notWriter()
    const { epoch } = state.history
    if (!(await writing.drain(`the replica in ${this.path} hands over`, leaseMs))) {
      const error = state.error ?? new Error('it took too long')
      // It takes no writes any more: as a writer it would only keep others from writing.
      writing.stop(error)
      throw logFailed(state.log.name, 'handing over', error)
    }
    await state.lease.giveUp()
    const isTaken = () => state.history.epoch > epoch && !state.wroteNewest
    const wait = { timeoutMs: leaseMs, signal: undefined, what: '' }
    const taken = await state.waiting.until(isTaken, wait).then(
      () => true,
      () => false,
    )
    return taken ? state.writer : undefined
  }

  async snapshot(): Promise<{ id: string; sequence: number }> {
    this.#assertOpen()
    if (this.#state.request.snapshots === undefined) {
      throw new RocksDBError('this replica has no place for snapshots (option snapshots)', {
        code: 'ERR_NOT_SUPPORTED',
      })
    }
    if (this.#node.snapshots === undefined) throw this.#notWriter()
    return this.#node.snapshots.make()
  }

  #notWriter(): RocksDBError {
    const { writer } = this.#state
    const who = writer === undefined ? 'nobody is known to write' : `${writer.node} writes`
    return new RocksDBError(`the replica in ${this.path} follows; ${who}`, {
      code: 'ERR_NOT_WRITER',
    })
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw closed(this.path)
  }

  close(): Promise<void> {
    this.#closing ??= this.#node.close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function eventOf(event: unknown): string {
  if (EVENTS.includes(event as never)) return event as string
  throw invalidType('event', `one of ${EVENTS.join(', ')}`, event)
}

function functionOf(listener: unknown): () => void {
  if (typeof listener === 'function') return listener as () => void
  throw invalidType('listener', 'a function', listener)
}

function millisecondsOf(name: string, value: unknown): number | undefined {
  return optionalInteger(`options.${name}`, value, { min: 0, max: MOST_MS, default: undefined })
}

function signalOf(signal: unknown): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal
  throw invalidType('options.signal', 'an AbortSignal', signal)
}
