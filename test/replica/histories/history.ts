/** Runs nodes over real servers while faults happen, and says what was wrong with what they told. */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCluster, type TestCluster } from '../../support/nats/cluster'
import type { Random } from '../../support/random'
import { FAULTS } from './faults'
import { Member } from './member'
import { type Contents, Recorder } from './recorder'

export interface HistoryOptions {
  faults: number
  random: Random
  commit: 'replicated' | 'local'
  planted?: string
  /** Which faults; all by default. */
  only?: readonly string[]
  leaseMs?: number
  nodes?: number
  /** Called with what goes on. */
  log?: (text: string) => void
}

export interface HistoryReport {
  problems: string[]
  notes: string[]
  acknowledged: number
  refused: number
  unknown: number
  reads: number
  staleReads: number
  setAside: number
  /** From each fault's end until writes were acknowledged again, in milliseconds. */
  recoveries: number[]
  /** From the moment a writer was killed until another one acknowledged a write, in milliseconds. */
  takeOvers: number[]
}

const MAX_LAG_MS = 300
/** How long it may take until all is well again. */
const PATIENCE_MS = 90_000
/** Where it is not to be well: no longer than that. */
const PLANTED_PATIENCE_MS = 20_000

class History {
  readonly recorder = new Recorder()
  readonly #options: Required<Omit<HistoryOptions, 'only' | 'log'>> & HistoryOptions
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), 'rocksdb-live-histories-'))
  #cluster: TestCluster | undefined
  #members: Member[] = []
  #reading = true
  #reads = 0
  #staleReads = 0
  readonly #patienceMs: number
  readonly #recoveries: number[] = []
  readonly #takeOvers: number[] = []

  constructor(options: HistoryOptions) {
    this.#options = { planted: 'none', leaseMs: 1000, nodes: 3, ...options }
    this.#patienceMs = options.planted === undefined ? PATIENCE_MS : PLANTED_PATIENCE_MS
  }

  async run(): Promise<HistoryReport> {
    try {
      await this.#begin()
      const readers = this.#members.map((member) => this.#read(member))
      await this.#happen()
      this.#reading = false
      await Promise.all(readers)
      await this.#end()
    } finally {
      await Promise.all(this.#members.map((member) => member.kill()))
      await this.#cluster?.stop()
      rmSync(this.#folder, { recursive: true, force: true })
    }
    return this.#report()
  }

  #report(): HistoryReport {
    const { problems, notes, acknowledged, refused, unknown, asides } = this.recorder
    return {
      problems,
      notes,
      acknowledged,
      refused,
      unknown,
      reads: this.#reads,
      staleReads: this.#staleReads,
      setAside: asides.length,
      recoveries: this.#recoveries,
      takeOvers: this.#takeOvers,
    }
  }

  async #begin(): Promise<void> {
    const { nodes, commit, leaseMs, planted } = this.#options
    const cluster = await startCluster(3)
    this.#cluster = cluster
    for (let i = 0; i < nodes; i++) {
      const options = {
        name: `node-${i}`,
        path: path.join(this.#folder, `node-${i}`),
        way: await cluster.path(),
        stream: 'history',
        target: path.join(this.#folder, 'snapshots'),
        commit,
        leaseMs,
        maxLagMs: MAX_LAG_MS,
        clients: 4,
        planted,
      }
      const member = new Member(options, this.recorder)
      this.#members.push(member)
      member.start()
    }
    await this.#untilWritten(20)
  }

  /** Waits until so many writes more are acknowledged. */
  async #untilWritten(count: number): Promise<boolean> {
    const before = this.recorder.acknowledged
    const until = performance.now() + this.#patienceMs
    while (this.recorder.acknowledged < before + count) {
      if (performance.now() > until) {
        this.recorder.problem('nobody writes', `for ${this.#patienceMs} ms`)
        return false
      }
      await sleep(5)
    }
    return true
  }

  async #happen(): Promise<void> {
    const { faults, random, leaseMs, only = Object.keys(FAULTS), log } = this.#options
    const field = {
      cluster: this.#cluster as TestCluster,
      members: this.#members,
      random,
      leaseMs,
      stream: 'history',
    }
    for (let i = 0; i < faults; i++) {
      const name = only[random.below(only.length)] as string
      this.recorder.note(`FAULT ${i + 1}: ${name}`)
      const before = this.recorder.acknowledged
      const kills = name.includes('the writer is killed')
      const watch = kills ? this.#watchTakeOver() : undefined
      await FAULTS[name]?.(field)
      const ended = performance.now()
      await watch
      if (!(await this.#untilWritten(20))) return
      this.#recoveries.push(performance.now() - ended)
      log?.(`${i + 1}: ${name}: ${this.recorder.acknowledged - before} acknowledged`)
      await sleep(random.below(leaseMs))
    }
  }

  /** How long it takes until another node than the one that is killed acknowledges. */
  async #watchTakeOver(): Promise<void> {
    const killed = this.#members.find(({ role }) => role === 'writer')?.name
    const since = performance.now()
    let seen = this.recorder.latest?.at ?? 0
    const until = since + this.#patienceMs
    while (performance.now() < until) {
      const latest = this.recorder.latest
      if (latest !== undefined && latest.at > seen) {
        seen = latest.at
        if (!latest.id.startsWith(`${killed}/`)) {
          this.#takeOvers.push(latest.at - since)
          return
        }
      }
      await sleep(2)
    }
  }

  /** Reads on a node what was acknowledged elsewhere, and what must not be too old. */
  async #read(member: Member): Promise<void> {
    while (this.#reading) {
      await sleep(10)
      const latest = this.recorder.latest
      if (latest === undefined || !member.answersNow) continue
      if (this.#options.random.below(2) === 0) await this.#readOwn(member, latest)
      else await this.#readFresh(member)
    }
  }

  async #readOwn(member: Member, { id, token }: { id: string; token: string }): Promise<void> {
    try {
      const sees = await member.ask<boolean>('sees', { id, token, timeoutMs: 5000 })
      this.#reads++
      if (!sees)
        this.recorder.problem('a read does not see its own write', `${id} on ${member.name}`)
    } catch (error) {
      this.#refused(error as { code: string; message: string }, member)
    }
  }

  /** What was acknowledged so long before the read began must be seen. */
  async #readFresh(member: Member): Promise<void> {
    const maxStalenessMs = 500
    const { random } = this.#options
    const latest = this.recorder.latest
    await sleep(maxStalenessMs + random.below(100))
    if (latest === undefined || !member.answersNow) return
    // From now on it is older than what the read allows.
    try {
      const value = await member.ask('fresh', { id: latest.id, maxStalenessMs })
      this.#reads++
      if (value === null) this.recorder.missed(latest.id, member.name)
    } catch (error) {
      this.#refused(error as { code: string; message: string }, member)
    }
  }

  #refused({ code, message }: { code: string; message: string }, member: Member): void {
    const known = ['GONE', 'ERR_STALE', 'ERR_TIMED_OUT', 'ERR_CLOSED', 'ERR_INVALID_ARG_VALUE']
    if (this.#options.commit === 'local') known.push('ERR_REPLICA_LOST')
    if (known.includes(code)) this.#staleReads++
    else this.recorder.problem('a read failed', `${member.name}: ${code} ${message}`)
  }

  /** Everything is well again: all nodes must come to the same rows. */
  async #end(): Promise<void> {
    // A fault that was planted, and found.
    if (this.#options.planted !== 'none' && this.recorder.problems.length > 0) return
    for (const member of this.#members) {
      if (!member.runs) member.start()
      member.options.way.set('open')
    }
    // With a fault that was planted it may have ended already.
    if (!(await this.#untilWritten(10))) return
    const all = new Map<string, Contents>()
    for (const member of this.#members) {
      await this.#patiently(`${member.name} stops its clients`, () => member.ask('stopClients'))
    }
    const token = await this.#patiently('a token', () => this.#writersToken())
    if (token === undefined) return
    for (const member of this.#members) {
      const contents = await this.#patiently(`${member.name} has all`, async () => {
        await member.ask('waitFor', { token, timeoutMs: 20_000 })
        return member.ask<Contents>('contents')
      })
      if (contents !== undefined) all.set(member.name, contents)
    }
    if (all.size < this.#members.length) return
    this.recorder.check(all, this.#options.commit === 'local' ? MAX_LAG_MS : undefined)
  }

  async #writersToken(): Promise<string> {
    const writer = this.#members.find(({ role }) => role === 'writer')
    if (writer === undefined) throw new Error('nobody writes')
    await sleep(200)
    return writer.ask<string>('token')
  }

  async #patiently<T>(what: string, run: () => Promise<T>): Promise<T | undefined> {
    const until = performance.now() + this.#patienceMs
    for (;;) {
      try {
        return await run()
      } catch (error) {
        if (performance.now() > until) {
          this.recorder.problem('no end', `${what}: ${(error as Error).message}`)
          return undefined
        }
        await sleep(100)
      }
    }
  }
}

export function runHistory(options: HistoryOptions): Promise<HistoryReport> {
  return new History(options).run()
}
