/** The raw addon, below the checks of `lib/`: it must never crash, and exports two symbols. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROUNDS = 40_000
const load = require('node-gyp-build') as { path(directory: string): string }

let directory: string
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'rocksdb-live-')))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

describe('the raw addon', () => {
  it('answers every hostile call with a typed error, or at all, and goes on', () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000_007)
    const program = join(__dirname, 'programs', 'boundary.cjs')
    const args = JSON.stringify([directory, seed, ROUNDS])
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [program, args], {
      encoding: 'utf8',
    })
    expect({ seed, status, signal, stderr }).toEqual({ seed, status: 0, signal: null, stderr: '' })
    const { counts, untyped, found, codes, names } = JSON.parse(stdout)
    expect({ seed, untyped }).toEqual({ seed, untyped: [] })
    expect(found).toBe(true)
    // Closed: functions that release something are no error.
    expect(codes).toEqual(['ERR_CLOSED'])
    expect(counts.thrown).toBeGreaterThan(ROUNDS / 4)
    expect(counts.returned).toBeGreaterThan(ROUNDS / 20)
    expect(names.length).toBeGreaterThan(30)
  }, 60_000)

  const nm = spawnSync('nm', ['--version']).status === 0
  if (!nm) console.warn('SKIPPED: the symbols of the addon need nm (Debian: binutils)')
  const withNm = nm || process.env['CI'] ? it : it.skip
  withNm('exports the two registration symbols, and nothing else', () => {
    const addon = load.path(join(__dirname, '../..'))
    const { stdout } = spawnSync('nm', ['-D', '--defined-only', addon], { encoding: 'utf8' })
    const symbols = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+/).at(-1))
    expect(symbols.sort()).toEqual([
      'napi_register_module_v1',
      'node_api_module_get_api_version_v1',
    ])
  })
})
