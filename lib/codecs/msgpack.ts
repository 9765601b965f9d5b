/** `msgpack`: MessagePack, by the package msgpackr. */
import { invalidType, invalidValue } from '../base/arguments'
import { viewOf } from '../native/buffers'
import type { Codec } from '../types/codecs'
import { appendBytes, guessBytes } from './bytes'
import { type CodecImplementation, corrupt } from './codec'
import { makeCodec } from './made'
import { notInstalled } from './optional'

interface Packer {
  pack(value: unknown): Buffer
  unpack(bytes: Buffer): unknown
}

// Of webpack, which replaces both names.
declare const __webpack_require__: unknown
declare const __non_webpack_require__: NodeJS.Require

function loadPacker(): Packer {
  let library: typeof import('msgpackr')
  try {
    library =
      typeof __webpack_require__ === 'function'
        ? __non_webpack_require__('msgpackr')
        : require('msgpackr')
  } catch (error) {
    throw notInstalled('msgpack()', 'msgpackr', error)
  }
  // Without records each value stands for itself, and is MessagePack as others read it.
  return new library.Packr({ useRecords: false, mapsAsObjects: true, copyBuffers: true })
}

const NOTHING = ['undefined', 'function', 'symbol']

function msgpackOf(packer: Packer): CodecImplementation {
  return {
    copies: true,
    prefixes: false,
    prepare(value, name) {
      if (NOTHING.includes(typeof value)) {
        throw invalidType(name, 'a value that MessagePack has', value)
      }
      try {
        return packer.pack(value)
      } catch (cause) {
        const error = invalidValue(name, value, 'cannot be written as MessagePack')
        throw Object.defineProperty(error, 'cause', { value: cause, writable: true })
      }
    },
    guess: guessBytes,
    append: appendBytes,
    read(bytes, start, end) {
      try {
        return packer.unpack(viewOf(bytes, start, end))
      } catch {
        // The library's message shows what it has read.
        throw corrupt('msgpack', 'they do not parse')
      }
    },
    ordered: false,
    width: 0,
    endOf: undefined,
    bounds: undefined,
  }
}

/**
 * A codec of objects, arrays, strings, numbers, bigints of 64 bits, booleans, null, Dates and bytes as MessagePack,
 * by the package `msgpackr`, version 2, which must be installed; fails with `ERR_NOT_SUPPORTED` otherwise. Bytes come
 * back as a Buffer, a Map as an object, a Set as an array. Its bytes are in no order.
 *
 * @example
 * ```ts
 * const columnFamilies = { users: { key: 'utf8', value: msgpack<User>() } }
 * ```
 */
export function msgpack<T = unknown>(): Codec<T> {
  const implementation = msgpackOf(loadPacker())
  return makeCodec(() => implementation) as Codec<T>
}
