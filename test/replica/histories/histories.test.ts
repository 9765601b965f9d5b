/**
 * Three nodes over three servers, while processes are killed, suspended and cut off: nothing that was acknowledged is
 * lost, and all come to the same rows. `npm run check:histories` runs it for longer.
 *
 * Needs nats-server: `node test/support/nats/build.mjs` builds it, or the system's package nats-server.
 */
import { withServers } from '../../support/nats/program'
import { Random } from '../../support/random'
import { type HistoryOptions, type HistoryReport, runHistory } from './history'

const faults = Number(process.env['HISTORY_FAULTS'] ?? 10)
const modes = (process.env['HISTORY_COMMIT'] ?? 'replicated,local').split(',')
const loud = process.env['HISTORY_LOUD'] === '1'
const MINUTES = 60_000
const limit = (faults + 6) * 2 * MINUTES

function tell(report: HistoryReport): void {
  const { problems, notes, recoveries, takeOvers, ...counts } = report
  const times = (all: number[]) => {
    const sorted = all.map(Math.round).sort((a, b) => a - b)
    return { count: sorted.length, p50: sorted[sorted.length >> 1], p99: sorted.at(-1) }
  }
  const text = { ...counts, recoveries: times(recoveries), takeOvers: times(takeOvers), problems }
  process.stderr.write(`${JSON.stringify(text)}\n`)
  if (problems.length > 0) process.stderr.write(`${notes.slice(-400).join('\n')}\n`)
}

async function run(options: Omit<HistoryOptions, 'random'>): Promise<HistoryReport> {
  const random = Random.fromEnvironment('HISTORY_SEED')
  const log = (text: string) => void (loud && process.stderr.write(`${text}\n`))
  const report = await runHistory({ ...options, random, log })
  if (loud || report.problems.length > 0) tell(report)
  return report
}

describe.each(modes as HistoryOptions['commit'][])("commit: '%s'", (commit) => {
  const count = commit === 'local' ? Math.ceil(faults / 2) : faults
  withServers(
    'nothing that was acknowledged is lost, and all nodes are the same',
    async () => {
      const report = await run({ faults: count, commit })
      expect(report.problems).toEqual([])
      expect(report.acknowledged).toBeGreaterThan(100)
      expect(report.reads).toBeGreaterThan(0)
    },
    limit,
  )
})

const KILLED = ['the writer is killed', 'the writer is killed, and is back at once']
const DEPOSED = ['the lease is given away', 'the writer is suspended past its lease']

/** What shows each, by which faults it comes out, and how many are tried at a time. */
const PLANTED: [string, string, string[], number, RegExp][] = [
  ['writers that are not fenced', 'fencing', DEPOSED, 4, /and lost|does not see|nodes differ/],
  ['a record that a follower skips', 'skip', KILLED, 2, /nodes differ|lost|does not see/],
  [
    'an acknowledgement before the log has it',
    'early',
    KILLED,
    1,
    /and lost|does not see|has lost what|another log|nodes differ/,
  ],
]
/** Whether a fault comes out is a matter of luck: it must not be each time that it does not. */
const ATTEMPTS = 5

describe('faults that were planted are found', () => {
  for (const [name, planted, only, count, expected] of PLANTED) {
    withServers(
      name,
      async () => {
        let found = ''
        for (let attempt = 0; attempt < ATTEMPTS && !expected.test(found); attempt++) {
          const { problems } = await run({ faults: count, commit: 'replicated', planted, only })
          found = problems.join('\n')
        }
        expect(found).toMatch(expected)
      },
      limit * 2,
    )
  }
})
