/**
 * Histories of transactions from several worker threads, checked for cycles; `npm run
 * test:histories` is the long form. Plain reads and writes instead of transactions show that the
 * same workload can fail.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** The output of run.cjs with --json. */
interface Report {
  seed: number
  transactions: number
  committed: number
  anomalies: number
  failures: number
  kinds: Record<string, number>
  outcomes: Record<string, number>
}

async function runHistories(...args: string[]): Promise<Report & { code: number; stderr: string }> {
  const program = join(__dirname, 'histories', 'run.cjs')
  const child = spawn(process.execPath, [program, '--json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A hanging process must not outlive the test.
    timeout: 280_000,
    killSignal: 'SIGKILL',
  })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  if (stdout === '') throw new Error(`ended with ${code}: ${stderr}`)
  return { ...(JSON.parse(stdout) as Report), code, stderr }
}

describe('transactions of four workers', () => {
  it('are serializable, 20,000 of them: on disk, in memory, without a WAL, not pipelined, unordered', async () => {
    const found = await runHistories('--transactions', '20000')
    const { seed, transactions, kinds, code, stderr } = found
    expect({ seed, kinds, code, stderr }).toEqual({ seed, kinds: {}, code: 0, stderr: '' })
    expect(transactions).toBe(20_000)
    // Most were committed, and many conflicted.
    expect(found.committed).toBeGreaterThan(15_000)
    expect(found.outcomes['ERR_CONFLICT']).toBeGreaterThan(20)
  }, 300_000)

  it('are serializable beside a worker that is terminated in the middle, many times', async () => {
    const found = await runHistories('--terminate', '--transactions', '5000')
    const { seed, kinds, code, stderr } = found
    expect({ seed, kinds, code, stderr }).toEqual({ seed, kinds: {}, code: 0, stderr: '' })
    expect(found.outcomes['terminated']).toBeGreaterThan(2)
  }, 300_000)

  it('with `snapshot` have write skew at the most', async () => {
    const found = await runHistories('--isolation', 'snapshot', '--transactions', '5000')
    const { seed, kinds, stderr } = found
    const allowed = ['G2', 'G2-realtime', 'invariant']
    const others = Object.keys(kinds).filter((kind) => !allowed.includes(kind))
    expect({ seed, others, stderr }).toEqual({ seed, others: [], stderr: '' })
    expect(kinds['G2']).toBeGreaterThan(0)
  }, 300_000)
})

it('plain reads and writes in their place have anomalies of many kinds', async () => {
  const { code, kinds } = await runHistories('--plain', '--transactions', '5000')
  expect(code).toBe(1)
  expect(Object.keys(kinds)).toEqual(
    expect.arrayContaining(['lost update', 'lost append', 'invariant', 'internal']),
  )
}, 120_000)

it('plain reads and writes one after the other have none', async () => {
  const alone = ['--workers', '1', '--clients', '1']
  const { seed, code, kinds } = await runHistories('--plain', ...alone, '--transactions', '5000')
  expect({ seed, code, kinds }).toEqual({ seed, code: 0, kinds: {} })
}, 120_000)
