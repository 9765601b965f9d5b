// A clock that only runs around the loops, and loops over the chunks of a plan.
import { chunksOf } from './data.mjs'

/** Nanoseconds between `start` and `stop`, summed up. */
export class Clock {
  ns = 0
  #started = 0n

  start() {
    // What setting up left behind is not charged to the loop.
    globalThis.gc?.()
    this.#started = process.hrtime.bigint()
  }

  stop() {
    this.ns += Number(process.hrtime.bigint() - this.#started)
  }
}

/** Turns the Buffers of a chunk into what the codec takes. */
export function encodeChunk(chunk, codec) {
  if (codec === 'buffer') return chunk
  if (codec === 'tuple') return { ...chunk, keys: chunk.keys.map(tupleOf) }
  const keys = chunk.keys.map((key) => key.latin1Slice())
  const texts = chunk.values.map((value) => value.latin1Slice())
  const values = codec === 'utf8' ? texts : texts.map((text, i) => documentOf(keys[i], text, i))
  return { ...chunk, keys, values }
}

/** The digits of a key as text and a number, whose bytes are as many and in the same order. */
export function tupleOf(key) {
  const digits = key.latin1Slice()
  return [digits.slice(0, 7), BigInt(`0x${digits.slice(7)}`)]
}

/** An object whose JSON has about as many bytes as the text. */
function documentOf(id, text, n) {
  return { id, name: text.slice(0, Math.max(1, text.length - 46)), n }
}

const WARM_MS = 400

/**
 * Does `pass` until V8 has compiled what it runs: for 0.4 seconds, and at least once. Gives the sum
 * of what it returned.
 */
export async function warmedUp(pass) {
  const end = performance.now() + WARM_MS
  let sum = 0
  do sum += (await pass()) ?? 0
  while (performance.now() < end)
  return sum
}

/** Makes the chunks of a plan, and times only `work`; gives what `work` returned, summed up. */
export async function timed({ values, settings }, plan, work) {
  const clock = new Clock()
  let result = 0
  for (const bare of chunksOf(plan, values)) {
    const chunk = encodeChunk(bare, settings.codec)
    clock.start()
    const returned = work(chunk)
    const found = typeof returned?.then === 'function' ? await returned : returned
    clock.stop()
    result += found ?? 0
  }
  return { ops: plan.count, ns: clock.ns, result }
}
