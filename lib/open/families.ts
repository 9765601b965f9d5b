/** The column families of an open database, by name. */
import {
  invalidType,
  invalidValue,
  nearest,
  quote,
  readOptions,
  wellFormed,
} from '../base/arguments'
import { codecOf } from '../codecs/codecs'
import { isCounter } from '../codecs/counter'
import { EnvelopeCodec } from '../codecs/envelope'
import type { Connection } from '../connection/connection'
import type { FamilyHandle } from '../connection/handle'
import { type NativeFamily, NO_EXPIRY } from '../native/jobs'
import { REPLICA_FAMILY } from '../native/replica'
import { checkCounters } from './counters'
import { withOwn } from './own-options'

const CODECS = ['key', 'value'] as const
/** Names of the options of a family. */
export const FAMILY_OPTIONS = [...CODECS, 'mergeOperator', 'expires', 'tuning', 'rocksdb'] as const

/** A family's options as given: read once, not checked. */
export type FamilyGiven = { [Name in (typeof FAMILY_OPTIONS)[number]]?: unknown }

/** The options of a family without any. */
export const PLAIN: FamilyGiven = Object.freeze(Object.create(null))

/** The class that represents families in the API. */
export interface FamilyClass<Family> {
  make(handle: FamilyHandle): Family
  /** Throws if the value is no family. */
  handleOf(family: unknown): FamilyHandle
}

export class Families<Family = unknown> {
  readonly default: Family
  readonly #connection: Connection
  readonly #class: FamilyClass<Family>
  /** Families that were requested; another thread may have dropped them since. */
  readonly #byName = new Map<string, Family>()
  /** The codecs given at open or at creation. */
  readonly #codecs: Map<string, FamilyGiven>

  /** `codecs`: the codecs given at open, by family name. */
  constructor(
    connection: Connection,
    familyClass: FamilyClass<Family>,
    codecs: ReadonlyMap<string, FamilyGiven>,
  ) {
    this.#connection = connection
    this.#class = familyClass
    this.#codecs = new Map(codecs)
    for (const row of connection.session.families()) {
      this.#byName.set(row[0], this.#make(row, codecs.get(row[0]) ?? PLAIN))
    }
    this.default = this.#byName.get('default') as Family
  }

  /** The names of the live families. */
  names(): string[] {
    return this.#connection
      .run('columnFamilies', (session) => session.families())
      .map(([name]) => name)
      .filter((name) => name !== REPLICA_FAMILY)
  }

  get(name: unknown, given: unknown): Family {
    const checked = checkName(name)
    const codecs = given === undefined ? undefined : readOptions('codecs', given, CODECS)
    this.#connection.assertOpen('columnFamily')
    const family = this.#find(checked)
    if (codecs === undefined) return family
    const { id, envelope } = this.#class.handleOf(family)
    if (isCounter(codecs.value)) checkCounters(this.#connection, checked)
    return this.#make([checked, id, envelope?.afterMs ?? NO_EXPIRY], codecs)
  }

  /**
   * The handle of a family of this database, given by name or as an object; the default one if
   * undefined.
   */
  handle(family: unknown): FamilyHandle {
    if (family === undefined) return this.#class.handleOf(this.default)
    const handle = this.#class.handleOf(
      typeof family === 'string' ? this.get(family, undefined) : family,
    )
    if (handle.connection !== this.#connection) {
      throw invalidValue('columnFamily', family, 'must be of the same database')
    }
    return handle
  }

  /**
   * The family of a name, of the package's own as well, whose keys and values are the bytes that are
   * stored; undefined where there is none.
   */
  raw(name: string): Family | undefined {
    const all = this.#connection.run('columnFamily', (session) => session.families())
    const found = all.find(([other]) => other === name)
    return found && this.#make([name, found[1], NO_EXPIRY], PLAIN)
  }

  /** Makes the hidden family of a replica, in a database that was opened with raw access. */
  async makeHidden(): Promise<Family> {
    const options = { columnFamily: {}, table: {} }
    await this.#connection.call('createColumnFamily', (session, callId) =>
      session.createFamily(callId, REPLICA_FAMILY, options),
    )
    return this.#find(REPLICA_FAMILY)
  }

  /** The handle of the live family with this id; undefined if it was dropped. */
  byId(id: number): FamilyHandle | undefined {
    for (const family of this.#byName.values()) {
      const handle = this.#class.handleOf(family)
      if (handle.id === id) return handle
    }
    const live = this.#connection.run('columnFamily', (session) => session.families())
    const row = live.find(([, other]) => other === id)
    if (row === undefined) return undefined
    return this.#class.handleOf(this.#make(row, this.#codecs.get(row[0]) ?? PLAIN))
  }

  async create(name: unknown, given: unknown): Promise<Family> {
    const checked = checkName(name)
    const options = readOptions('options', given, FAMILY_OPTIONS)
    const asked = { tuning: options['tuning'], rocksdb: options['rocksdb'] }
    const tuned = withOwn(this.#connection.tuning.tuneFamily(checked, asked), options)
    // Check the codecs before the family is created.
    this.#make([checked, 0, NO_EXPIRY], options)
    const id = await this.#connection.call<number>('createColumnFamily', (session, callId) =>
      session.createFamily(callId, checked, tuned),
    )
    // It may have been closed meanwhile.
    const all = this.#connection.closed ? [] : this.#connection.session.families()
    const row = all.find(([, other]) => other === id)
    const family = this.#make(row ?? [checked, id, NO_EXPIRY], options)
    this.#connection.tuning.addFamily(checked, asked)
    this.#codecs.set(checked, options)
    this.#byName.set(checked, family)
    return family
  }

  async drop(family: unknown): Promise<void> {
    const { id, name } = this.handle(family)
    await this.#connection.call('dropColumnFamily', (session, callId) =>
      session.dropFamily(callId, id),
    )
    const known = this.#byName.get(name)
    if (known === undefined || this.#class.handleOf(known).id !== id) return
    this.#byName.delete(name)
    this.#codecs.delete(name)
    this.#connection.tuning.removeFamily(name)
  }

  /** The family that has this name now: other threads create and drop families, too. */
  #find(name: string): Family {
    const all = this.#connection.run('columnFamily', (session) => session.families())
    const found = all.find(([other]) => other === name)
    if (found === undefined) {
      const near = nearest(
        name,
        all.map(([other]) => other),
      )
      const hint = near === undefined ? '' : `; the nearest is ${quote(near)}`
      throw invalidValue('name', name, `must name a column family of the database${hint}`)
    }
    const known = this.#byName.get(name)
    if (known !== undefined && this.#class.handleOf(known).id === found[1]) return known
    const family = this.#make(found, this.#codecs.get(name) ?? PLAIN)
    this.#byName.set(name, family)
    return family
  }

  #make([name, id, afterMs]: NativeFamily, given: FamilyGiven): Family {
    const key = codecOf('options.key', given.key, 'key')
    const plain = codecOf('options.value', given.value, 'value')
    const envelope = afterMs === NO_EXPIRY ? undefined : new EnvelopeCodec(plain, afterMs)
    const connection = this.#connection
    const value = envelope ?? plain
    return this.#class.make({ connection, id, name, key, value, envelope, flags: 0 })
  }
}

/** A family's name: a non-empty string. */
export function checkName(name: unknown): string {
  if (typeof name !== 'string') throw invalidType('name', 'a string', name)
  if (name === '') throw invalidValue('name', name, 'must not be empty')
  if (name === REPLICA_FAMILY) throw invalidValue('name', name, "is one of the package's own")
  if (name.includes('\0')) throw invalidValue('name', name, 'must not contain a null byte')
  return wellFormed('name', name)
}
