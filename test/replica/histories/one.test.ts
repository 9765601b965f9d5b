import { Random } from '../../support/random'
import { runHistory } from './history'

test('one', async () => {
  const only = (process.env['ONLY'] ?? '').split(';')
  const report = await runHistory({
    faults: Number(process.env['N'] ?? 2),
    random: new Random(Number(process.env['SEED'] ?? 1)),
    commit: (process.env['COMMIT'] ?? 'replicated') as 'local',
    only,
    planted: process.env['PLANTED'] ?? 'none',
    log: (t) => process.stderr.write(`${t}\n`),
  })
  process.stderr.write(
    `${report.notes.slice(-300).join('\n')}\n${JSON.stringify({ ...report, notes: 0 })}\n`,
  )
  expect(report.problems).toEqual([])
}, 300_000)
