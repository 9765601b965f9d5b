/** Worker threads: terminated, sharing a database, ending in different ways. */
import { last, runWell, seedOfRun, useDirectory } from './children'

const TERMINATIONS = 200
const path = useDirectory()

describe('worker threads', () => {
  it(`die ${TERMINATIONS} times in the middle of their work and lose nothing`, async () => {
    const seed = seedOfRun()
    const said = await runWell('terminate', [path('db'), TERMINATIONS, seed])
    const [, started, acknowledged, lost] = said.find(([word]) => word === 'terminated') ?? []
    expect({ seed, started, lost }).toEqual({ seed, started: TERMINATIONS, lost: [] })
    expect(acknowledged).toBeGreaterThan(TERMINATIONS / 10)
  }, 120_000)

  it('share one database, and each may end as it likes', async () => {
    const said = await runWell('threads', [path('db')])
    expect(said).toEqual([
      ['rows', 5 * 300 + 1],
      [
        'ended',
        [
          { end: 'close', code: 0 },
          { end: 'exit', code: 3 },
          { end: 'throw', code: 1, failure: 'on purpose' },
          { end: 'leave open', code: 0 },
          { end: 'close and use', code: 0 },
        ],
      ],
      ['used after close', 'ERR_CLOSED'],
      ['rows', 6 * 300 + 1],
      ['rows', 6 * 300 + 1],
    ])
  })

  it('go on where the main thread closes', async () => {
    const said = await runWell('threads', [path('db'), 'closed in main'])
    expect(last(said, 'used after close')).toBe('ERR_CLOSED')
    expect(last(said, 'ended')).toEqual([
      { end: 'close', code: 0 },
      { end: 'close', code: 0 },
    ])
  })
})
