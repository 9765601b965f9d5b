/** Imports: rows of a source into a database, in batches that say how far they have come. */
import { isDeepStrictEqual } from 'node:util'
import type { Database } from '../database'
import { failure } from './errors'
import { clearTarget, checkApart, openTarget, TargetFamilies, type TargetFamily } from './target'
import { freshState, type ImportState, PLACE_FAMILY, PlaceRow } from './place'
import type { Chunk, Row, Source, SourceKind } from './rows'
import { compareRows } from './verify'

/** How far a command has come. */
export interface TransferProgress {
  /** What is being done. */
  phase: 'copy' | 'count' | 'verify'
  rows: number
  bytes: number
  /** Of the source, where it is known: an estimate. */
  total: { rows?: number; bytes?: number }
}

/** How rows are imported. */
export interface ImportOptions {
  /** Write into families that have rows already. False by default. */
  intoExisting?: boolean | undefined
  /** Remove what an import that was cut has written, and begin anew. False by default. */
  restart?: boolean | undefined
  /** Read both sides again at the end, and compare every row. False by default. */
  verify?: boolean | undefined
  signal?: AbortSignal | undefined
  onProgress?: ((progress: TransferProgress) => void) | undefined
}

/** One family of a report. */
export interface ImportedFamily {
  name: string
  /** Rows of the source, all runs together. */
  read: number
  /** Rows that the family has now. */
  found: number
}

/** What an import did. */
export interface ImportReport {
  from: SourceKind
  source: string
  target: string
  /** Rows that were read, and those that were written, by all runs of this import. */
  rowsRead: number
  rowsWritten: number
  /** Bytes of keys and values. */
  bytes: number
  families: ImportedFamily[]
  /** Processes that worked on it; 1 where it was not cut. */
  runs: number
  /** Rows that were there when this run began. */
  rowsResumed: number
  /** Rows whose key came again later in the source, of JSON lines alone. */
  rowsReplaced: number
  /** Rows that `verify` has compared; undefined without. */
  rowsCompared?: number
  elapsedMs: number
  /** What is wrong: none where the import is whole. */
  problems: string[]
}

/** Where the state comes from: a cut import, or nothing. */
async function begin(
  db: Database,
  place: PlaceRow | undefined,
  source: Source,
  { intoExisting = false, restart = false }: ImportOptions,
): Promise<ImportState> {
  const left = await place?.read()
  const fresh = freshState(source.kind, source.identity, intoExisting)
  if (left === undefined || place === undefined) return fresh
  if (restart || left.clearing) {
    const clearing: ImportState = { ...left, clearing: true }
    await place.save(clearing)
    await clearTarget(db, left)
    return fresh
  }
  // It was refused, or cut, before its first row.
  if (left.place === undefined) return fresh
  if (left.kind !== source.kind || left.identity['path'] !== source.identity['path']) {
    const other = `${left.kind} ${String(left.identity['path'])}`
    const message = `${db.path} has a part of another import, from ${other}: go on with that, or remove its rows and begin anew with --restart`
    throw failure('ERR_INVALID_ARGUMENT', message)
  }
  if (left.identity['state'] !== source.identity['state']) {
    const message = `${source.where} has changed since the import into ${db.path} began: remove its rows and begin anew with --restart`
    throw failure('ERR_INVALID_ARGUMENT', message)
  }
  if (!isDeepStrictEqual(left.identity, source.identity) || (intoExisting && !left.intoExisting)) {
    const message = `the import into ${db.path} was begun with other flags: use the same ones, or remove its rows and begin anew with --restart`
    throw failure('ERR_INVALID_ARGUMENT', message)
  }
  return left
}

/** One import, from its first batch to its last. */
class Import {
  #pending: Promise<void> | undefined

  constructor(
    readonly db: Database,
    readonly source: Source,
    readonly place: PlaceRow,
    readonly families: TargetFamilies,
    readonly state: ImportState,
    readonly options: ImportOptions,
  ) {}

  /** Writes all rows. At most one batch is being written while the next one is read. */
  async copy(): Promise<void> {
    const { source, state, options } = this
    try {
      for await (const chunk of source.chunks(state.place)) {
        options.signal?.throwIfAborted()
        await this.families.makeNamed()
        await this.#write(chunk)
        this.tell('copy')
      }
    } finally {
      await this.#pending
    }
    await this.families.makeNamed()
    await this.place.save(state)
  }

  tell(phase: TransferProgress['phase'], rows = this.state.rows): void {
    const { onProgress } = this.options
    onProgress?.({ phase, rows, bytes: this.state.bytes, total: this.source.total })
  }

  async #write({ rows, place, bytes }: Chunk): Promise<void> {
    const { state } = this
    const batch = this.db.batch()
    const counts = new Map<string, number>()
    for (const row of rows) {
      const target = this.families.known(row.family) ?? (await this.families.of(row.family))
      this.#put(batch, target, row)
      counts.set(row.family, (counts.get(row.family) ?? 0) + 1)
    }
    await this.#pending
    for (const [name, count] of counts) {
      const family = state.families[name]
      if (family !== undefined) family.rows += count
    }
    state.rows += rows.length
    state.written += batch.count
    state.bytes += bytes
    state.place = place
    this.place.put(batch, state)
    this.#pending = batch.write({ disableWAL: false })
    // It is awaited before the next one.
    this.#pending.catch(() => {})
  }

  #put(batch: ReturnType<Database['batch']>, { family, expires }: TargetFamily, row: Row): void {
    const { expiresAtMs } = row
    if (expiresAtMs === undefined) batch.put(family, row.key, row.value)
    else if (expires) batch.put(family, row.key, row.value, { expiresAt: expiresAtMs })
    else if (expiresAtMs === null) batch.put(family, row.key, row.value)
    else {
      const how = `a line {"columnFamily":${JSON.stringify(row.family)},"expires":true} before its rows makes one whose rows do`
      const message = `a row of ${this.source.where} expires, and those of the column family ${JSON.stringify(row.family)} do not: ${how}`
      throw failure('ERR_OPTIONS_MISMATCH', message)
    }
  }
}

/** Counts the rows of each family, and says where they are not what was written. */
async function count(run: Import, report: ImportReport): Promise<void> {
  const { state, source, options } = run
  for (const [name, { rows: read }] of Object.entries(state.families)) {
    const { family, expires } = run.families.known(name) ?? (await run.families.of(name))
    run.tell('count')
    const found = await family.count({ fillCache: false, signal: options.signal })
    report.families.push({ name, read, found })
    if (state.intoExisting) {
      if (found < read && source.unique && !expires)
        report.problems.push(`${name}: ${read} rows were written, and ${found} are there`)
      continue
    }
    const fewer = expires || !source.unique
    if (found > read || (found < read && !fewer)) {
      report.problems.push(`${name}: ${read} rows were written, and ${found} are there`)
    }
    if (!source.unique && !expires && found < read) report.rowsReplaced += read - found
  }
}

async function work(db: Database, source: Source, options: ImportOptions): Promise<ImportReport> {
  const begun = performance.now()
  const state = await begin(db, PlaceRow.find(db), source, options)
  const rowsResumed = state.rows
  const families = new TargetFamilies(db, source, state)
  await families.makeNamed()
  const place = await PlaceRow.make(db)
  const run = new Import(db, source, place, families, state, options)
  state.runs++
  await place.save(state)
  try {
    await run.copy()
  } catch (error) {
    if (state.place === undefined) await db.dropColumnFamily(PLACE_FAMILY).catch(() => {})
    throw error
  }
  const report: ImportReport = {
    from: source.kind,
    source: source.where,
    target: db.path,
    rowsRead: state.rows,
    rowsWritten: state.written,
    bytes: state.bytes,
    families: [],
    runs: state.runs,
    rowsResumed,
    rowsReplaced: 0,
    elapsedMs: 0,
    problems: [],
  }
  await count(run, report)
  if (options.verify === true) {
    const { signal } = options
    const tell = (rows: number) => run.tell('verify', rows)
    const most = report.rowsReplaced
    const compared = await compareRows(source, families, most, { signal, tell })
    report.rowsCompared = compared.rows
    report.problems.push(...compared.problems)
  }
  if (report.problems.length === 0) {
    // What the family says is on the disk with all before it; then it may go.
    await db.flushWAL({ sync: true })
    await db.dropColumnFamily(PLACE_FAMILY)
  }
  report.elapsedMs = Math.round(performance.now() - begun)
  return report
}

/**
 * Imports all rows of a source into a database, which is made where there is none, and resolves to what was done. An
 * import that was cut, by a signal, a failure or the end of the process, goes on where it was when it is called again
 * with the same source.
 *
 * Fails with `ERR_INVALID_ARGUMENT` where a family has rows already, where the source has changed since, or where the
 * target has a part of another import; with `ERR_CORRUPTION` where the source is damaged; and as `Database.open` does.
 */
export async function importRows(
  source: Source,
  path: string,
  options: ImportOptions = {},
): Promise<ImportReport> {
  checkApart(path, source)
  const db = await openTarget(path, source)
  try {
    return await work(db, source, options)
  } finally {
    await db.close()
  }
}
