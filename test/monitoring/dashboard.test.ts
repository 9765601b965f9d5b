/**
 * The Grafana dashboard: up to date, complete, and every expression parses and uses exported
 * series.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { directory, startBackups } from 'rocksdb-live/backup'
import { collectMetrics } from 'rocksdb-live/metrics'
import { openReplica } from 'rocksdb-live/replica'
import { METRICS } from '../../lib/metrics/catalog'
import { MemoryTarget } from '../backup/memory-target'
import { openFresh, track, useTempDirectory } from '../support/database'
import { root } from '../support/documents'
import { MemoryLog } from '../support/memory-log'
import { promtool, read, SERIES, seriesIn, withPrometheus } from './support'

const path = useTempDirectory()

interface Target {
  expr: string
  refId: string
  datasource: { uid: string }
}

interface Panel {
  id: number
  type: string
  title: string
  description?: string
  gridPos: { x: number; y: number; w: number; h: number }
  targets?: Target[]
}

const dashboard = JSON.parse(read('grafana-dashboard.json'))
const panels: Panel[] = dashboard.panels
const graphs = panels.filter(({ type }) => type !== 'row')
const targets = graphs.flatMap(({ targets = [] }) => targets)
const expressions = [...new Set(targets.map(({ expr }) => expr))]

/** As Grafana fills it in. */
const filled = (expr: string) =>
  expr.replaceAll('$__rate_interval', '5m').replaceAll('$job', '.*').replaceAll('$db', '.*')

it('is what the generator makes', () => {
  const script = join(root, 'scripts', 'generate-dashboard.mjs')
  execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })
})

it('begins with the four that every deployment has', () => {
  const first = graphs.slice(0, 4).map(({ targets }) => targets?.[0]?.expr ?? '')
  for (const [index, name] of [
    'size_bytes',
    'write_batch_ms',
    'compaction_jobs',
    'wal_synced_total',
  ].entries()) {
    expect(first[index]).toContain(`node_db_${name}`)
  }
})

it('has variables for the data source, the job and the database, and each query heeds them', () => {
  const variables: { name: string; type: string; query: unknown }[] = dashboard.templating.list
  expect(variables.map(({ name, type }) => [name, type])).toEqual([
    ['datasource', 'datasource'],
    ['job', 'query'],
    ['db', 'query'],
  ])
  for (const { expr, datasource } of targets) {
    expect(datasource.uid).toBe('$datasource')
    const selectors = expr.match(/node_db_\w+\{[^}]*\}/g) ?? []
    expect(selectors.length).toBe(expr.match(/node_db_/g)?.length)
    for (const selector of selectors) expect(selector).toContain('{job=~"$job", db=~"$db"')
  }
})

it('has panels with ids, titles and texts of their own, none over another', () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  expect(new Set(graphs.map(({ title }) => title)).size).toBe(graphs.length)
  for (const { title, description, targets = [] } of graphs) {
    expect([title, description]).toEqual([title, expect.stringMatching(/\.$/)])
    expect(targets.map(({ refId }) => refId)).toEqual(['A', 'B', 'C'].slice(0, targets.length))
  }
  const taken = new Set<string>()
  for (const { gridPos, title } of panels) {
    const { x, y, w, h } = gridPos
    expect([title, x + w <= 24]).toEqual([title, true])
    for (let column = x; column < x + w; column++) {
      for (let line = y; line < y + h; line++) {
        expect([title, taken.has(`${column},${line}`)]).toEqual([title, false])
        taken.add(`${column},${line}`)
      }
    }
  }
})

it('draws every metric', () => {
  const drawn = new Set(seriesIn(expressions.join(' ')))
  expect([...drawn].filter((name) => !SERIES.has(name))).toEqual([])
  const missing = METRICS.filter(({ name, type }) => {
    const full = `node_db_${name}`
    return !drawn.has(type === 'histogram' ? `${full}_bucket` : full)
  })
  expect(missing.map(({ name }) => name)).toEqual([])
})

it('asks for series that a database exports', async () => {
  const register = new Registry()
  const db = await openFresh({
    tuning: { statistics: true, changesRetainMb: 1 },
    columnFamilies: { users: {} },
  })
  await db.retainChanges('search')
  const backups = await startBackups(db, directory(path('target')))
  await backups.flushed()
  collectMetrics(db, { register, readLatency: true })
  await db.default.put('key', 'value', { sync: true })
  await db.flush()
  await db.default.get('key')
  const node = track(
    await openReplica(path('node'), {
      log: new MemoryLog('dashboard'),
      snapshots: new MemoryTarget(),
    }),
  )
  await node.snapshot()
  collectMetrics(node, { register, groups: ['replica'] })
  const exported = new Set(
    [...(await register.metrics()).matchAll(/^(\w+)[{ ]/gm)].map(([, name]) => name),
  )
  const missing = seriesIn(expressions.join(' ')).filter((name) => !exported.has(name))
  expect(missing).toEqual([])
  await backups.stop()
})

withPrometheus('has expressions that Prometheus parses', () => {
  const rules = expressions.map((expr, index) => ({ record: `panel:${index}`, expr: filled(expr) }))
  const file = path('dashboard.json')
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }))
  expect(promtool('check', 'rules', file)).toContain(`SUCCESS: ${rules.length} rules found`)
  writeFileSync(
    file,
    JSON.stringify({ groups: [{ name: 'x', rules: [{ record: 'x', expr: 'sum(' }] }] }),
  )
  expect(() => promtool('check', 'rules', file)).toThrow('could not parse expression')
})
