/**
 * The table of what a batch can hold: a row for each kind of record. The operations that `Database.write` takes,
 * their types and their bytes come from it; native/engine/writes/batch_check.cc has its counterpart.
 */

import type { Lifetime } from './lifetimes'

/** What stands behind the key of a record: nothing, a value, or the key at which a range ends. */
type Second = 'nothing' | 'value' | 'end'

/** One kind of record. */
export interface Kind {
  /** `type` of an operation, and the name of the method. */
  readonly type: string
  /** RocksDB's tag (db/dbformat.h, `ValueType`) in the default family, and in the others. */
  readonly tag: number
  readonly familyTag: number
  /** What the key is called. */
  readonly first: string
  readonly second: Second
  /** What that is called; the same as `first` where it is nothing. */
  readonly secondName: string
}

/** A row, as its own names say. */
interface RowOf<T extends string, F extends string, S extends Second, N extends string>
  extends Kind {
  readonly type: T
  readonly first: F
  readonly second: S
  readonly secondName: N
}

const ROWS = [
  kind('put', 0x1, 0x5, 'key', 'value', 'value'),
  kind('delete', 0x0, 0x4, 'key', 'nothing', 'key'),
  kind('deleteRange', 0xf, 0xe, 'begin', 'end', 'end'),
  kind('merge', 0x2, 0x6, 'key', 'value', 'operand'),
] as const

// All of them in one way, so that they are of one shape to the engine.
function kind<
  const T extends string,
  const F extends string,
  const S extends Second,
  const N extends string,
>(type: T, tag: number, familyTag: number, first: F, second: S, secondName: N): RowOf<T, F, S, N> {
  return { type, tag, familyTag, first, second, secondName }
}

/** `increment` of counters: a merge under its own names. No operation of `Database.write`. */
export const INCREMENT: Kind = kind('increment', 0x2, 0x6, 'key', 'value', 'by')

type Row = (typeof ROWS)[number]

/** Every kind, by its type. */
export const KINDS = Object.freeze(
  Object.fromEntries(ROWS.map((row) => [row.type, row])),
) as unknown as { readonly [R in Row as R['type']]: R }

/** Names of what the operations hold, each once. */
export const OPERANDS: readonly string[] = [
  ...new Set(ROWS.flatMap(({ first, secondName }) => [first, secondName])),
]

/** The kind of that type, if there is one. */
export function kindOf(type: unknown): Kind | undefined {
  return ROWS.find((row) => row.type === type)
}

/** What `type` must be: `'put', 'delete' or 'merge'`. */
export function kindNames(): string {
  const names = ROWS.map(({ type }) => `'${type}'`)
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
}

type Operands<R extends Row, Key, Value, Bound> = {
  [N in R['first']]: R extends { second: 'end' } ? Bound : Key
} & (R extends { second: 'nothing' }
  ? unknown
  : { [N in R['secondName']]: R extends { second: 'end' } ? Bound : Value })

/** What the operations are, without their family; `Bound` is what ends of ranges take. */
export type WorkOf<Key, Value, Bound> = {
  [R in Row as R['type']]: Flat<
    { type: R['type'] } & Operands<R, Key, Value, Bound> &
      (R extends { type: 'put' } ? Lifetime : unknown)
  >
}[Row['type']]

/** The properties as editors show them. */
type Flat<T> = { [P in keyof T]: T[P] }
