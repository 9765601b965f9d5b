/** Targets and databases for the tests of backups. */
import type { Database } from 'rocksdb-live'
import type {
  GetOptions,
  PutOptions,
  BackupTarget as Target,
  TargetEntry,
} from 'rocksdb-live/backup'
import { openAt } from '../support/database'

/** Rows of all families, by name, as texts. */
export type AllRows = Record<string, [key: string, value: string][]>

/** All rows of the database in a directory, whatever its families are. */
export async function rowsIn(path: string): Promise<AllRows> {
  const db = await openAt(path, { mode: 'read-only' })
  const rows = await allRows(db)
  await db.close()
  return rows
}

/** All rows of a database. */
export async function allRows(
  db: Pick<Database, 'columnFamilies' | 'columnFamily'>,
): Promise<AllRows> {
  const all: AllRows = {}
  for (const name of [...db.columnFamilies()].sort()) {
    const rows: [string, string][] = []
    for await (const [key, value] of db.columnFamily(name).entries()) {
      rows.push([String(key), String(value)])
    }
    all[name] = rows
  }
  return all
}

/** A target between a test and another one. */
export class Between implements Target {
  readonly conditional: boolean
  /** Calls so far, by method and key. */
  readonly calls: string[] = []
  /** Called before each call; what it throws is the target's failure. */
  before: (call: string) => void | Promise<void> = () => {}
  /** Called after each call: what it throws is an answer that was lost. */
  after: (call: string) => void | Promise<void> = () => {}

  constructor(
    readonly inner: Target,
    options: { conditional?: boolean } = {},
  ) {
    this.conditional = options.conditional ?? inner.conditional
  }

  get name(): string {
    return this.inner.name
  }

  async put(key: string, body: Parameters<Target['put']>[1], options: PutOptions) {
    const given = this.conditional ? options : { size: options.size, signal: options.signal }
    return this.#run(`put ${key}`, () => this.inner.put(key, body, given))
  }

  async get(key: string, options?: GetOptions) {
    return this.#run(`get ${key}`, () => this.inner.get(key, options))
  }

  async *list(prefix: string, options?: GetOptions): AsyncIterable<TargetEntry> {
    const all = await this.#run(`list ${prefix}`, async () => {
      const entries: TargetEntry[] = []
      for await (const entry of this.inner.list(prefix, options)) entries.push(entry)
      return entries
    })
    yield* all
  }

  async delete(key: string, options?: GetOptions) {
    return this.#run(`delete ${key}`, () => this.inner.delete(key, options))
  }

  async head(key: string, options?: GetOptions) {
    return this.#run(`head ${key}`, () => this.inner.head(key, options))
  }

  async #run<T>(call: string, run: () => Promise<T>): Promise<T> {
    this.calls.push(call)
    await this.before(call)
    const result = await run()
    await this.after(call)
    return result
  }
}
