/**
 * Short forms of `npm run torture`: some cases of each section, by a seed that is told. The long forms and their
 * figures are in docs/reliability.md.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from 'rocksdb-live'
import { openAt, useTempDirectory } from '../support/database'
import { coded } from '../support/expectations'

const dir = useTempDirectory()
const run = join(__dirname, 'run.mjs')

/** What a gate says of a commit, it says again; elsewhere each run does something else. */
const SEED = process.env['SEED'] ?? (process.env['CI'] ? '25' : String(Date.now() % 1_000_000_007))

/** Loop devices cannot be installed: a machine has them, or has not. */
const MAY_LACK = ['power']

/** The report of a section, which must find nothing. */
function torture(section: string, times: number, ...args: string[]) {
  const seed = SEED
  const given = [section, '--times', String(times), '--seed', seed, '--json', ...args]
  const { stdout, stderr } = spawnSync(process.execPath, [run, ...given], { encoding: 'utf8' })
  expect({ seed, reported: stdout !== '', stderr }).toMatchObject({ reported: true })
  const report = JSON.parse(stdout)
  if (report.skipped) console.warn(`SKIPPED: ${report.skipped}`)
  expect({ seed, bad: report.bad }).toEqual({ seed, bad: [] })
  if (process.env['CI'] && !MAY_LACK.includes(section)) expect(report.skipped).toBeUndefined()
  return report
}

it('loses nothing where it is killed at random under load', () => {
  const { kills, acknowledged } = torture('kills', 40)
  expect(kills).toBe(40)
  expect(acknowledged).toBeGreaterThan(40)
}, 180_000)

it('loses nothing where it is killed at a call of the file system', () => {
  const { kills, skipped } = torture('kill-calls', 15)
  if (!skipped) expect(kills).toBeGreaterThan(10)
}, 180_000)

it('says what failed where a call of the file system fails, and loses nothing', () => {
  const { faults, skipped } = torture('fail-calls', 25)
  if (!skipped) expect(faults).toBeGreaterThan(15)
}, 180_000)

it('gives no wrong row of damaged files, and says where one is missing', () => {
  const { damaged, refused } = torture('damage', 80)
  expect(damaged).toBe(80)
  expect(refused).toBeGreaterThan(10)
}, 180_000)

it('keeps what was synced where the power goes', () => {
  const { openings, skipped } = torture('power', 10)
  if (!skipped) expect(openings).toBeGreaterThan(10)
}, 180_000)

it('tells of a section that is not there, and of a number that is none', () => {
  const status = (...args: string[]) => spawnSync(process.execPath, [run, ...args]).status
  expect(status('nothing')).toBe(2)
  expect(status('kills', '--times', 'many')).toBe(2)
})

describe('a destruction that was ended', () => {
  /** A database that lacks the first file that goes, with the mark or without. */
  async function halfDestroyed(marked: boolean) {
    const db = await openAt(dir('db'))
    await db.default.put('key', 'value')
    await db.flush()
    await db.close()
    expect(readFileSync(dir('db', 'CURRENT'), 'utf8')).toMatch(/^MANIFEST/)
    rmSync(dir('db', 'CURRENT'))
    if (marked) writeFileSync(dir('db', 'rocksdb-live.destroying'), dir('db'))
  }

  it('can be gone on with', async () => {
    await halfDestroyed(true)
    await expect(openAt(dir('db'))).rejects.toEqual(coded('ERR_CORRUPTION'))
    await Database.destroy(dir('db'))
    expect(existsSync(dir('db'))).toBe(false)
  })

  it('is not taken for one that lost its CURRENT', async () => {
    await halfDestroyed(false)
    await expect(Database.destroy(dir('db'))).rejects.toEqual(coded('ERR_CORRUPTION'))
    expect(existsSync(dir('db'))).toBe(true)
  })
})
