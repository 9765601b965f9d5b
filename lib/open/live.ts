/** Tuning of an open database: what is in force, and changes to it. */
import { ownProperties } from '../base/arguments'
import { TuningError } from '../base/errors'
import type { Connection } from '../connection/connection'
import {
  type ChangePlan,
  emptyLayer,
  isTuningName,
  OPTIONS,
  openFilesBudget,
  planChange,
  type ResolvedTuning,
  resolveTuning,
  type TuningLayer,
  type TuningReport,
} from '../tuning'
import type { TuningChanges } from '../types/options'
import { layersOf, type Sources } from './sources'

export class LiveTuning {
  readonly #connection: Connection
  /** Where `Database.open` read the layers from. */
  readonly sources: Sources
  /** What `setOptions` has set so far, above all other layers. */
  #live: TuningLayer = emptyLayer('live')
  /** One change at a time: each starts from the result of the one before it. */
  #queue: Promise<unknown> = Promise.resolve()

  constructor(connection: Connection, sources: Sources) {
    this.#connection = connection
    this.sources = sources
  }

  /** Every option, with RocksDB's value while the database is open. */
  report(): TuningReport {
    if (this.#connection.closed) return this.#connection.tuning.report()
    const inForce = this.#connection.run('tuning', (session) => session.options())
    return this.#connection.tuning.report(inForce)
  }

  /** Throws ERR_CLOSED once the database is closed. */
  assertOpen(operation: string): void {
    this.#connection.assertOpen(operation)
  }

  /** Changes options of a family, or of the database. Throws if one of them cannot change. */
  set(family: string | undefined, given: unknown): Promise<TuningChanges> {
    const values = ownProperties('options', given)
    return this.#inTurn(async () => {
      const live = withValues(this.#live, family, values)
      const names = this.#names()
      const { request } = this.#connection.tuning
      const layers = (request.layers ?? []).filter(({ layer }) => layer !== 'live')
      const next = resolveTuning({
        ...request,
        layers: [...layers, live],
        existingFamilies: names,
      })
      const plan = planChange(this.#connection.tuning, next, names)
      refuseHeld(plan, live)
      await this.#apply(plan, next, 'setOptions')
      this.#live = live
      return { applied: plan.applied, held: [] }
    })
  }

  /**
   * Reads the layers again, from this file if one is given, and applies what can change while open.
   */
  reload(configFile: string | undefined): Promise<TuningChanges> {
    return this.#inTurn(async () => {
      const names = this.#names()
      const sources = { ...this.sources, configFile: configFile ?? this.sources.configFile }
      const layers = [...layersOf(sources, names), this.#live]
      const { request } = this.#connection.tuning
      const next = resolveTuning({ ...request, layers, existingFamilies: names })
      const plan = planChange(this.#connection.tuning, next, names)
      await this.#apply(plan, next, 'watchTuning')
      return { applied: plan.applied, held: plan.held }
    })
  }

  #names(): string[] {
    return this.#connection.run('setOptions', (session) => session.families()).map(([name]) => name)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work)
    this.#queue = turn.catch(() => undefined)
    return turn
  }

  /** If RocksDB refuses a change half-way, nothing is undone: the report shows RocksDB's values. */
  async #apply(plan: ChangePlan, next: ResolvedTuning, operation: string): Promise<void> {
    const { db, families, shared } = plan
    if (Object.keys(db).length > 0) {
      const budget = openFilesBudget(next.database)
      await this.#connection.call(operation, (session, id) => session.setDbOptions(id, db, budget))
    }
    for (const [name, family] of this.#connection.session.families()) {
      const map = families[name]
      if (map === undefined) continue
      await this.#connection.call(operation, (session, id) =>
        session.setFamilyOptions(id, family, map),
      )
    }
    // Last: a reader may change only these, so it changes everything that was requested or nothing.
    if (Object.keys(shared).length > 0) {
      await this.#connection.call(operation, (session, id) => session.setShared(id, shared))
    }
    for (const [name, own] of Object.entries(
      this.#connection.tuning.request.columnFamilies ?? {},
    )) {
      if (!Object.hasOwn(next.request.columnFamilies ?? {}, name)) next.addFamily(name, own)
    }
    this.#connection.tuning = next
  }
}

/**
 * The values of earlier `setOptions` calls with these on top. Database-wide options go to the
 * database.
 */
function withValues(
  live: TuningLayer,
  family: string | undefined,
  values: Readonly<Record<string, unknown>>,
): TuningLayer {
  const next: TuningLayer = {
    ...emptyLayer('live'),
    values: [...live.values],
    families: live.families.map((entry) => ({ ...entry, values: [...entry.values] })),
  }
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue
    const ofDatabase = isTuningName(name) && OPTIONS[name].scope === 'database'
    const source = 'db.setOptions'
    if (family === undefined || ofDatabase) {
      next.values.push({ name, value, source })
      continue
    }
    const known = next.families.find((entry) => entry.family === family)
    if (known !== undefined) known.values.push({ name, value, source })
    else {
      const matches = (other: string) => other === family
      next.families.push({ family, matches, values: [{ name, value, source }] })
    }
  }
  return next
}

/** Refuses held values that `setOptions` gave: its caller expects them to be in force. */
function refuseHeld({ held }: ChangePlan, live: TuningLayer): void {
  const said = [live.values, ...live.families.map(({ values }) => values)].flat()
  const first = held.find(({ source }) => said.some((given) => source.includes(given.source)))
  if (first === undefined) return
  const { option, to, source, columnFamily } = first
  const where = columnFamily === undefined ? '' : ` of column family '${columnFamily}'`
  throw new TuningError(
    `Tuning option ${option}${where} (from ${source}) cannot become ${to} while the database is ` +
      'open: a reopen is needed. Nothing was changed',
    { option, value: to, source },
  )
}
