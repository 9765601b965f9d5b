/** Codecs of keys at random, with what their values are and how these are ordered. */
import fc from 'fast-check'
import { descending, tuple } from 'rocksdb-live'
import type { OrderedCodec } from '../../lib/types/codecs'

/** A codec, and its values. */
export interface Kind {
  name: string
  codec: OrderedCodec
  values: fc.Arbitrary<unknown>
  /** The order of two values. */
  compare(a: unknown, b: unknown): number
  /** What comes out where this goes in. */
  normal(value: unknown): unknown
  /** The parts of a tuple. */
  parts?: Kind[]
}

const same = (value: unknown) => value
const bySize = <T extends number | bigint | boolean | string>(a: T, b: T) =>
  a < b ? -1 : a > b ? 1 : 0
const bytesOf = (value: unknown) => Buffer.from(value as string | Uint8Array)
const byBytes = (a: unknown, b: unknown) => Buffer.compare(bytesOf(a), bytesOf(b))

function leaf<T>(
  codec: OrderedCodec & string,
  values: fc.Arbitrary<T>,
  compare: (a: T, b: T) => number,
  normal: (value: T) => unknown = same,
): Kind {
  return { name: codec, codec, values, compare, normal } as Kind
}

/** Bytes and letters that escapes and terminators are made of, and others. */
const bytes = fc
  .array(fc.oneof(fc.constantFrom(0, 1, 2, 0x61, 0xfe, 0xff), fc.nat(255)), { maxLength: 5 })
  .map((list) => Buffer.from(list))
const letters = fc.constantFrom('\0', '\x01', '\x02', 'a', 'b', 'ä', '€', '\ud7ff', '\ufffd', '🦆')
const text = fc.oneof(
  fc.array(letters, { maxLength: 5 }).map((list) => list.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }).filter((each) => !/\p{Surrogate}/u.test(each)),
)
const around = (...edges: bigint[]) =>
  fc.constantFrom(...edges.flatMap((edge) => [edge - 1n, edge, edge + 1n]))

/** The kinds without parts. */
export const LEAVES: readonly Kind[] = [
  leaf('buffer', fc.oneof(bytes, text), byBytes, bytesOf),
  leaf('utf8', text, byBytes),
  leaf('int32', fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer()), bySize),
  leaf('uint32', fc.oneof(fc.nat(3), fc.integer({ min: 0, max: 2 ** 32 - 1 })), bySize),
  leaf(
    'int64',
    fc.oneof(
      around(0n, 2n ** 32n, -(2n ** 32n)),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    ),
    bySize,
  ),
  leaf(
    'uint64',
    fc.oneof(around(1n, 2n ** 32n), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
    bySize,
  ),
  leaf('float64', fc.double({ noNaN: true }), bySize, (value) => value + 0),
  leaf(
    'date',
    fc
      .oneof(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -8.64e15, max: 8.64e15 }))
      .map((ms) => new Date(ms)),
    (a, b) => bySize(a.getTime(), b.getTime()),
  ),
  leaf('boolean', fc.boolean(), bySize),
  leaf(
    'uuid',
    fc.tuple(fc.uuid(), fc.boolean()).map(([id, upper]) => (upper ? id.toUpperCase() : id)),
    (a, b) => bySize(a.toLowerCase(), b.toLowerCase()),
    (value) => value.toLowerCase(),
  ),
]

/** `descending` of a kind. */
export function reversed(kind: Kind): Kind {
  const { values, compare, normal } = kind
  return {
    name: `descending(${kind.name})`,
    codec: descending(kind.codec),
    values,
    compare: (a, b) => compare(b, a),
    normal,
    ...(kind.parts && { parts: kind.parts }),
  }
}

/** `tuple` of kinds. */
export function tupled(parts: Kind[]): Kind {
  const at = (index: number) => parts[index] as Kind
  return {
    name: `tuple(${parts.map(({ name }) => name).join(', ')})`,
    codec: tuple(...parts.map(({ codec }) => codec)),
    values: fc.tuple(...parts.map(({ values }) => values)),
    compare(a, b) {
      const [left, right] = [a as unknown[], b as unknown[]]
      for (let i = 0; i < Math.min(left.length, right.length); i++) {
        const order = at(i).compare(left[i], right[i])
        if (order !== 0) return order
      }
      return 0
    },
    normal: (value) => (value as unknown[]).map((each, index) => at(index).normal(each)),
    parts,
  }
}

const leaves = fc.constantFrom(...LEAVES)

/** Tuples and descending codecs of kinds, some of them nested. */
export const { kind: KINDS_OF_KEYS, tuples: TUPLES } = fc.letrec<{ kind: Kind; tuples: Kind }>(
  (tie) => ({
    kind: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      leaves,
      tie('kind').map(reversed),
      tie('tuples'),
    ),
    tuples: fc.array(tie('kind'), { minLength: 1, maxLength: 3 }).map(tupled),
  }),
)

/** The first parts of a tuple, any number of them; the last one may be cut as well. */
export function firstParts(kind: Kind, value: unknown): fc.Arbitrary<unknown> {
  const { parts } = kind
  if (parts === undefined) return fc.constant(value)
  const list = value as unknown[]
  return fc.nat(parts.length).chain((length): fc.Arbitrary<unknown> => {
    const last = parts[length - 1]
    if (last === undefined) return fc.constant([])
    return firstParts(last, list[length - 1]).map((end) => [...list.slice(0, length - 1), end])
  })
}

/** A random seed, which is printed; or the environment's. */
export function seedOf(variable: string): number {
  const given = process.env[variable]
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given)
  process.stderr.write(`${variable}=${seed}\n`)
  return seed
}
