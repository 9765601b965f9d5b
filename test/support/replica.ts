/** A replica's node over a log in memory, by the functions of the boundary (lib/native/replica.ts). */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAsReplica } from '../../lib/database'
import {
  APPLIED_BYTES,
  type NativeReplica,
  type NativeReplicaPosition,
  type NativeReplicaState,
  PROPOSAL_BYTES,
} from '../../lib/native/replica'
import { partsOf } from '../../lib/open-database'
import type { OpenOptions } from '../../lib/types/options'

export interface LogRecord {
  epoch: number
  sequence: number
  ordinal: number
  body: Buffer
}

export interface Proposal {
  ordinal: number
  body: Buffer
}

export const LOG_ID = '00000000000000a1'

/** Records in order; their sequences begin with 1. */
export class MemoryLog {
  readonly records: LogRecord[] = []

  append(epoch: number, ordinal: number, body: Buffer): number {
    const sequence = this.records.length + 1
    this.records.push({ epoch, sequence, ordinal, body })
    return sequence
  }

  /** The record that begins an epoch; its body is empty. */
  begin(): number {
    const epoch = this.records.length + 1
    return this.append(epoch, 0, Buffer.alloc(0))
  }

  after(sequence: number): LogRecord[] {
    return this.records.slice(sequence)
  }
}

export function packRecords(records: readonly LogRecord[]): Buffer {
  return Buffer.concat(
    records.flatMap(({ epoch, sequence, ordinal, body }) => {
      const head = Buffer.alloc(APPLIED_BYTES)
      head.writeBigUInt64LE(BigInt(epoch), 0)
      head.writeBigUInt64LE(BigInt(sequence), 8)
      head.writeBigUInt64LE(BigInt(ordinal), 16)
      head.writeUInt32LE(body.length, 24)
      return [head, body]
    }),
  )
}

export function unpackProposals(bytes: Buffer): Proposal[] {
  const proposals: Proposal[] = []
  for (let at = 0; at < bytes.length; ) {
    const ordinal = Number(bytes.readBigUInt64LE(at))
    const length = bytes.readUInt32LE(at + 8)
    const begin = at + PROPOSAL_BYTES
    proposals.push({ ordinal, body: bytes.subarray(begin, begin + length) })
    at = begin + length
  }
  return proposals
}

export interface WriterOptions {
  local?: boolean
  maxLagMs?: number
  holdMs?: number
}

type Opened = Awaited<ReturnType<typeof openAsReplica>>

export class TestNode {
  readonly db: Opened
  readonly log: MemoryLog
  epoch = 0
  /** Awaited before each group of proposals is put into the log. */
  delay: () => Promise<unknown> = () => Promise.resolve()
  /** What the pump has ended with. */
  pumped: Promise<unknown> = Promise.resolve()

  private constructor(db: Opened, log: MemoryLog) {
    this.db = db
    this.log = log
    this.session.replicaLog(LOG_ID)
  }

  static async open(path: string, log: MemoryLog, options: OpenOptions = {}): Promise<TestNode> {
    return new TestNode(await openAsReplica(path, { env: false, ...options }), log)
  }

  get session(): NativeReplica {
    return partsOf(this.db).connection.session
  }

  get position(): NativeReplicaPosition | undefined {
    return this.session.replicaPosition()
  }

  get state(): NativeReplicaState {
    return this.session.replicaState()
  }

  call<T = void>(start: (session: NativeReplica, id: number) => void): Promise<T> {
    return partsOf(this.db).connection.call<T>('replica', start)
  }

  /** Takes writes, without a pump. */
  async begin({
    local = false,
    maxLagMs = 60_000,
    holdMs = 60_000,
  }: WriterOptions = {}): Promise<void> {
    this.epoch = this.log.begin()
    await this.catchUp()
    this.session.replicaWrite(this.epoch, 0, local, maxLagMs, holdMs)
  }

  /** Takes writes, and puts them into the log. */
  async write(options: WriterOptions = {}): Promise<void> {
    await this.begin(options)
    this.pumped = this.#pump()
  }

  async next(maxBytes = 1 << 20): Promise<Proposal[]> {
    const bytes = await this.call<Buffer>((session, id) => session.replicaNext(id, maxBytes))
    return unpackProposals(bytes)
  }

  /** Puts them into the log, and says so. */
  publish(proposals: readonly Proposal[]): void {
    for (const { ordinal, body } of proposals) {
      const sequence = this.log.append(this.epoch, ordinal, Buffer.from(body))
      this.session.replicaLogged(ordinal, sequence)
    }
  }

  async #pump(): Promise<unknown> {
    try {
      for (;;) {
        const proposals = await this.next()
        if (proposals.length === 0) return undefined
        await this.delay()
        this.publish(proposals)
      }
    } catch (error) {
      return error
    }
  }

  follow(text = 'another one writes'): Promise<void> {
    return this.call((session, id) => session.replicaFollow(id, text))
  }

  apply(records: readonly LogRecord[]): Promise<void> {
    const packed = packRecords(records)
    return this.call((session, id) => session.replicaApply(id, packed))
  }

  /** Applies what the log has more. */
  async catchUp(): Promise<void> {
    await this.apply(this.log.after(this.position?.sequence ?? 0))
  }
}

/** Nodes for the tests of a file: in a directory of the test, over one log; closed after it. */
export function useNodes(): {
  path(name: string): string
  log(): MemoryLog
  node(name: string, options?: OpenOptions): Promise<TestNode>
} {
  let directory: string
  let log: MemoryLog
  const open: TestNode[] = []
  beforeEach(() => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), 'rocksdb-live-')))
    log = new MemoryLog()
  })
  afterEach(async () => {
    for (const each of open.splice(0)) await each.db.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const path = (name: string) => join(directory, name)
  const node = async (name: string, options?: OpenOptions) => {
    const opened = await TestNode.open(path(name), log, options)
    open.push(opened)
    return opened
  }
  return { path, log: () => log, node }
}

/** A promise, and what settles it. */
export function gate(): { promise: Promise<void>; open: () => void } {
  let open = () => {}
  const promise = new Promise<void>((resolve) => {
    open = resolve
  })
  return { promise, open }
}

/** The outcome of a promise that may fail: its value, or the code and outcome of its error. */
export function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'done',
    ({ code, outcome: effect }: { code: string; outcome?: string }) => [code, effect],
  )
}
