/**
 * Tries every option that RocksDB knows with values that nobody should give it: no signal, no hang, no
 * row lost. A case that ends its process is found by what that process was told last.
 *
 *   npm run test:options                        # all of it: some minutes
 *   npm run test:options -- --sample 100        # so many, and those that ended a process once;
 *                                               # --seed 5 takes the same ones again
 *   npm run test:options -- --only index_type   # those whose name contains a word
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { allCases } from './cases.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
/** A case takes a few hundredths of a second, and up to a hundred times that on a busy machine. */
const HANGS_AFTER_MS = 120_000
/** Address space of a process: beyond this the system refuses memory that an option requests. */
const MEMORY_KB = 12 * 1024 * 1024

/**
 * Outcomes that no case may have; the others are `refused`, `accepted`, and `failed` after the
 * open.
 */
const BAD = ['untyped', 'locked', 'later', 'signal', 'hang', 'lost']

const { values: asked } = parseArgs({
  options: {
    sample: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'boolean' },
    verbose: { type: 'boolean' },
  },
})

const memory = '/dev/shm'
const scratch = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'rocksdb-live-options-'))

/** A process that tries cases until it dies. */
class Trier {
  #child
  #stderr = ''

  async #start() {
    const program = join(here, 'program.mjs')
    const limited = `ulimit -v ${MEMORY_KB}; ulimit -c 0; exec "$0" "$@"`
    const node = [process.execPath, program, join(scratch, 'work')]
    this.#child = spawn('sh', ['-c', limited, ...node], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#stderr = ''
    this.#child.stderr.on('data', (text) => {
      this.#stderr = (this.#stderr + text).slice(-2000)
    })
    const { outcome } = await this.#answer()
    if (outcome !== 'ready') throw new Error(`the process does not start: ${this.#stderr}`)
  }

  /** The process's next message, or how it ended. */
  #answer() {
    const child = this.#child
    return new Promise((resolve) => {
      const settle = (answer) => {
        clearTimeout(timer)
        child.removeAllListeners('message').removeAllListeners('exit')
        resolve(answer)
      }
      const timer = setTimeout(() => {
        child.kill('SIGKILL')
        this.#child = undefined
        settle({ outcome: 'hang' })
      }, HANGS_AFTER_MS)
      child.once('message', settle)
      child.once('exit', (code, signal) => {
        this.#child = undefined
        settle({ outcome: 'signal', message: `${signal ?? `code ${code}`} ${this.#stderr}` })
      })
    })
  }

  async run(what) {
    if (this.#child === undefined) await this.#start()
    const answering = this.#answer()
    this.#child.send(what)
    const answer = await answering
    if (BAD.includes(answer.outcome)) this.stop()
    return answer
  }

  /** The next case gets a new process, so that it is not blamed for the last one. */
  stop() {
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }
}

/** mulberry32, as in test/support/random.ts. */
function fractions(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

function choose(cases, { sample, seed, only }) {
  const chosen = cases.filter(({ name }) => only === undefined || name.includes(only))
  if (sample === undefined) return chosen
  const next = fractions(seed)
  const some = new Set(chosen.filter(({ always }) => always === true))
  const wanted = Math.min(some.size + Number(sample), chosen.length)
  while (some.size < wanted) {
    some.add(chosen[Math.floor(next() * chosen.length)])
  }
  return [...some]
}

const describe = ({ map, name, value, beside }) =>
  `${map} ${name} = ${JSON.stringify(value)}${beside ? ` beside ${JSON.stringify(beside)}` : ''}`

async function main() {
  const seed = Number(asked.seed ?? Math.floor(Math.random() * 2 ** 32))
  const { names, cases } = await allCases(root, scratch)
  const chosen = choose(cases, { ...asked, seed })
  const counts = { cases: 0, refused: 0, accepted: 0, failed: 0 }
  for (const outcome of BAD) counts[outcome] = 0
  const bad = []
  const trier = new Trier()
  const began = Date.now()
  for (const what of chosen) {
    const from = Date.now()
    const answer = await trier.run(what)
    counts.cases++
    counts[answer.outcome]++
    const took = Date.now() - from
    const line = `${answer.outcome} ${describe(what)} ${took > 2000 ? `(${took} ms) ` : ''}${answer.stage ?? ''} ${answer.code ?? ''} ${answer.message ?? ''}`
    if (BAD.includes(answer.outcome)) bad.push(line)
    const told = asked.verbose || took > 5000 || !['refused', 'accepted'].includes(answer.outcome)
    if (told) process.stderr.write(`${line}\n`)
  }
  trier.stop()
  const report = {
    seed,
    names: names.length,
    ...counts,
    seconds: Math.round((Date.now() - began) / 1000),
    bad,
  }
  if (asked.json) console.log(JSON.stringify(report))
  else
    console.log(
      `${Object.entries(report)
        .filter(([key]) => key !== 'bad')
        .map(([key, count]) => `${key} ${count}`)
        .join(', ')}`,
    )
  process.exitCode = bad.length === 0 && counts.cases > 0 ? 0 : 1
}

try {
  await main()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
