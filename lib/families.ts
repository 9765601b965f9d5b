/** The types of column families, as their codecs make them, and of operations on them. */
import type { ColumnFamily } from './column-family'
import type { CounterFamily } from './counter-family'
import type { ChangeOf, DroppedRowChange, FamilyChange, RowChange } from './types/changes'
import type { AnyCodec, BoundKey, Bytes, Counter, Decoded, Encodable } from './types/codecs'
import type { WorkOf } from './types/kinds'
import type { FamilySpecs } from './types/options'
import type { Bounds } from './types/ranges'

type CodecOf<S, Side extends 'key' | 'value'> =
  S extends Record<Side, infer C> ? (C extends AnyCodec | Counter ? C : 'buffer') : 'buffer'

/** The column family that options make. */
export type FamilyFrom<S> = S extends { value: Counter }
  ? CounterFamily<
      Decoded<CodecOf<S, 'key'>>,
      Encodable<CodecOf<S, 'key'>>,
      BoundKey<Encodable<CodecOf<S, 'key'>>>
    >
  : ColumnFamily<
      Decoded<CodecOf<S, 'key'>>,
      Decoded<CodecOf<S, 'value'>>,
      Encodable<CodecOf<S, 'key'>>,
      Encodable<CodecOf<S, 'value'>>,
      BoundKey<Encodable<CodecOf<S, 'key'>>>
    >

/** A family with the default codecs. */
export type BytesFamily = ColumnFamily<Buffer, Buffer, Bytes, Bytes>

/** Any column family. */
// biome-ignore lint/suspicious/noExplicitAny: a family of any type is meant
export type AnyFamily = ColumnFamily<any, any, any, any>

/** The family named `default` of a database that was opened with these families. */
export type DefaultFamily<F extends FamilySpecs> = FamilyFrom<
  F extends { default: infer S } ? S : unknown
>

/**
 * A name that `Database.columnFamily` takes. Of a database that was opened with named families: one of
 * theirs, `default`, or a `string` that is not known when this is compiled. Of any other, every name.
 */
export type FamilyName<F extends FamilySpecs, Name extends string> = keyof F extends never
  ? Name
  : string extends Name
    ? Name
    : Name extends 'default'
      ? Name
      : (keyof F & string) | 'default'

/** The family that an operation is on: `Given`, or `Default` where none is given. */
type FamilyOf<Given, Default> = 0 extends 1 & Given
  ? AnyFamily
  : unknown extends Given
    ? Default
    : [Given] extends [undefined]
      ? Default
      : Exclude<Given, undefined>

/** What keys of a family may be given as. */
export type KeyInputOf<Family> =
  // biome-ignore lint/suspicious/noExplicitAny: what else the family is does not matter
  Family extends ColumnFamily<any, any, infer Input, any, any> ? Input : never

/** What values of a family may be given as. */
export type ValueInputOf<Family> =
  // biome-ignore lint/suspicious/noExplicitAny: what else the family is does not matter
  Family extends ColumnFamily<any, any, any, infer Input, any> ? Input : never

/** What reads of a family return as its keys. */
export type KeyOf<Family> =
  // biome-ignore lint/suspicious/noExplicitAny: what else the family is does not matter
  Family extends ColumnFamily<infer Key, any, any, any, any> ? Key : never

/** What reads of a family return as its values. */
export type ValueOf<Family> =
  // biome-ignore lint/suspicious/noExplicitAny: what else the family is does not matter
  Family extends ColumnFamily<any, infer Value, any, any, any> ? Value : never

/** What bounds of ranges of a family take: keys, and the first parts of a `tuple`. */
export type BoundOf<Family> =
  // biome-ignore lint/suspicious/noExplicitAny: what else the family is does not matter
  Family extends ColumnFamily<any, any, any, any, infer Bound> ? Bound : never

/** A range of a family that is given as itself or by its name. */
export type BoundsOf<Family> = Bounds<Family extends string ? unknown : BoundOf<Family>>

/** What an operation does, with keys and values of its family. */
type Work<Family> = WorkOf<KeyInputOf<Family>, ValueInputOf<Family>, BoundOf<Family>>

/**
 * One operation of `Database.write` on a family. Without a type argument it is one on any family, and
 * neither its key nor its value is checked by the compiler.
 *
 * @example
 * ```ts
 * const operations: Operation<typeof users>[] = []
 * operations.push({ type: 'delete', columnFamily: users, key: 'ada' })
 * await db.write(operations)
 * ```
 */
export type Operation<Family extends AnyFamily | undefined = AnyFamily | undefined> = Work<
  FamilyOf<Family, AnyFamily>
> &
  (undefined extends Family ? { columnFamily?: Family | undefined } : { columnFamily: Family })

/** One of the operations given to `Database.write`, whose family the compiler finds out. */
export type OperationIn<Given, Default> = { columnFamily?: Given | undefined } & Work<
  FamilyOf<Given, Default>
>

/**
 * What `Database.write` takes: operations of which each has a key and a value as the codecs of its
 * family take them. `Families` are those of the operations, in their order; the compiler finds them.
 */
export type Operations<Families extends readonly unknown[], Default> = {
  readonly [Index in keyof Families]: OperationIn<Families[Index], Default>
}

/** What a key must hold for `Database.compareAndWrite` to write: this value, or nothing. */
export type Comparison<Family extends AnyFamily | undefined = AnyFamily | undefined> = {
  key: KeyInputOf<FamilyOf<Family, AnyFamily>>
} & (
  | { equals: ValueInputOf<FamilyOf<Family, AnyFamily>>; absent?: undefined }
  | { absent: true; equals?: undefined }
) &
  (undefined extends Family ? { columnFamily?: Family | undefined } : { columnFamily: Family })

/** One of the comparisons given to `Database.compareAndWrite`, whose family the compiler finds out. */
export type ComparisonIn<Given, Default> = {
  columnFamily?: Given | undefined
  key: KeyInputOf<FamilyOf<Given, Default>>
} & (
  | { equals: ValueInputOf<FamilyOf<Given, Default>>; absent?: undefined }
  | { absent: true; equals?: undefined }
)

/** The comparisons of `Database.compareAndWrite`, each with a key and a value as its family takes them. */
export type Comparisons<Families extends readonly unknown[], Default> = {
  readonly [Index in keyof Families]: ComparisonIn<Families[Index], Default>
}

/** What happened to rows of the family with this name, of a database that was opened with these. */
type NamedRowChange<F extends FamilySpecs, Name extends string> = string extends keyof F
  ? // biome-ignore lint/suspicious/noExplicitAny: families of any codecs are meant
    RowChange<string, any, any>
  : Name extends keyof F
    ? RowChange<Name, KeyOf<FamilyFrom<F[Name]>>, ValueOf<FamilyFrom<F[Name]>>>
    : RowChange<Name, Buffer, Buffer>

/** The names of the families that a database was opened with, and `default`; any if it named none. */
export type ChangedName<F extends FamilySpecs> = keyof F extends never
  ? string
  : (keyof F & string) | 'default'

type RowChangeIn<F extends FamilySpecs, Given> = Given extends string
  ? NamedRowChange<F, Given>
  : RowChange<string, KeyOf<Given>, ValueOf<Given>>

/**
 * An operation of the change feed. `F` are the families that the database was opened with, `Given` those that were
 * asked for, by name or as they are; without these, operations on families that were dropped since are among them.
 *
 * @example
 * ```ts
 * for await (const { operations } of db.changes({ families: ['users'] })) {
 *   for (const operation of operations) {
 *     if (operation.type === 'put') console.log(operation.value)
 *   }
 * }
 * ```
 */
export type ChangeOperation<F extends FamilySpecs = FamilySpecs, Given = never> =
  | ([Given] extends [never]
      ? NamedRowChange<F, ChangedName<F>> | DroppedRowChange
      : RowChangeIn<F, Given>)
  | FamilyChange

/** One commit of the change feed. */
export interface CommittedChange<F extends FamilySpecs = FamilySpecs, Given = never>
  extends ChangeOf<ChangeOperation<F, Given>> {}
