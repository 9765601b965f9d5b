/** The flags that bound a range of keys. */
import type { Shown } from './formats'
import { parsed } from './formats'

const BOUND =
  'as --key has them; of a tuple, the first parts alone stand for all that begin with them.'

/** Flags of all commands that go over a range. */
export const RANGE_FLAGS = {
  prefix: {
    type: 'string',
    argument: '<key>',
    help: 'Keys that begin with this; tuples, with these parts.',
  },
  gte: { type: 'string', argument: '<key>', help: `Keys from this one on, ${BOUND}` },
  gt: { type: 'string', argument: '<key>', help: 'Keys beyond this one.' },
  lte: { type: 'string', argument: '<key>', help: 'Keys up to this one.' },
  lt: { type: 'string', argument: '<key>', help: 'Keys before this one.' },
} as const

const BOUNDS = ['prefix', 'gte', 'gt', 'lte', 'lt'] as const

/** Values of those flags. */
export type RangeAsked = { [Bound in (typeof BOUNDS)[number]]?: string | undefined }

/** The range as the family takes it; empty where no flag is given. */
export function rangeOf({ key }: Shown, asked: RangeAsked): object {
  const given = BOUNDS.filter((bound) => asked[bound] !== undefined)
  return Object.fromEntries(
    given.map((bound) => [bound, parsed(key.parseBound, asked[bound] as string)]),
  )
}
