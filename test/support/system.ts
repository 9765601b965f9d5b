/** A real database that goes through the steps of the model and is compared with it. */
import { isDeepStrictEqual } from 'node:util'
import { Database, type Snapshot } from 'rocksdb-live'
import type { AnyFamily, Operation } from '../../lib/families'
import type { WriteOptions } from '../../lib/types/options'
import { track } from './database'
import {
  FAMILIES,
  type FamilyName,
  type How,
  Model,
  type RangeSpec,
  type Step,
  textOf,
  type Write,
} from './model'
import { keyOf, numberOf, textFrom, valueFor } from './values'

const OPTIONS = {
  tuning: { writeBufferMb: 16 },
  columnFamilies: {
    bytes: {},
    text: { key: 'utf8', value: 'json' },
    numbers: {
      key: 'uint32',
      value: 'utf8',
      rocksdb: { columnFamily: { merge_operator: 'stringappend' } },
    },
  },
} as const

const WRITE_OPTIONS: Record<How, WriteOptions | undefined> = {
  async: undefined,
  sync: undefined,
  synced: { sync: true },
  unlogged: { disableWAL: true },
}

/** The most snapshots, and the most iterators, that are kept. */
const KEPT = 4

type StepOf<S extends Step['step']> = Extract<Step, { step: S }>
type Row = [number, string]

interface Kept {
  family: FamilyName
  next(rows: number): Promise<Row[]>
  close(): void
  /** The rows that it has not returned yet. */
  rest: Row[]
}

function rangeFor(family: FamilyName, range: RangeSpec): object {
  const bounds: Record<string, unknown> = { reverse: range.reverse, limit: range.limit }
  for (const name of ['gt', 'gte', 'lt', 'lte', 'prefix'] as const) {
    const key = range[name]
    if (key !== undefined) bounds[name] = keyOf(family, key)
  }
  return bounds
}

/** Reports a difference. */
function same(step: Step, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return
  const cut = (value: unknown) =>
    JSON.stringify(value, (_, v) => (typeof v === 'string' ? v.slice(0, 80) : v))
  throw new Error(`${JSON.stringify(step)}\n  gave ${cut(actual)}\n  not  ${cut(expected)}`)
}

export class System {
  readonly #path: string
  readonly #model = new Model()
  /** Two openings of one directory; steps take turns. */
  #databases: Database[] = []
  #turn = 0
  #opens = 0
  #pending: Promise<unknown>[] = []
  #snapshots: { snapshots: Snapshot[]; model: Model }[] = []
  #iterators: Kept[] = []

  private constructor(path: string) {
    this.#path = path
  }

  /** Takes a new database through the steps; throws if it differs from the model. */
  static async run(steps: readonly Step[], path: string): Promise<number> {
    const system = new System(path)
    await system.#open()
    try {
      for (const step of steps) await system.#take(step)
      await system.#take({ step: 'reopen' })
      for (const family of FAMILIES) {
        await system.#take({
          step: 'scan',
          family,
          range: {},
          via: 'entries',
          sync: false,
          view: 7,
        })
      }
    } finally {
      await system.#close()
    }
    return steps.length
  }

  async #open(): Promise<void> {
    // Alternates: with direct reads, reads that miss the block cache run on a thread; otherwise on
    // this one if possible.
    const directReads = this.#opens++ % 2 === 0
    const options = { ...OPTIONS, tuning: { ...OPTIONS.tuning, directReads } }
    for (let i = 0; i < 2; i++) {
      this.#databases.push(track(await Database.open(this.#path, options)) as unknown as Database)
    }
  }

  async #close(): Promise<void> {
    for (const kept of this.#iterators) kept.close()
    this.#iterators = []
    this.#snapshots = []
    const [first, second] = this.#databases
    await Promise.all([first?.close(), second?.close(), ...this.#pending])
    this.#pending = []
    this.#databases = []
  }

  async #take(step: Step): Promise<void> {
    this.#turn++
    if (step.step === 'write') return this.#write(step)
    if (step.step === 'batch') return this.#batch(step)
    if (step.step === 'clear') return this.#clear(step)
    if (step.step === 'reopen') {
      await this.#close()
      return this.#open()
    }
    await Promise.all(this.#pending)
    this.#pending = []
    if (step.step === 'read') return this.#read(step)
    if (step.step === 'scan') return this.#scan(step)
    if (step.step === 'iterate') return this.#iterate(step)
    if (step.step === 'advance') return this.#advance(step)
    return this.#maintain(step)
  }

  get #database(): Database {
    return this.#databases[this.#turn % 2] as Database
  }

  #family(name: FamilyName): AnyFamily {
    return this.#database.columnFamily(name)
  }

  #write({ write, how }: StepOf<'write'>): void {
    const family = this.#family(write.family)
    const options = WRITE_OPTIONS[how]
    const text =
      write.kind === 'merge' ? String(write.value) : textOf(write.kind === 'put' ? write.value : 1)
    const value = valueFor(write.family, text)
    if (write.kind === 'deleteRange') {
      const ends = [keyOf(write.family, write.begin), keyOf(write.family, write.end)] as const
      if (how === 'sync') family.deleteRangeSync(...ends)
      else this.#pending.push(family.deleteRange(...ends, options))
    } else {
      const key = keyOf(write.family, write.key)
      if (write.kind === 'delete') {
        if (how === 'sync') family.deleteSync(key)
        else this.#pending.push(family.delete(key, options))
      } else if (how === 'sync') family[`${write.kind}Sync`](key, value)
      else this.#pending.push(family[write.kind](key, value, options))
    }
    this.#model.apply(write)
  }

  #batch({ writes, how, array }: StepOf<'batch'>): void {
    const operations = writes.map((write) => this.#operation(write))
    const options = WRITE_OPTIONS[how]
    const database = this.#database
    if (array) {
      if (how === 'sync') database.writeSync(operations)
      else this.#pending.push(database.write(operations, options))
    } else {
      const batch = database.batch()
      for (const operation of operations) {
        const family = operation.columnFamily as AnyFamily
        if (operation.type === 'put') batch.put(family, operation.key, operation.value)
        else if (operation.type === 'merge') batch.merge(family, operation.key, operation.operand)
        else if (operation.type === 'delete') batch.delete(family, operation.key)
        else batch.deleteRange(family, operation.begin, operation.end)
      }
      if (how === 'sync') batch.writeSync()
      else this.#pending.push(batch.write(options))
    }
    for (const write of writes) this.#model.apply(write)
  }

  #operation(write: Write): Operation {
    const columnFamily = this.#family(write.family)
    const key = (number: number) => keyOf(write.family, number)
    switch (write.kind) {
      case 'put':
        return {
          type: 'put',
          columnFamily,
          key: key(write.key),
          value: valueFor(write.family, textOf(write.value)),
        }
      case 'merge':
        return { type: 'merge', columnFamily, key: key(write.key), operand: String(write.value) }
      case 'delete':
        return { type: 'delete', columnFamily, key: key(write.key) }
      case 'deleteRange':
        return { type: 'deleteRange', columnFamily, begin: key(write.begin), end: key(write.end) }
    }
  }

  #clear({ family, range, how }: StepOf<'clear'>): void {
    if (family === 'numbers') range = { ...range, prefix: undefined }
    const { reverse: _, ...rest } = range
    const { reverse: __, ...given } = rangeFor(family, rest) as { reverse?: boolean }
    this.#pending.push(this.#family(family).clear(given, WRITE_OPTIONS[how]))
    for (const [key] of this.#model.rows(family, rest)) this.#model.families[family].delete(key)
  }

  /** The view of a step: a snapshot if it has one, otherwise the current state. */
  #view(view: number): [Model, { snapshot?: Snapshot }] {
    const taken = this.#snapshots[view]
    if (taken === undefined) return [this.#model, {}]
    return [taken.model, { snapshot: taken.snapshots[this.#turn % 2] as Snapshot }]
  }

  async #read(step: StepOf<'read'>): Promise<void> {
    const { family: name, keys, via, sync } = step
    const [model, view] = this.#view(step.view)
    const options = { ...view, fillCache: this.#turn % 5 !== 0 }
    const family = this.#family(name)
    const expected = keys.map((key) => model.families[name].get(key))
    const encoded = keys.map((key) => keyOf(name, key))
    if (via === 'getMany') {
      const values = sync
        ? family.getManySync(encoded, options)
        : await family.getMany(encoded, options)
      return same(
        step,
        values.map((value) => textFrom(name, value)),
        expected,
      )
    }
    if (via === 'has') {
      const found = encoded.map((key) =>
        sync ? family.hasSync(key, options) : family.has(key, options),
      )
      return same(
        step,
        await Promise.all(found),
        expected.map((text) => text !== undefined),
      )
    }
    if (via === 'get') {
      const values = encoded.map((key) =>
        sync ? family.getSync(key, options) : family.get(key, options),
      )
      return same(
        step,
        (await Promise.all(values)).map((value) => textFrom(name, value)),
        expected,
      )
    }
    const bytes = expected.map((text) =>
      text === undefined
        ? -1
        : Buffer.byteLength(name === 'text' ? JSON.stringify({ text }) : text),
    )
    const target = Buffer.alloc(Math.max(...bytes, 0))
    for (const [i, key] of encoded.entries()) {
      const length = sync
        ? family.getIntoSync(key, target, options)
        : await family.getInto(key, target, options)
      same(step, length, bytes[i])
    }
  }

  async #scan(step: StepOf<'scan'>): Promise<void> {
    const { family: name, via, sync } = step
    const range = name === 'numbers' ? { ...step.range, prefix: undefined } : step.range
    const [model, view] = this.#view(step.view)
    const options = { ...rangeFor(name, range), ...view, fillCache: this.#turn % 5 !== 0 }
    const family = this.#family(name)
    const expected = model.rows(name, range)
    const row = ([key, value]: [unknown, unknown]) => [numberOf(name, key), textFrom(name, value)]
    if (via === 'count') return same(step, await family.count(options), expected.length)
    if (via === 'cursor') {
      using cursor = family.cursor(options)
      return same(step, [...cursor.next(3), ...cursor.next(100)].map(row), expected)
    }
    const items: unknown[] = []
    if (sync) for (const item of family[`${via}Sync`](options)) items.push(item)
    else
      for await (const item of family[via](options)) items.push(via === 'pages' ? item.count : item)
    if (via === 'entries') return same(step, (items as [unknown, unknown][]).map(row), expected)
    if (via === 'keys')
      return same(
        step,
        items.map((key) => numberOf(name, key)),
        expected.map(([key]) => key),
      )
    if (via === 'values')
      return same(
        step,
        items.map((value) => textFrom(name, value)),
        expected.map(([, text]) => text),
      )
    const counts = items.map((page) =>
      typeof page === 'number' ? page : (page as { count: number }).count,
    )
    same(
      step,
      counts.reduce((sum, count) => sum + count, 0),
      expected.length,
    )
  }

  /** Starts iterating over a range, and keeps the iterator. */
  async #iterate(step: StepOf<'iterate'>): Promise<void> {
    const { family: name, sync } = step
    const range = name === 'numbers' ? { ...step.range, prefix: undefined } : step.range
    const [model, view] = this.#view(step.view)
    const options = { ...rangeFor(name, range), ...view }
    const family = this.#family(name)
    const rows = sync ? family.entriesSync(options) : family.entries(options)
    const kept: Kept = {
      family: name,
      rest: model.rows(name, range),
      close: () => void rows.return?.(),
      next: async (count) => {
        const given: Row[] = []
        while (given.length < count) {
          const { done, value } = await rows.next()
          if (done) break
          given.push([numberOf(name, value[0]), textFrom(name, value[1]) as string])
        }
        return given
      },
    }
    same(step, await kept.next(1), kept.rest.splice(0, 1))
    this.#iterators.push(kept)
    if (this.#iterators.length > KEPT) this.#iterators.shift()?.close()
  }

  async #advance(step: StepOf<'advance'>): Promise<void> {
    const kept = this.#iterators[step.which]
    if (kept === undefined) return
    same(step, await kept.next(step.rows), kept.rest.splice(0, step.rows))
  }

  async #maintain(step: Step): Promise<void> {
    if (step.step === 'snapshot') {
      const snapshots = this.#databases.map((database) => database.snapshot())
      this.#snapshots.push({ snapshots, model: new Model(this.#model) })
      if (this.#snapshots.length > KEPT) this.#release()
    } else if (step.step === 'release') this.#release()
    else if (step.step === 'flush') await this.#database.flush()
    else if (step.step === 'compact') await this.#database.compactRange(step.family)
    else if (step.step === 'recreate') await this.#recreate(step.family)
  }

  #release(): void {
    for (const snapshot of this.#snapshots.shift()?.snapshots ?? []) snapshot.release()
  }

  async #recreate(name: FamilyName): Promise<void> {
    for (const kept of this.#iterators) if (kept.family === name) kept.close()
    this.#iterators = this.#iterators.filter(({ family }) => family !== name)
    await this.#database.dropColumnFamily(name)
    await this.#database.createColumnFamily(name, OPTIONS.columnFamilies[name])
    for (const { model } of this.#snapshots) model.families[name].clear()
    this.#model.families[name].clear()
  }
}
