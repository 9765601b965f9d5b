/** `schema`: another codec, of values that a schema has checked. */
import { invalidType, invalidValue } from '../base/arguments'
import { InvalidValueError, type SchemaIssue } from '../base/errors'
import type {
  AnyCodec,
  AnySchema,
  Codec,
  Encodable,
  SchemaCodec,
  SchemaOutput,
} from '../types/codecs'
import type { CodecImplementation } from './codec'
import { codecOf } from './codecs'
import { makeCodec } from './made'

/** Where a schema has what other libraries need of it. */
const STANDARD = '~standard'

interface Standard {
  validate(value: unknown): unknown
}

function standardOf(schema: unknown): Standard {
  const isOne = (typeof schema === 'object' && schema !== null) || typeof schema === 'function'
  const standard = isOne ? (schema as { [STANDARD]?: unknown })[STANDARD] : undefined
  const validate = (standard as Partial<Standard> | undefined)?.validate
  if (typeof validate === 'function') return standard as Standard
  throw invalidType('schema', 'a Standard Schema, as those of zod, valibot and arktype are', schema)
}

function isPromise(result: object): result is PromiseLike<unknown> {
  return typeof (result as { then?: unknown }).then === 'function'
}

/** What the schema makes of a value. */
function check(standard: Standard, value: unknown, name: string): unknown {
  const result = standard.validate(value)
  if (typeof result !== 'object' || result === null) {
    throw invalidType('the result of the schema', 'an object with "value" or "issues"', result)
  }
  if (isPromise(result)) {
    // Nobody waits for it.
    result.then(undefined, () => {})
    throw invalidValue(name, value, 'has a schema that is asynchronous; it must be synchronous')
  }
  const { issues, value: checked } = result as { issues?: unknown; value?: unknown }
  if (issues === undefined) return checked
  const all = Array.isArray(issues) && issues.length > 0 ? [...issues] : [NO_ISSUE]
  const count = all.length === 1 ? 'one issue' : `${all.length} issues`
  const message = `the ${name} does not fit its schema: ${count}, which the error has as "issues"`
  throw new InvalidValueError(message, all as [SchemaIssue, ...SchemaIssue[]])
}

const NO_ISSUE: SchemaIssue = { message: 'The schema does not say what is wrong' }

function checkedBy(standard: Standard, inner: CodecImplementation): CodecImplementation {
  return {
    ...inner,
    prepare: (value, name) => inner.prepare(check(standard, value, name), name),
    bounds: inner.bounds ?? { prepare: inner.prepare, isPartial: () => false },
  }
}

/**
 * A codec that checks keys or values before it writes them, with a schema of zod, valibot, arktype or whatever
 * else is a Standard Schema. What the schema makes of a value is what `codec` writes: defaults are filled in. What
 * does not fit fails with an `InvalidValueError` (`ERR_INVALID_VALUE`), which has the schema's issues.
 *
 * The schema must be synchronous: one that answers with a promise fails with `ERR_INVALID_ARG_VALUE`. What is read
 * is not checked, nor are bounds of ranges.
 *
 * @example
 * ```ts
 * const User = z.object({ name: z.string().min(1), age: z.number().default(0) })
 * const columnFamilies = { users: { key: 'utf8', value: schema(User, 'json') } }
 *
 * await users.put('ada', { name: 'Ada' }) // { name: 'Ada', age: 0 }
 * ```
 */
export function schema<const S extends AnySchema, const C extends AnyCodec>(
  standardSchema: S,
  codec: C & (SchemaOutput<S> extends Encodable<C> ? unknown : never),
): SchemaCodec<S, C> {
  const standard = standardOf(standardSchema)
  if (codec === undefined) throw invalidType('codec', 'a codec', codec)
  const sides = {
    key: checkedBy(standard, codecOf('codec', codec, 'key')),
    value: checkedBy(standard, codecOf('codec', codec, 'value')),
  }
  return makeCodec((side) => sides[side]) as unknown as Codec<never> as SchemaCodec<S, C>
}
