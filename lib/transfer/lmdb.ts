/** Rows of an LMDB environment, through the package lmdb: their bytes as they are. */
import { existsSync, realpathSync } from 'node:fs'
import { quote } from '../base/arguments'
import { checkKind, lmdbFileOf } from './detect'
import { failure, textOf } from './errors'
import { databaseFlags, INTEGER_KEYS, lastTransactionOf, SEVERAL_VALUES } from './lmdb-file'
import { loadPackage } from './packages'
import { chosen } from './rocksdb'
import {
  type Chunk,
  Collector,
  type FamilyShape,
  type Json,
  type Source,
  type SourceOptions,
} from './rows'

interface Entry {
  key: Uint8Array
  value: Uint8Array
}

interface ReadTransaction {
  done(): void
}

/** What is used of a database of lmdb. */
interface Store {
  getRange(options: Record<string, unknown>): Iterable<Entry>
  getStats(): { entryCount?: number }
}

interface Root extends Store {
  openDB(name: string, options: Record<string, unknown>): Store | undefined
  useReadTransaction(): ReadTransaction
  close(): Promise<void>
}

type LmdbPackage = { open(options: Record<string, unknown>): Root }

const BYTES = { keyEncoding: 'binary', encoding: 'binary' } as const
/** The name of the main database. */
const MAIN = 'default'
/** Databases that can be open at a time. */
const MOST_DATABASES = 10_000

/** The databases of an environment by name, and the main one where it has rows of its own. */
interface Opened {
  stores: Map<string, Store>
  /** Keys of the main database that name others, as texts of bytes. */
  names: ReadonlySet<string>
}

const keyText = (key: Uint8Array) => Buffer.from(key).toString('latin1')

function openAll(root: Root, where: string, coding: Record<string, unknown>): Opened {
  const stores = new Map<string, Store>()
  const names = new Set<string>()
  let mainRows = 0
  const refused = (name: string, why: string) =>
    failure(
      'ERR_NOT_SUPPORTED',
      `the database ${quote(name)} of ${where} ${why}: RocksDB has no such thing`,
    )
  // The list is made before any is opened: that ends the transaction which is read.
  const maybe: { key: Buffer; flags: number }[] = []
  for (const { key, value } of root.getRange({})) {
    const flags = databaseFlags(value)
    if (flags === undefined) mainRows++
    else maybe.push({ key: Buffer.from(key), flags })
  }
  for (const { key, flags } of maybe) {
    const name = key.toString('utf8').replace(/\0$/, '')
    const store = root.openDB(name, coding)
    if (store === undefined) {
      mainRows++
      continue
    }
    if ((flags & SEVERAL_VALUES) !== 0) throw refused(name, 'has several values of a key (dupSort)')
    if ((flags & INTEGER_KEYS) !== 0)
      throw refused(name, 'has keys in the order of this machine (uint32)')
    if (name === MAIN) {
      const message = `${where} has a database named ${quote(MAIN)}, which is the family of the main database's rows: import it alone, with --into`
      if (mainRows > 0) throw failure('ERR_NOT_SUPPORTED', message)
    }
    names.add(keyText(key))
    stores.set(name, store)
  }
  if (!stores.has(MAIN) && (mainRows > 0 || stores.size === 0)) stores.set(MAIN, root)
  return { stores, names }
}

class LmdbSource implements Source {
  readonly kind = 'lmdb'
  readonly unique = true
  readonly again = true
  readonly families: readonly FamilyShape[]
  readonly identity: Source['identity']
  readonly total: { rows: number }
  readonly #transaction: ReadTransaction

  constructor(
    readonly where: string,
    readonly root: Root,
    readonly opened: Opened,
    readonly selected: readonly string[],
    state: string,
    readonly into: string | undefined,
    compression: boolean,
  ) {
    this.families = selected.map((name) => ({ name: into ?? name }))
    this.identity = { path: where, state, families: [...selected], into: into ?? null, compression }
    const countOf = (name: string) => opened.stores.get(name)?.getStats().entryCount ?? 0
    this.total = { rows: selected.reduce((sum, name) => sum + countOf(name), 0) }
    this.#transaction = root.useReadTransaction()
  }

  async *chunks(after: Json | undefined): AsyncGenerator<Chunk> {
    const [begun, key] = (after as [string, string] | undefined) ?? []
    const first = begun === undefined ? 0 : this.selected.indexOf(begun)
    for (const name of this.selected.slice(first)) {
      yield* this.#rows(name, name === begun ? Buffer.from(key ?? '', 'base64') : undefined)
    }
  }

  async close(): Promise<void> {
    this.#transaction.done()
    await this.root.close()
  }

  *#rows(name: string, start: Buffer | undefined): Generator<Chunk> {
    const store = this.opened.stores.get(name) as Store
    const isMain = store === this.root
    const behind = start === undefined ? {} : { start, exclusiveStart: true }
    const collector = new Collector()
    const place = (key: Uint8Array) => [name, Buffer.from(key).toString('base64')]
    let last: Uint8Array | undefined
    for (const { key, value } of store.getRange({ ...behind, transaction: this.#transaction })) {
      if (isMain && this.opened.names.has(keyText(key))) continue
      last = Buffer.from(key)
      const row = { family: this.into ?? name, key: last, value: Buffer.from(value) }
      if (collector.add(row)) yield collector.take(place(last))
    }
    if (last !== undefined && collector.rows.length > 0) yield collector.take(place(last))
  }
}

/** Opens an LMDB environment to read only. Others may have it open. */
export async function openLmdb(given: string, options: SourceOptions): Promise<Source> {
  if (existsSync(given)) checkKind(given, 'lmdb')
  const file = realpathSync(lmdbFileOf(given))
  const state = lastTransactionOf(file)
  const folder = options.from ?? process.cwd()
  const { open } = loadPackage<LmdbPackage>('lmdb', folder, 'reading an LMDB environment')
  const compression = options.compression ?? false
  const coding = { ...BYTES, ...(compression ? { compression } : {}) }
  let root: Root
  try {
    root = open({
      path: file,
      noSubdir: true,
      readOnly: true,
      maxDbs: MOST_DATABASES,
      ...coding,
    })
  } catch (error) {
    throw failure('ERR_IO', `the LMDB environment ${given} cannot be read: ${textOf(error)}`, error)
  }
  try {
    const opened = openAll(root, file, coding)
    const selected = chosen(file, [...opened.stores.keys()].sort(), options.families)
    if (options.into !== undefined && selected.length !== 1) {
      const message = `--into takes one database, and ${file} has ${selected.length}: name one with --families`
      throw failure('ERR_INVALID_ARGUMENT', message)
    }
    return new LmdbSource(file, root, opened, selected, state, options.into, compression)
  } catch (error) {
    await root.close()
    throw error
  }
}
