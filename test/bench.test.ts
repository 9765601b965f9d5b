/** The benchmark itself: that every row has figures, and that C++ and JavaScript work on the same data. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(__dirname, '..')
const limit = join(root, 'build-cmake', `${process.platform}-${process.arch}`, 'bench_limit')
const hasLimit = existsSync(limit)

interface Figure {
  ops?: number
  ns?: number
  value?: number
  missing?: string
}

interface Report {
  summary: { id: string; unit: string; cells: Record<string, { value?: { median: number } }> }[]
  results: Record<string, Record<string, Figure[]>>
}

let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'rocksdb-live-bench-test-'))
  if (!hasLimit) {
    console.warn(
      'SKIPPED: no native limit (node scripts/build-native.mjs --target bench_limit), the ' +
        'benchmark was tested without it',
    )
  }
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

function runNode(args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', stdio: 'pipe' })
}

function runBench(args: string[]): Report {
  const json = join(directory, 'figures.json')
  const engines = hasLimit ? 'limit,rocksdb-live' : 'rocksdb-live'
  const common = ['--engines', engines, '--dir', directory, '--json', json, '--repeats', '1']
  runNode([join('bench', 'run.mjs'), ...common, ...args])
  return JSON.parse(readFileSync(json, 'utf8')) as Report
}

test('every row of the table has figures, and the plot shows them', () => {
  const svg = join(directory, 'plot.svg')
  const { summary, results } = runBench(['--set', 'table', '--n', '2000', '--svg', svg])
  expect(summary.length).toBeGreaterThan(25)
  for (const { id, cells } of summary) {
    const median = cells['rocksdb-live']?.value?.median
    expect([id, typeof median]).toEqual([id, 'number'])
    // Two thousand rows may fit the memory that the process has already.
    if (id !== 'memory') expect([id, Number(median) > 0]).toEqual([id, true])
  }
  if (hasLimit) {
    const rows = Object.entries(results['limit'] ?? {})
    expect(rows.length).toBeGreaterThan(20)
    for (const [id, [figure]] of rows) {
      expect([id, (figure?.ns ?? 0) > 0 || (figure?.value ?? 0) !== 0]).toEqual([id, true])
    }
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg .*rocksdb-live: \d\.\d\d of the limit/s)
  }
}, 120_000)

test('reads of workers, codecs and cold files are right', () => {
  const workloads = 'workers-read-2,workers-write-2,utf8-get,json-get,json-fill,cold-get-awaited'
  const { summary } = runBench(['--workloads', workloads, '--n', '500'])
  const figures = summary.map(({ id, cells }) => [id, cells['rocksdb-live']?.value !== undefined])
  expect(figures).toEqual(workloads.split(',').map((id) => [id, true]))
}, 60_000)

test('C++ and JavaScript make the same keys, values and orders', () => {
  const program = `import('./bench/support/data.mjs').then((m) => console.log(m.selfCheck(3000)))`
  const checksum = runNode(['-e', program]).trim()
  expect(checksum).toMatch(/^[0-9a-f]{8}$/)
  expect(checksum).not.toBe(runNode(['-e', program.replace('3000', '2999')]).trim())
  if (!hasLimit) return
  expect(execFileSync(limit, ['--self-check', '3000'], { encoding: 'utf8' }).trim()).toBe(checksum)
})

test('a workload that is not there is refused by name', () => {
  const args = [join('bench', 'run.mjs'), '--workloads', 'fill-sideways']
  expect(() => runNode(args)).toThrow(/no workload fill-sideways/)
})
