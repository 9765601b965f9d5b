/**
 * A cache that outlives its process: the nth prime, computed once and then known for a minute.
 *
 *     npm run keyv -- 50000
 *     npm run keyv -- 50000 --forget
 */
import { join } from 'node:path'
import { createKeyv } from 'rocksdb-live/keyv'

const MINUTE_MS = 60_000

function isPrime(number: number): boolean {
  for (let by = 2; by * by <= number; by++) if (number % by === 0) return false
  return true
}

function nthPrime(nth: number): number {
  let number = 1
  for (let found = 0; found < nth; ) if (isPrime(++number)) found++
  return number
}

async function main(): Promise<void> {
  const nth = Number(process.argv[2] ?? 10_000)
  if (!Number.isInteger(nth) || nth < 1) throw new Error('which prime? A whole number from 1 on')
  const primes = createKeyv<number>(join('data', 'keyv'), { namespace: 'primes', ttl: MINUTE_MS })
  // Keyv gives undefined where its store fails, and says here why.
  primes.on('error', (error: Error) => console.error(error.message))
  try {
    if (process.argv.includes('--forget')) await primes.clear()
    const known = await primes.get(String(nth))
    const prime = known ?? nthPrime(nth)
    if (known === undefined) await primes.set(String(nth), prime)
    console.log(`${prime} (${known === undefined ? 'computed' : 'from the cache'})`)
  } finally {
    await primes.disconnect()
  }
}

main().catch((error: Error) => {
  console.error(error.message)
  process.exitCode = 1
})
