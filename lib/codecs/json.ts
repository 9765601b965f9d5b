/** The codec `'json'`. */
import { invalidType, invalidValue } from '../base/arguments'
import type { Json } from '../types/codecs'
import { type CodecImplementation, corrupt } from './codec'
import { readText } from './text'

/**
 * Returns the `'json'` codec with the type of its values.
 *
 * @example
 * ```ts
 * const columnFamilies = { users: { key: 'utf8', value: json<User>() } } as const
 * ```
 */
export function json<T>(): Json<T> {
  return 'json' as Json<T>
}

/** @internal `'json'`: what `JSON.stringify` writes. */
export const jsonCodec: CodecImplementation = {
  copies: true,
  prefixes: false,
  prepare(value, name) {
    let text: string | undefined
    try {
      text = JSON.stringify(value)
    } catch (cause) {
      const error = invalidValue(name, value, 'cannot be written as JSON')
      throw Object.defineProperty(error, 'cause', { value: cause, writable: true })
    }
    if (text === undefined) throw invalidType(name, 'a value that JSON has', value)
    return text
  },
  guess: (prepared) => (prepared as string).length,
  append: (sink, prepared) => sink.text(prepared as string),
  read(bytes, start, end) {
    const text = readText(bytes, start, end)
    try {
      return JSON.parse(text)
    } catch {
      throw corrupt('json', 'they do not parse')
    }
  },
  ordered: false,
  width: 0,
  endOf: undefined,
  bounds: undefined,
}
