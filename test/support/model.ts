/** Families as ordered maps in memory, and the steps that they and a database go through. */
import fc from 'fast-check'

export const FAMILIES = ['bytes', 'text', 'numbers'] as const
export type FamilyName = (typeof FAMILIES)[number]

/** Keys are numbered in order; each family has its own key for a number. */
export const KEYS = 32

/** Sequences of one to three of these, in bytewise order. */
function sequences(parts: readonly string[], encoding: BufferEncoding): Buffer[] {
  const longer = (all: string[]) => all.flatMap((one) => parts.map((part) => one + part))
  const one = [...parts]
  const two = longer(one)
  const all = [...one, ...two, ...longer(two)].map((text) => Buffer.from(text, encoding))
  return all.sort(Buffer.compare).slice(0, KEYS)
}

/** The bytes of each key, by family. */
export const KEY_BYTES: Record<FamilyName, readonly Buffer[]> = {
  bytes: sequences(['\0', 'a', '\xff'], 'latin1'),
  text: sequences(['a', 'é', '🦆'], 'utf8'),
  numbers: Array.from({ length: KEYS }, (_, i) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(i * 0x8000001)
    return bytes
  }),
}

/** The text for a value: short, or longer than one of the buffers. */
export function textOf(value: number): string {
  const text = `v${value};`
  if (value % 500 === 0) return text.repeat(Math.ceil(70_000 / text.length))
  if (value % 40 === 0) return text.repeat(Math.ceil(4100 / text.length))
  return text
}

export type Write =
  | { kind: 'put'; family: FamilyName; key: number; value: number }
  | { kind: 'delete'; family: FamilyName; key: number }
  | { kind: 'deleteRange'; family: FamilyName; begin: number; end: number }
  | { kind: 'merge'; family: 'numbers'; key: number; value: number }

export interface RangeSpec {
  gt?: number | undefined
  gte?: number | undefined
  lt?: number | undefined
  lte?: number | undefined
  prefix?: number | undefined
  reverse?: boolean | undefined
  limit?: number | undefined
}

export const SCANS = ['entries', 'keys', 'values', 'pages', 'cursor', 'count'] as const
export const READS = ['get', 'getMany', 'has', 'getInto'] as const
export type How = 'async' | 'sync' | 'synced' | 'unlogged'

export type Step =
  | { step: 'write'; write: Write; how: How }
  | { step: 'batch'; writes: Write[]; how: How; array: boolean }
  | { step: 'clear'; family: FamilyName; range: RangeSpec; how: How }
  | {
      step: 'read'
      family: FamilyName
      keys: number[]
      via: (typeof READS)[number]
      sync: boolean
      view: number
    }
  | {
      step: 'scan'
      family: FamilyName
      range: RangeSpec
      via: (typeof SCANS)[number]
      sync: boolean
      view: number
    }
  | { step: 'iterate'; family: FamilyName; range: RangeSpec; sync: boolean; view: number }
  | { step: 'advance'; which: number; rows: number }
  | { step: 'snapshot' | 'release' | 'flush' | 'reopen' }
  | { step: 'compact' | 'recreate'; family: FamilyName }

const family = fc.constantFrom(...FAMILIES)
const key = fc.nat(KEYS - 1)
const value = fc.nat(9999)
/** Few are synced, since that waits for the disk. */
const how = fc.nat(99).map((n): How => {
  if (n < 65) return 'async'
  if (n < 90) return 'sync'
  return n < 99 ? 'unlogged' : 'synced'
})
const view = fc.nat(7)
const maybe = <T>(item: fc.Arbitrary<T>) => fc.option(item, { nil: undefined, freq: 1 })

const write: fc.Arbitrary<Write> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('put' as const), family, key, value }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), family, key }) },
  {
    weight: 1,
    arbitrary: fc.tuple(family, key, key).map(([name, a, b]) => ({
      kind: 'deleteRange' as const,
      family: name,
      begin: Math.min(a, b),
      end: Math.max(a, b),
    })),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('merge' as const),
      family: fc.constant('numbers' as const),
      key,
      value,
    }),
  },
)

const bounds = fc.record({ gt: maybe(key), gte: maybe(key), lt: maybe(key), lte: maybe(key) })
const range: fc.Arbitrary<RangeSpec> = fc
  .tuple(bounds, fc.nat(9), key, fc.boolean(), maybe(fc.nat(KEYS)))
  .map(([given, some, prefix, reverse, limit]) => {
    if (some === 0) return { reverse, limit }
    if (some < 3) return { prefix, reverse, limit }
    // All four bounds at once leave almost nothing.
    return some < 6
      ? { gte: given.gte, lt: given.lt, reverse, limit }
      : { gt: given.gt, lte: given.lte, reverse, limit }
  })

const constant = <S extends string>(step: S) => fc.constant(step)

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 400, arbitrary: fc.record({ step: constant('write'), write, how }) },
  {
    weight: 80,
    arbitrary: fc.record({
      step: constant('batch'),
      writes: fc.array(write, { maxLength: 12 }),
      how,
      array: fc.boolean(),
    }),
  },
  { weight: 8, arbitrary: fc.record({ step: constant('clear'), family, range, how }) },
  {
    weight: 300,
    arbitrary: fc.record({
      step: constant('read'),
      family,
      keys: fc.array(key, { maxLength: 5 }),
      via: fc.constantFrom(...READS),
      sync: fc.boolean(),
      view,
    }),
  },
  {
    weight: 150,
    arbitrary: fc.record({
      step: constant('scan'),
      family,
      range,
      via: fc.constantFrom(...SCANS),
      sync: fc.boolean(),
      view,
    }),
  },
  {
    weight: 20,
    arbitrary: fc.record({ step: constant('iterate'), family, range, sync: fc.boolean(), view }),
  },
  {
    weight: 40,
    arbitrary: fc.record({
      step: constant('advance'),
      which: fc.nat(3),
      rows: fc.integer({ min: 1, max: 8 }),
    }),
  },
  { weight: 20, arbitrary: fc.record({ step: fc.constantFrom('snapshot', 'release') }) },
  { weight: 2, arbitrary: fc.record({ step: constant('flush') }) },
  { weight: 1, arbitrary: fc.record({ step: fc.constantFrom('compact', 'recreate'), family }) },
  { weight: 1, arbitrary: fc.record({ step: constant('reopen') }) },
) as fc.Arbitrary<Step>

/** Sequences of up to `most` steps. */
export function steps(most: number): fc.Arbitrary<Step[]> {
  return fc.array(step, { maxLength: most, size: 'max' })
}

/** The content of the families: by family, the text of each key's value. */
export class Model {
  readonly families: Record<FamilyName, Map<number, string>>

  constructor(from?: Model) {
    const copy = (name: FamilyName) => new Map(from?.families[name])
    this.families = { bytes: copy('bytes'), text: copy('text'), numbers: copy('numbers') }
  }

  apply(one: Write): void {
    const rows = this.families[one.family]
    if (one.kind === 'put') rows.set(one.key, textOf(one.value))
    else if (one.kind === 'delete') rows.delete(one.key)
    else if (one.kind === 'merge') {
      const before = rows.get(one.key)
      rows.set(one.key, `${before === undefined ? '' : `${before},`}${one.value}`)
    } else for (let i = one.begin; i < one.end; i++) rows.delete(i)
  }

  /** The rows of a range, in its order. */
  rows(
    name: FamilyName,
    { gt, gte, lt, lte, prefix, reverse, limit }: RangeSpec,
  ): [number, string][] {
    const rows: [number, string][] = []
    const bytes = KEY_BYTES[name]
    for (let i = 0; i < KEYS; i++) {
      const text = this.families[name].get(i)
      if (text === undefined) continue
      if ((gt !== undefined && i <= gt) || (gte !== undefined && i < gte)) continue
      if ((lt !== undefined && i >= lt) || (lte !== undefined && i > lte)) continue
      const start = prefix === undefined ? undefined : bytes[prefix]
      if (start !== undefined && !bytes[i]?.subarray(0, start.length).equals(start)) continue
      rows.push([i, text])
    }
    if (reverse) rows.reverse()
    return rows.slice(0, limit)
  }
}
