/** Rows of another RocksDB directory, which is opened to read only: another process may write it. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { nearest, quote } from '../base/arguments'
import { EnvelopeCodec, ENVELOPE, momentOf } from '../codecs/envelope'
import { handleOf, makeFamily } from '../column-family'
import { Database } from '../database'
import type { BytesFamily } from '../families'
import { ReadFlag } from '../native/reads'
import { checkKind } from './detect'
import { failure } from './errors'
import { PLACE_FAMILY } from './place'
import {
  type Chunk,
  Collector,
  type FamilyShape,
  type Json,
  type Row,
  type Source,
  type SourceOptions,
} from './rows'

/** The files whose names and sizes say which state a directory holds. */
const STATE = /\.(sst|blob|log)$|^MANIFEST-|^IDENTITY$/

/** A family whose values come with the moment before them, where its rows expire. */
export function storedFamily(
  db: Database,
  name: string,
): { family: BytesFamily; expires: boolean } {
  const plain = db.columnFamily(name, { key: 'buffer', value: 'buffer' })
  const handle = handleOf(plain)
  if (handle.envelope === undefined) return { family: plain as BytesFamily, expires: false }
  const family = makeFamily({ ...handle, flags: handle.flags | ReadFlag.envelope })
  return { family: family as BytesFamily, expires: true }
}

/** A row of what a family holds as it is stored. */
export function rowOf(family: string, key: Buffer, stored: Buffer, expires: boolean): Row {
  if (!expires) return { family, key, value: stored }
  const moment = momentOf(stored, 0, stored.length)
  return { family, key, value: stored.subarray(ENVELOPE), expiresAtMs: moment?.getTime() ?? null }
}

/** How a family is to be made elsewhere. */
export function shapeOf(db: Database, name: string): FamilyShape {
  const { columnFamily = {} } = db.options().columnFamilies[name] ?? {}
  const { envelope } = handleOf(db.columnFamily(name, {}))
  const operator = columnFamily['merge_operator']
  const grace = /grace_ms=(\d+)/.exec(Object.values(columnFamily).join())?.[1]
  return {
    name,
    ...(operator === undefined || operator === 'nullptr' ? {} : { mergeOperator: operator }),
    ...(envelope instanceof EnvelopeCodec
      ? {
          expires: {
            ...(envelope.afterMs === 0 ? {} : { afterMs: envelope.afterMs }),
            ...(grace === undefined ? {} : { graceMs: Number(grace) }),
          },
        }
      : {}),
  }
}

/** The names that are asked for, of those that are there; all where none is asked for. */
export function chosen(
  where: string,
  there: readonly string[],
  asked: readonly string[] | undefined,
): string[] {
  for (const name of asked ?? []) {
    if (there.includes(name)) continue
    const near = nearest(name, there)
    const hint = near === undefined ? '' : `: did you mean ${quote(near)}?`
    throw failure('ERR_INVALID_ARGUMENT', `${where} has no column family ${quote(name)}${hint}`)
  }
  return there.filter((name) => asked === undefined || asked.includes(name))
}

/** What the files of a directory are, in short. */
function stateOf(path: string): string {
  const sum = createHash('sha256')
  for (const name of readdirSync(path)
    .filter((each) => STATE.test(each))
    .sort()) {
    const file = join(path, name)
    const what = name === 'IDENTITY' ? readFileSync(file, 'utf8') : statSync(file).size
    sum.update(`${name} ${what}\n`)
  }
  return sum.digest('base64')
}

class RocksSource implements Source {
  readonly kind = 'rocksdb'
  readonly where: string
  readonly identity: Source['identity']
  readonly families: readonly FamilyShape[]
  readonly unique = true
  readonly again = true
  readonly total: { rows: number }
  readonly #db: Database
  readonly #names: readonly string[]
  readonly #into: string | undefined

  constructor(db: Database, state: string, names: readonly string[], into: string | undefined) {
    this.#db = db
    this.#names = names
    this.#into = into
    this.where = db.path
    this.identity = { path: db.path, state, families: [...names], into: into ?? null }
    this.families = names.map((name) => ({ ...shapeOf(db, name), name: into ?? name }))
    const estimate = (name: string) => db.intProperty('rocksdb.estimate-num-keys', name) ?? 0
    this.total = { rows: names.reduce((sum, name) => sum + estimate(name), 0) }
  }

  async *chunks(after: Json | undefined): AsyncGenerator<Chunk> {
    const [begun, key] = (after as [string, string] | undefined) ?? []
    const first = begun === undefined ? 0 : this.#names.indexOf(begun)
    for (const name of this.#names.slice(first)) {
      yield* this.#rows(name, name === begun ? Buffer.from(key ?? '', 'base64') : undefined)
    }
  }

  async close(): Promise<void> {
    await this.#db.close()
  }

  async *#rows(name: string, gt: Buffer | undefined): AsyncGenerator<Chunk> {
    const { family, expires } = storedFamily(this.#db, name)
    const collector = new Collector()
    const place = (key: Uint8Array) => [name, Buffer.from(key).toString('base64')]
    for await (const { bytes, offsets, count } of family.pages({ gt, fillCache: false })) {
      const copy = Buffer.from(bytes)
      let last: Uint8Array = copy
      for (let i = 0; i < count; i++) {
        const [from = 0, value = 0, to = 0] = offsets.subarray(2 * i, 2 * i + 3)
        last = copy.subarray(from, value)
        const row = rowOf(this.#into ?? name, last as Buffer, copy.subarray(value, to), expires)
        if (collector.add(row)) yield collector.take(place(last))
      }
      if (collector.rows.length > 0) yield collector.take(place(last))
    }
  }
}

/** Opens a RocksDB directory. */
export async function openRocks(path: string, options: SourceOptions): Promise<Source> {
  checkKind(path, 'rocksdb')
  const real = realpathSync(path)
  const all = await Database.listColumnFamilies(real)
  if (all.includes(PLACE_FAMILY)) {
    const message = `${real} is the target of an import that has not ended: let it end first`
    throw failure('ERR_INVALID_ARGUMENT', message)
  }
  const names = chosen(real, all, options.families)
  if (options.into !== undefined && names.length !== 1) {
    const message = `--into takes one column family, and ${real} has ${names.length}: name one with --families`
    throw failure('ERR_INVALID_ARGUMENT', message)
  }
  const state = stateOf(real)
  const db: Database = await Database.open(real, { mode: 'read-only', env: false })
  try {
    return new RocksSource(db, state, names, options.into)
  } catch (error) {
    await db.close()
    throw error
  }
}
