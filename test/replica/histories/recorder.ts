/** What clients were told, and what is wrong with it in the end. */

/** What became of a write. */
interface Write {
  by: string
  begunAt: number
  /** When its acknowledgement came. */
  writtenAt?: number
  token?: string
  /** Of one that failed. */
  outcome?: string | undefined
}

export interface Contents {
  sums: Record<string, string>
  ops: string[]
  registers: [string, string][]
  sum: string
}

export class Recorder {
  readonly writes = new Map<string, Write>()
  readonly problems: string[] = []
  readonly notes: string[] = []
  readonly asides: Record<string, unknown>[] = []
  acknowledged = 0
  refused = 0
  unknown = 0
  readonly #missed: [id: string, node: string][] = []
  #latest: { id: string; token: string; at: number } | undefined

  begun(id: string, by: string): void {
    this.writes.set(id, { by, begunAt: performance.now() })
  }

  written(id: string, token: string): void {
    const write = this.writes.get(id) as Write
    write.writtenAt = performance.now()
    write.token = token
    this.acknowledged++
    this.#latest = { id, token, at: write.writtenAt }
  }

  failed(id: string, outcome: string | undefined, message = ''): void {
    const write = this.writes.get(id) as Write
    write.outcome = outcome ?? 'unknown'
    if (write.outcome === 'notApplied') this.refused++
    else this.unknown++
    if (/uncaught|TypeError|is not a function/.test(message))
      this.problem('a strange error', message)
  }

  setAside(what: Record<string, unknown>): void {
    this.asides.push(what)
  }

  /** A read on this node had not what was acknowledged before it. */
  missed(id: string, node: string): void {
    this.note(`${node} does not see ${id}`)
    this.#missed.push([id, node])
  }

  /** The newest acknowledged write. */
  get latest(): { id: string; token: string; at: number } | undefined {
    return this.#latest
  }

  note(text: string): void {
    this.notes.push(`${(performance.now() / 1000).toFixed(3)} ${text}`)
  }

  problem(kind: string, what: string): void {
    this.note(`PROBLEM ${kind}: ${what}`)
    this.problems.push(`${kind}: ${what}`)
  }

  /** Compares what is there in the end with what was told. `maxLagMs` for writers that acknowledge early. */
  check(all: Map<string, Contents>, maxLagMs: number | undefined): void {
    const [[first, contents]] = [...all] as [[string, Contents]]
    for (const [name, { sums }] of all) {
      if (JSON.stringify(sums) === JSON.stringify(contents.sums)) continue
      const families = Object.keys(sums).filter((each) => sums[each] !== contents.sums[each])
      this.problem('nodes differ', `${first} and ${name} in ${families.join(', ')}`)
    }
    const there = new Set(contents.ops)
    this.#checkWrites(there, maxLagMs)
    // What its writer has lost nobody can see.
    for (const [id, node] of this.#missed) {
      if (there.has(id)) this.problem('a read is older than it may be', `${id} on ${node}`)
    }
    if (contents.sum !== String(there.size)) {
      this.problem('not whole', `the sum is ${contents.sum}, and ${there.size} rows are there`)
    }
    this.#checkRegisters(contents.registers)
  }

  #checkWrites(there: ReadonlySet<string>, maxLagMs: number | undefined): void {
    const lost = new Map<string, number[]>()
    for (const [id, { outcome, writtenAt, by }] of this.writes) {
      if (outcome === 'notApplied' && there.has(id)) this.problem('refused, and there', id)
      if (writtenAt === undefined || there.has(id)) continue
      if (maxLagMs === undefined) this.problem('acknowledged, and lost', id)
      else lost.set(by, [...(lost.get(by) ?? []), writtenAt])
    }
    for (const id of there) if (!this.writes.has(id)) this.problem('there, and never written', id)
    for (const [by, times] of lost) this.#checkLag(by, times, maxLagMs ?? 0)
  }

  /** Each run of losses of a writer, which ends with a fault, is no longer than the lag that is allowed. */
  #checkLag(by: string, times: number[], maxLagMs: number): void {
    times.sort((a, b) => a - b)
    let from = times[0] as number
    let before = from
    for (const time of [...times, Number.POSITIVE_INFINITY]) {
      if (time - before > 1000) {
        const span = before - from
        this.note(`${by} lost what it acknowledged in ${span.toFixed(0)} ms`)
        if (span > maxLagMs + LAG_SLACK_MS) {
          this.problem('lost more than maxLagMs', `${by}: ${span.toFixed(0)} ms`)
        }
        from = time
      }
      before = time
    }
  }

  #checkRegisters(entries: readonly [string, string][]): void {
    const values = new Map<string, number>()
    const steps = new Map<string, number>()
    for (const [key, value] of entries) {
      const [name, step] = key.split(' was ') as [string, string | undefined]
      if (step === undefined) values.set(name, Number(value))
      else steps.set(name, (steps.get(name) ?? 0) + 1)
    }
    for (const [name, value] of values) {
      if (steps.get(name) !== value) {
        this.problem('an update was lost', `${name} is ${value}, by ${steps.get(name)} steps`)
      }
    }
  }
}

/** Acknowledgements are seen here later than they were given, on a machine that does other work. */
const LAG_SLACK_MS = 500
