/** The benchmark itself: every row has figures, and C++ and JavaScript work on the same data. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(__dirname, '..', '..')
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
    // Two thousand rows may fit into memory that the process already has.
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

test('reads of workers, codecs, cold files and reverse scans are right, and sync transfers', () => {
  const workloads =
    'workers-read-2,workers-write-2,utf8-get,json-get,json-fill,tuple-get,tuple-put,cold-get-awaited,' +
    'scan-pages-reverse-async,scan-entries-reverse-async,transfers-sync-high,put-again-awaited'
  const { summary } = runBench(['--workloads', workloads, '--n', '500'])
  const figures = summary.map(({ id, cells }) => [id, cells['rocksdb-live']?.value !== undefined])
  expect(figures).toEqual(workloads.split(',').map((id) => [id, true]))
}, 60_000)

test('transfers that lose money, and a step that is refused, end the row', () => {
  const run = (kind: string, methods: string) => {
    const program = `Promise.all(['accounts', 'kinds', 'data'].map((name) => import('./bench/support/' + name + '.mjs')))
      .then(async ([{ addTo, timedAccounts }, { freshKinds }, { Values }]) => {
        const rows = new Map()
        const db = {
          writeBatch(keys, values) {
            for (const [i, key] of keys.entries()) rows.set(key.toString(), Buffer.from(values[i]))
          },
          getSync: (key) => rows.get(key.toString()),
          ${methods}
        }
        const { ops } = await timedAccounts({ values: new Values(100) }, db, freshKinds['${kind}'], 3000)
        console.log(ops)
      })`
    return () => runNode(['-e', program]).trim()
  }
  const source = 'addTo(rows.get(from.toString()), -amount)'
  const target = 'addTo(rows.get(to.toString()), amount)'
  const whole = `transferSync(from, to, amount) { ${source}; ${target} },`
  expect(run('transfers-sync-high', whole)()).toBe('3000')
  const half = `async transfer(from, to, amount) { ${source} },`
  expect(run('transfers-8-low', half)).toThrow(/the balances add up to 999997000/)
  const compare = (same: boolean) =>
    `compareAndWriteSync(key, current, next) {
      const is = rows.get(key.toString()).equals(current)
      rows.set(key.toString(), next)
      return is === ${same}
    },`
  expect(run('compare-and-write-sync', compare(true))()).toBe('3000')
  expect(run('compare-and-write-sync', compare(false))).toThrow(/3000 steps found another value/)
}, 60_000)

test('C++ and JavaScript make the same keys, values and orders', () => {
  const program = `import('./bench/support/data.mjs').then((m) => console.log(m.selfCheck(3000)))`
  const checksum = runNode(['-e', program]).trim()
  expect(checksum).toMatch(/^[0-9a-f]{8}$/)
  expect(checksum).not.toBe(runNode(['-e', program.replace('3000', '2999')]).trim())
  if (!hasLimit) return
  expect(execFileSync(limit, ['--self-check', '3000'], { encoding: 'utf8' }).trim()).toBe(checksum)
})

/**
 * Evaluates an expression in a module that imports everything of `bench/support/<name>.mjs` as `m`.
 */
function evaluate(name: string, expression: string): unknown {
  const program = `import('./bench/support/${name}.mjs').then((m) => console.log(JSON.stringify(${expression})))`
  return JSON.parse(runNode(['-e', program]))
}

test('the guard sees a ratio that fell by more than its spread, and a row that one side lacks', () => {
  const committed = {
    steady: { ratio: 0.8, spread: 0.1 },
    fell: { ratio: 0.8, spread: 0.1 },
    gone: { ratio: 0.8, spread: 0.1 },
  }
  const measured = {
    steady: { ratio: 0.73, spread: 0.2 },
    fell: { ratio: 0.71, spread: 0.2 },
    new: { ratio: 0.9, spread: 0.2 },
  }
  const both = `${JSON.stringify(measured)}, ${JSON.stringify(committed)}`
  const { lines, fallen } = evaluate('ratios', `m.compareRatios(${both})`) as {
    lines: string[]
    fallen: string[]
  }
  expect(fallen.sort()).toEqual(['fell', 'gone', 'new'])
  expect(lines.join('\n')).toMatch(/^fell +0\.71 ±20 % +was 0\.80, at least 0\.72 {2}FELL$/m)
})

test('a peer is ahead only where its lead is larger than the spread', () => {
  const figures = (rates: number[]) => rates.map((ops) => ({ ops, ns: 1e9 }))
  const results = {
    'rocksdb-live': { 'get-sync': figures([100, 100, 100]) },
    steady: { 'get-sync': figures([129, 130, 131]) },
    noisy: { 'get-sync': figures([90, 130, 170]) },
  }
  const engines = JSON.stringify(Object.keys(results))
  const program = `import('./bench/support/workloads.mjs').then(({ rowById }) =>
    import('./bench/support/summary.mjs').then(({ summaryOf }) => {
      const [row] = summaryOf(${JSON.stringify(results)}, [rowById('get-sync')], ${engines})
      console.log(JSON.stringify(row.ahead))
    }))`
  const ahead = JSON.parse(runNode(['-e', program])) as { engineId: string; median: number }[]
  expect(ahead.map(({ engineId, median }) => [engineId, median])).toEqual([['steady', 1.3]])
})

test('options that the limit does not have end the run', () => {
  const check = (shared: Record<string, string>) => {
    const program = `import('./bench/support/settings.mjs').then(({ BASE, checkOptions }) => {
      const both = { db: {}, columnFamily: {}, table: {}, shared: {} }
      const ours = { ...both, shared: ${JSON.stringify(shared)} }
      checkOptions('a group', { ...BASE, preset: 'default' }, { limit: both, ours })
    })`
    return () => runNode(['-e', program])
  }
  expect(check({ stats_level: '-1', allow_stall: 'false' })).not.toThrow()
  expect(check({ allow_stall: 'true' })).toThrow(/allow_stall: true, false/)
  expect(check({ a_new_one: '1' })).toThrow(/shared\.a_new_one/)
})

test('a wrong command line is refused in one line', () => {
  const refused = (args: string[], message: RegExp) => {
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
    expect([status, stderr.trim()]).toEqual([2, expect.stringMatching(message)])
    expect(stderr.trim()).not.toContain('\n')
  }
  const run = join('bench', 'run.mjs')
  refused(
    [run, '--workloads', 'fill-sideways'],
    /^no workload fill-sideways; there are fill-seq-1000,/,
  )
  refused([run, '--engines', 'leveldown'], /^no engine leveldown; there are limit, rocksdb-live/)
  refused([run, '--n', '1e99'], /^--n must be a whole number from 1 to/)
  refused([run, '--sets', 'all'], /--sets/)
  refused([join('bench', 'guard.mjs'), '--repeats', '2'], /^--repeats must be .* from 3/)
})
