// Keys, values and orders of the benchmark, made from a seed; bench/native/data.h makes the same
// ones. `selfCheck` gives the checksum by which both are compared.

export const KEY_SIZE = 16
const VALUES = 65536 // distinct values
const STRIDE = 16 // bytes from one to the next in the pool
const POOL_SEED = 0x2545f491
export const READ_SEED = 0x9e3779b9
export const WRITE_SEED = 0x7f4a7c15

/** Accounts that transfers are made between, and those of them where contention is high. */
export const ACCOUNTS = 1000
export const HOT_ACCOUNTS = 4

/** Operations whose keys are made at once, before the clock runs. */
export const CHUNK_ROWS = 1_000_000

const ALPHABET = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
const DIGITS = Buffer.from('0123456789abcdef')

/** Murmur3's last step: a bijection of 32 bits. */
function mix(number) {
  let h = number
  h ^= h >>> 16
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** Marsaglia's xorshift. */
function step(number) {
  let x = number
  x ^= x << 13
  x ^= x >>> 17
  x ^= x << 5
  return x >>> 0
}

const randomHigh = (i) => mix((i + 1) >>> 0)

function writeHex(number, target, at) {
  let bits = number
  for (let digit = 7; digit >= 0; digit--) {
    target[at + digit] = DIGITS[bits & 15]
    bits >>>= 4
  }
}

/** Writes key i: 16 hexadecimal digits, in the order of i or scattered. */
export function writeKey(i, sequential, target, at) {
  const high = sequential ? 0 : randomHigh(i)
  writeHex(high, target, at)
  writeHex(sequential ? i : mix((high ^ READ_SEED) >>> 0), target, at + 8)
}

/**
 * Values are windows of one pool of 64 different characters. Of compressible ones, every other 8
 * bytes are the same.
 */
export class Values {
  #pool

  constructor(size, compressible = false) {
    this.size = size
    this.#pool = Buffer.alloc(VALUES * STRIDE + size, 'a')
    let x = POOL_SEED
    for (let i = 0; i < this.#pool.length; i++) {
      x = step(x)
      if (!compressible || (i & 8) === 0) this.#pool[i] = ALPHABET[(x >>> 8) & 63]
    }
  }

  /** The value of row i, in a Buffer of its own, as a service would have it. */
  at(i) {
    const place = (Math.imul(i, 40503) & (VALUES - 1)) >>> 0
    return this.#pool.subarray(place * STRIDE, place * STRIDE + this.size)
  }
}

/** Every number below n once, in an order that the seed decides. */
export function shuffled(n, seed) {
  const order = new Uint32Array(n)
  for (let i = 0; i < n; i++) order[i] = i
  let x = seed
  for (let i = n; i > 1; i--) {
    x = step(x)
    const other = x % i
    const last = order[i - 1]
    order[i - 1] = order[other]
    order[other] = last
  }
  return order
}

/** From which account to which the j-th transfer goes: two different ones below `accounts`. */
export function pairOf(j, accounts) {
  const high = randomHigh(j)
  const from = high % accounts
  const apart = 1 + (mix((high ^ WRITE_SEED) >>> 0) % (accounts - 1))
  return { from, to: (from + apart) % accounts }
}

/** What is summed up over the rows of a scan. */
export function rowSum(key, value) {
  const ends = key[0] + key[key.length - 1] + value[0] + value[value.length - 1]
  return ends + key.length + value.length
}

/** The scattered rows below n in the order of their keys, with the sums of all rows before each. */
export class SortedRows {
  #highs
  #sums

  constructor(n, values) {
    const rows = new BigUint64Array(n)
    for (let i = 0; i < n; i++) rows[i] = (BigInt(randomHigh(i)) << 32n) | BigInt(i)
    rows.sort()
    this.#highs = new Uint32Array(n)
    this.#sums = new Float64Array(n + 1)
    const key = Buffer.alloc(KEY_SIZE)
    for (let at = 0; at < n; at++) {
      const i = Number(rows[at] & 0xffffffffn)
      this.#highs[at] = randomHigh(i)
      writeKey(i, false, key, 0)
      this.#sums[at + 1] = this.#sums[at] + rowSum(key, values.at(i))
    }
  }

  get total() {
    return this.#sums[this.#highs.length]
  }

  /** The sum over `limit` rows from that of key i on. */
  sumFrom(i, limit) {
    const high = randomHigh(i)
    let from = 0
    let to = this.#highs.length
    while (from < to) {
      const middle = (from + to) >>> 1
      if (this.#highs[middle] < high) from = middle + 1
      else to = middle
    }
    return this.#sums[Math.min(from + limit, this.#highs.length)] - this.#sums[from]
  }
}

/** Which row the j-th of `count` operations is about: from `first` on, one after the other. */
export function inTurn(count, { first = 0, sequential = false } = {}) {
  return { count, sequential, row: (j) => first + j }
}

/** The same over the first `rows`, again and again. */
export function again(count, rows) {
  return { count, sequential: false, row: (j) => j % rows }
}

/** The same over all of `rows` in a random order, again and again. */
export function inRandomOrder(count, rows, seed) {
  const order = shuffled(rows, seed)
  return { count, sequential: false, row: (j) => order[j % rows] }
}

/**
 * The operations of a plan, up to a million at a time: keys (views of one Buffer), values, and the
 * first byte of each value, to check what is read.
 */
export function* chunksOf(plan, values) {
  for (let from = 0; from < plan.count; from += CHUNK_ROWS) {
    const count = Math.min(CHUNK_ROWS, plan.count - from)
    const bytes = Buffer.alloc(count * KEY_SIZE)
    const chunk = { count, keys: [], values: [], first: new Uint8Array(count), size: values.size }
    for (let i = 0; i < count; i++) {
      const row = plan.row(from + i)
      writeKey(row, plan.sequential, bytes, i * KEY_SIZE)
      const value = values.at(row)
      chunk.keys.push(bytes.subarray(i * KEY_SIZE, (i + 1) * KEY_SIZE))
      chunk.values.push(value)
      chunk.first[i] = value[0]
    }
    yield chunk
  }
}

/** FNV-1a over keys of both kinds, values of both kinds, both orders and pairs, in hexadecimal. */
export function selfCheck(n) {
  let hash = 0x811c9dc5
  const add = (bytes) => {
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  }
  const plain = new Values(100)
  const compressible = new Values(100, true)
  const reads = shuffled(n, READ_SEED)
  const writes = shuffled(n, WRITE_SEED)
  const key = Buffer.alloc(KEY_SIZE)
  for (let i = 0; i < n; i++) {
    for (const sequential of [true, false]) {
      writeKey(i, sequential, key, 0)
      add(key)
    }
    add(plain.at(i))
    add(compressible.at(i))
    writeHex(reads[i], key, 0)
    writeHex(writes[i], key, 8)
    add(key)
    const { from, to } = pairOf(i, 1000)
    writeHex(from, key, 0)
    writeHex(to, key, 8)
    add(key)
  }
  return (hash >>> 0).toString(16).padStart(8, '0')
}
