/** Whoever keeps few of many rows keeps little memory. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { useTempDirectory } from '../support/database'

const dir = useTempDirectory()

it.each([100, 4000, 20_000])(
  '200 rows of 8,000 with values of %i bytes',
  (size) => {
    const program = join(__dirname, 'programs', 'keeps.cjs')
    const ran = spawnSync(process.execPath, ['--expose-gc', program, dir('db'), String(size)], {
      encoding: 'utf8',
    })
    expect(ran).toMatchObject({ status: 0, stderr: '' })
    const bytes = JSON.parse(ran.stdout) as Record<string, [number, number]>
    expect(Object.keys(bytes)).toHaveLength(9)
    for (const [way, [kept, held]] of Object.entries(bytes)) {
      expect(kept).toBe(200)
      // Besides the values themselves, where a value is what is kept.
      expect({ way, few: held < 8 * 2 ** 20 + 200 * size || held }).toEqual({ way, few: true })
    }
  },
  60_000,
)
