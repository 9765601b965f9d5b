/** Values that an API must survive. */
import type { Random } from './random'

/** Thrown by getters, traps and methods of hostile values. */
export const MINE = new Error('thrown by the caller’s own code')

function fail(): never {
  throw MINE
}

function detached(): Uint8Array {
  const bytes = new Uint8Array(8)
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
  return bytes
}

function outOfBounds(): Uint8Array {
  const Resizable = ArrayBuffer as unknown as new (
    n: number,
    o: object,
  ) => ArrayBuffer & { resize(n: number): void }
  const memory = new Resizable(16, { maxByteLength: 16 })
  const bytes = new Uint8Array(memory, 8, 8)
  memory.resize(4)
  return bytes
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

/** A Proxy whose traps all throw. */
function throwing(): object {
  return new Proxy({}, new Proxy({}, { get: () => fail }))
}

function abortedSignal(): AbortSignal {
  return AbortSignal.abort(MINE)
}

const BIG = Buffer.alloc(8 * 1024 * 1024 + 1)

const MAKERS: (() => unknown)[] = [
  () => undefined,
  () => null,
  () => true,
  () => false,
  ...[0, -0, 1, -1, 0.5, 7, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53, 1e300, -1e300].map(
    (n) => () => n,
  ),
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  ...[0n, 1n, -1n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 64n, 10n ** 400n].map((n) => () => n),
  ...['', 'a', 'key', 'zzz', '\0', '\ud800', '\udfff', 'ü🦆', '__proto__', 'constructor'].map(
    (s) => () => s,
  ),
  () => 'x'.repeat(70_000),
  () => Symbol('symbol'),
  () => Symbol.iterator,
  () => fail,
  () => class {},
  () => async () => fail(),
  () => Buffer.alloc(0),
  () => Buffer.from('bytes'),
  () => Buffer.alloc(70_000, 1),
  () => new Uint8Array(3),
  () => new Uint8Array(new SharedArrayBuffer(4)),
  () => new Float64Array(2),
  () => new DataView(new ArrayBuffer(4)),
  () => new ArrayBuffer(4),
  detached,
  outOfBounds,
  revoked,
  throwing,
  abortedSignal,
  () => new AbortController().signal,
  () => Object.create(null),
  () => Object.create(Uint8Array.prototype),
  () => Object.create(AbortSignal.prototype),
  () => ({}),
  () => [],
  () => new Array(100),
  () => [[]],
  () => ['a', 'b'],
  () => ['key', undefined],
  () => [['key', 'value']],
  () => new Proxy(['a'], { get: fail }),
  () => new Map([['key', 'value']]),
  () => new Set(['key']),
  () => new Date(0),
  () => /key/,
  () => Promise.resolve('key'),
  () => Object.defineProperty({}, 'then', { enumerable: true, value: fail }),
  () => ({ toString: fail, valueOf: fail, [Symbol.toPrimitive]: fail }),
  () => ({ toJSON: fail }),
  () => Object.defineProperty({}, 'key', { enumerable: true, get: fail }),
  () => Object.defineProperty([1], 0, { enumerable: true, get: fail }),
  () => new String('key'),
  () => new URL('file:///none'),
  () => new URL('http://none'),
  () => globalThis,
  () => new Error('an error'),
]

/** Names of options of any method. */
const NAMES = [
  ...['sync', 'disableWAL', 'lowPri', 'noSlowdown', 'snapshot', 'fillCache', 'verifyChecksums'],
  ...['signal', 'deadlineMs', 'gt', 'gte', 'lt', 'lte', 'prefix', 'reverse', 'limit'],
  ...[
    'readaheadBytes',
    'batchBytes',
    'aggregate',
    'bottommost',
    'key',
    'value',
    'tuning',
    'rocksdb',
  ],
  ...['type', 'columnFamily', 'operand', 'begin', 'end', 'mergeOperator', 'nonsense'],
]

const TYPES = ['put', 'delete', 'deleteRange', 'merge', 'nonsense']

/** One of the values or of `others`, or an object or an array of some. */
export function hostileValue(random: Random, others: readonly unknown[], depth = 0): unknown {
  if (random.once(2000)) return BIG
  const kind = random.below(10)
  if (kind < 6 || depth > 2) return random.pick(MAKERS)()
  if (kind === 6) return random.pick(others)
  if (kind === 7) {
    return Array.from({ length: random.below(4) }, () => hostileValue(random, others, depth + 1))
  }
  const options: Record<string, unknown> = {}
  for (let n = random.below(3); n >= 0; n--) {
    options[random.pick(NAMES)] = hostileValue(random, others, depth + 1)
  }
  if (random.once(4)) options['type'] = random.pick(TYPES)
  return options
}
