/** The descriptors of a process, shared by its open databases. */
import { where } from '../support/tools'
import { last, runWell, useDirectory } from './children'

const path = useDirectory()
/** With so few, half are left to the rest of the process. */
const LIMIT = 512
const under = ['sh', '-c', `ulimit -n ${LIMIT}; exec "$@"`, 'sh']
const unix = where(process.platform !== 'win32', 'ulimit -n is of Unix')
const linux = where(process.platform === 'linux', 'descriptors are counted in /proc')

describe("maxOpenFiles 'auto'", () => {
  unix('shares three quarters of the descriptors, whoever comes and goes', async () => {
    const said = await runWell('open-files', [path(), 'shares'], { under })
    const shares = said.filter(([word]) => word === 'shares').map(([, ...files]) => files)
    expect(shares).toEqual([
      [256],
      [128, 128],
      [64, 64, 64, 64],
      [52, 52, 100, 52],
      [64, 64, 64, 64],
      [128, 128],
      [96, 96, 64],
      // A reader holds the tables of its state, whatever others do.
      [96, 96, 64, -1],
      [256],
      [256],
    ])
    for (const files of shares as number[][]) {
      expect(files.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(256)
    }
    expect(last(said, 'entry')).toMatchObject({
      value: 256,
      given: 'auto',
      reason: `the process may have ${LIMIT} descriptors, which its open databases share`,
      rocksdb: { text: '256', inForce: '256' },
    })
  })

  linux('keeps four databases of many tables each below the limit', async () => {
    const said = await runWell('open-files', [path(), 'tables'], { under })
    const [, rows, descriptors, health] = said[0] ?? []
    expect({ rows, health }).toEqual({ rows: 4 * 130, health: ['ok', 'ok', 'ok', 'ok'] })
    expect(descriptors).toBeLessThan(LIMIT)
  })
})
