/** Metrics of continuous backups: what they say, and for how long they are there. */
import { Registry } from 'prom-client'
import { type BackupTarget, directory, startBackups } from 'rocksdb-live/backup'
import { collectMetrics, METRICS } from 'rocksdb-live/metrics'
import { openFresh, useTempDirectory } from '../support/database'
import { eventually } from '../support/tools'
import { linesOf, scrape, sumOf } from './support'

const dir = useTempDirectory()
const NAMES = METRICS.filter(({ group }) => group === 'backup').map(({ name }) => `node_db_${name}`)

async function open() {
  const register = new Registry()
  const db = await openFresh({ tuning: { changesRetainMb: 16 } })
  collectMetrics(db, { register, groups: ['backup'] })
  return { db, register }
}

it('has no series without continuous backups, nor after they were stopped', async () => {
  const { db, register } = await open()
  expect(await scrape(register)).toEqual([])
  const stream = await startBackups(db, directory(dir('target')))
  expect(await scrape(register)).not.toEqual([])
  await stream.stop()
  expect(await scrape(register)).toEqual([])
})

it('says what status() says, for each target by its name', async () => {
  const { db, register } = await open()
  const targets = [directory(dir('one')), directory(dir('two'))]
  const streams = await Promise.all(targets.map((target) => startBackups(db, target)))
  try {
    await db.default.put('key', 'value')
    for (const stream of streams) await stream.flushed()
    const lines = await scrape(register)
    expect(new Set(lines.map(({ name }) => name))).toEqual(new Set(NAMES))
    expect(lines).toHaveLength(NAMES.length * targets.length)
    for (const stream of streams) {
      const target = stream.target.name
      const status = stream.status()
      const value = (name: string) => sumOf(lines, `node_db_backup_${name}`, { target })
      expect(value('state')).toBe(1)
      expect(value('snapshots_total')).toBe(1)
      expect(value('segments_total')).toBe(status.segments)
      expect(value('segments_total')).toBeGreaterThan(0)
      expect(value('copied_bytes_total')).toBe(status.bytesCopied)
      expect(value('failures_total')).toBe(0)
      expect(value('snapshot_timestamp_seconds')).toBe((status.lastSnapshot?.timeMs ?? 0) / 1000)
      const newest = value('newest_restorable_timestamp_seconds')
      expect(newest).toBeGreaterThanOrEqual(value('oldest_restorable_timestamp_seconds'))
      expect(newest).toBeLessThanOrEqual((status.newestRestorable ?? 0) / 1000)
    }
  } finally {
    await Promise.all(streams.map((stream) => stream.stop()))
  }
})

it('counts failures, and says that it fails', async () => {
  const { db, register } = await open()
  const inner = directory(dir('target'))
  let broken = false
  const target: BackupTarget = {
    name: 'sometimes away',
    conditional: true,
    put: (key, body, options) =>
      broken ? Promise.reject(new Error('away')) : inner.put(key, body, options),
    get: (key, options) => inner.get(key, options),
    list: (prefix, options) => inner.list(prefix, options),
    delete: (key, options) => inner.delete(key, options),
    head: (key, options) => inner.head(key, options),
  }
  const stream = await startBackups(db, target, { everyMs: 1 })
  await stream.flushed()
  broken = true
  await db.default.put('key', 'value')
  const labels = { target: 'sometimes away' }
  await eventually('a failure', async () => {
    const lines = await scrape(register)
    const failures = sumOf(lines, 'node_db_backup_failures_total', labels)
    return failures > 0 && sumOf(lines, 'node_db_backup_state', labels) === 4 ? true : undefined
  })
  broken = false
  await stream.stop()
})

it('goes on telling of backups that were fenced, until others begin in their place', async () => {
  const { db, register } = await open()
  const target = directory(dir('target'))
  const first = await startBackups(db, target, { everyMs: 1 })
  await first.flushed()
  const copy = await openFresh({ tuning: { changesRetainMb: 16 } })
  await expect(startBackups(copy, target)).rejects.toMatchObject({ code: 'ERR_BACKUP_MISMATCH' })
  const second = await startBackups(db, target, { everyMs: 1 })
  await db.default.put('key', 'value')
  await eventually('fenced', () => (first.status().state === 'fenced' ? true : undefined))
  await second.flushed()
  const states = linesOf(await scrape(register), 'node_db_backup_state')
  expect(states.map(({ value }) => value)).toEqual([1])
  await second.stop()
  expect(await scrape(register)).toEqual([])
})
