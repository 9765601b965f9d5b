/**
 * A real Prometheus on loopback scrapes a service under load: its series must match the service's
 * own counts.
 */
import { Program, useDirectory } from '../lifecycle/children'
import { eventually } from '../support/tools'
import { Prometheus, withPrometheus } from './support'

const path = useDirectory()

interface Known {
  writes: number
  synced: number
  slowest: number
  size: number
}

let prometheus: Prometheus | undefined
afterEach(async () => {
  await prometheus?.stop()
  prometheus = undefined
})

/** Waits until a query returns a wanted value. */
function value(expr: string, wanted: (value: number | undefined) => boolean): Promise<unknown> {
  let seen: unknown
  return eventually(
    expr,
    async () => {
      const { shop } = (await prometheus?.query(expr)) ?? {}
      seen = shop
      return wanted(shop) ? { shop } : undefined
    },
    () => `It was ${seen} at last`,
  )
}

withPrometheus(
  'holds the four',
  async () => {
    const program = new Program('exporter', [path('db')])
    const [, url] = await program.waitFor('serving')
    prometheus = await Prometheus.start(path(), new URL(url as string).host)

    // While it writes.
    await value('node_db_size_bytes', (bytes = 0) => bytes > 0)
    await value('rate(node_db_write_batch_ms_count[5s])', (rate = 0) => rate > 0)
    await value('rate(node_db_wal_synced_total[5s])', (rate = 0) => rate > 0)

    program.send('stop')
    const known = (await program.waitFor('known'))[1] as Known
    const { writes, synced, slowest, size } = known
    expect(synced).toBeGreaterThan(0)
    await value('node_db_write_batch_ms_count', (count) => count === writes)
    await value('node_db_write_batch_ms_bucket{le="+Inf"}', (count) => count === writes)
    await value('node_db_wal_synced_total', (count) => count === synced)
    await value('node_db_wal_writes_total', (count) => count === writes)
    await value('node_db_compaction_jobs', (jobs) => jobs === 0)
    await value('node_db_size_bytes', (bytes = 0) => Math.abs(bytes - size) <= size / 100)

    const quantile = 'histogram_quantile(1, sum by (db, le) (node_db_write_batch_ms_bucket))'
    const bounds = [1, 5, 10, 50, 100, 500, 1000]
    const bound = bounds.find((one) => one >= slowest) ?? Number.POSITIVE_INFINITY
    await value(quantile, (ms = Number.NaN) => ms > 0 && ms <= bound)
    await value('node_db_write_batch_ms_sum', (sum = 0) => sum > 0 && sum <= writes * slowest)

    // The shipped rules load, and none fires for a healthy service.
    const { groups } = await prometheus.get<{ groups: { rules: { health: string }[] }[] }>('rules')
    expect(groups.flatMap(({ rules }) => rules).every(({ health }) => health === 'ok')).toBe(true)
    expect((await prometheus.get<{ alerts: unknown[] }>('alerts')).alerts).toEqual([])

    // A closed database has no series.
    program.send('close')
    await program.waitFor('closed')
    await value('node_db_size_bytes', (bytes) => bytes === undefined)
    program.goOn()
    expect(await program.ended).toMatchObject({ code: 0, signal: null, stderr: '' })
  },
  90_000,
)
