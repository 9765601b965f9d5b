/**
 * Continuous backups against a model: the change feed says which rows there were at each token, and a restore at
 * that token, or at a time, must have them.
 *
 *   BACKUP_SEED=5 npx jest test/backup/continuous
 *   BACKUP_MOMENTS=1000 npx jest test/backup/continuous
 */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { backup, backups, directory, restore, startBackups } from 'rocksdb-live/backup'
import { Copy } from '../changes/copies'
import { NAMES, SPECS, Writer } from '../changes/writers'
import { tokenOf } from '../support/changes'
import { openAt, reopen, useTempDirectory } from '../support/database'
import { coded, expectRejection } from '../support/expectations'
import { Random } from '../support/random'
import { allRows, Between, rowsIn } from './support'

const dir = useTempDirectory()
const target = () => directory(dir('target'))

const MOMENTS = Number(process.env['BACKUP_MOMENTS'] ?? 20)
const OPTIONS = { columnFamilies: SPECS, tuning: { changesRetainMb: 256 } } as const

type Change = Parameters<Copy['apply']>[0]

/** The history of a database, from a moment at which it is empty. */
class History {
  readonly changes: Change[] = []
  #reading: Promise<void> | undefined

  constructor(
    readonly names: readonly string[],
    public token: string,
  ) {}

  /** Reads until the change that puts this row into the default family. */
  follow(db: { changes(options: object): AsyncIterable<unknown> }, key: string): Promise<void> {
    this.#reading = this.#follow(db, key)
    return this.#reading
  }

  async #follow(db: { changes(options: object): AsyncIterable<unknown> }, key: string) {
    for await (const change of db.changes({ after: this.token }) as AsyncIterable<Change>) {
      this.changes.push(change)
      this.token = change.token
      const [operation] = change.operations
      if (operation?.type === 'put' && String(operation.key) === key) return
    }
  }

  /** The rows after the last change up to this number. */
  rowsAt(sequence: bigint, changes = this.changes.length): ReturnType<Copy['rows']> {
    const copy = new Copy(this.names)
    copy.families.get('default')?.set('marks the place', 'here')
    for (const change of this.changes.slice(0, changes)) {
      if (change.sequence > sequence) break
      copy.apply(change)
    }
    return copy.rows()
  }
}

async function restoredRows(at: 'latest' | Date | string) {
  const path = dir('restored')
  rmSync(path, { recursive: true, force: true })
  const result = await restore(target(), path, { at })
  return { ...result, rows: await rowsIn(path) }
}

it('a restore has the rows of the moment: at any token, at any time, over reopens', async () => {
  const random = Random.fromEnvironment('BACKUP_SEED')
  let db = await openAt(dir('db'), OPTIONS)
  const history = new History(['default', ...NAMES], await tokenOf(db))
  let stream = await startBackups(db, target(), { everyMs: 1 })
  await stream.flushed()
  const began = Date.now()
  for (let round = 0; round < 4; round++) {
    const writers = ['one', 'two'].map((name) => new Writer(db, random, name).write(500))
    await Promise.all(writers)
    if (random.once(2)) await stream.snapshot()
    if (round % 2 === 0) await stream.flushed()
    await db.default.put(`end ${round}`, '')
    await history.follow(db, `end ${round}`)
    await stream.stop()
    db = await reopen(db, OPTIONS)
    stream = await startBackups(db, target(), { everyMs: 1 })
    expect(stream.status().token).toBeDefined()
  }
  await stream.flushed()
  const { changes } = history
  for (let n = 0; n < MOMENTS; n++) {
    const index = random.below(changes.length)
    const change = changes[index] as Change
    const restored = await restoredRows(change.token)
    expect(restored.sequence).toBe(change.sequence)
    expect(restored.rows).toEqual(history.rowsAt(change.sequence, index + 1))
  }
  const span = Date.now() - began
  for (let n = 0; n < Math.ceil(MOMENTS / 4); n++) {
    const at = new Date(began + random.below(span))
    const restored = await restoredRows(at)
    expect(restored.timeMs).toBeLessThanOrEqual(at.getTime())
    const sequences = changes.map(({ sequence }) => sequence)
    if (sequences.includes(restored.sequence)) {
      // Families that come and go have no number of their own: any of those states is right.
      const states = changes.flatMap(({ sequence }, index) =>
        sequence === restored.sequence ? [history.rowsAt(sequence, index + 1)] : [],
      )
      expect(states).toContainEqual(restored.rows)
    }
  }
  const latest = await restoredRows('latest')
  expect(latest.rows).toEqual(await allRows(db))
  for (const { id } of await backups(target()).list()) {
    expect((await backups(target()).verify(id)).problems).toEqual([])
  }
  await stream.stop()
}, 240_000)

describe('startBackups', () => {
  it('asks for nothing while nothing is written, and once for what is', async () => {
    const db = await openAt(dir('db'), OPTIONS)
    const between = new Between(target())
    await using stream = await startBackups(db, between, { everyMs: 1 })
    await stream.flushed()
    await expectIdle(between)
    const before = between.calls.length
    await db.default.put('k', 'v')
    await stream.flushed()
    expect(between.calls.slice(before).map((call) => call.split(' ')[0])).toEqual(['put'])
    await expectIdle(between)
  })

  it('goes on where it was, without a whole backup, over reopens and crashes of the process', async () => {
    let db = await openAt(dir('db'), OPTIONS)
    const first = await startBackups(db, target())
    await db.default.put('a', '1')
    await first.flushed()
    // As a process that is killed: nobody stops it.
    await db.close()
    expect(first.status().state).toBe('stopped')
    db = await openAt(dir('db'), OPTIONS)
    await db.default.put('b', '2')
    await db.flush()
    await using second = await startBackups(db, target())
    await second.flushed()
    expect(second.status()).toMatchObject({ snapshots: 0, state: 'running', lagMs: 0 })
    expect((await restoredRows('latest')).rows).toEqual(await allRows(db))
  })

  it('makes a whole backup where changes are gone, and never skips', async () => {
    const options = { columnFamilies: SPECS }
    let db = await openAt(dir('db'), options)
    const first = await startBackups(db, target())
    await db.default.put('a', '1')
    await first.flushed()
    await first.stop()
    await db.default.put('b', '2')
    await db.flush()
    db = await reopen(db, options)
    await db.default.put('c', '3')
    await db.flush()
    await using second = await startBackups(db, target())
    await second.flushed()
    expect(second.status().snapshots).toBe(1)
    expect((await restoredRows('latest')).rows).toEqual(await allRows(db))
    const [old] = await backups(target()).moments()
    const { rows } = await restoredRows(new Date(old?.untilMs ?? 0))
    expect(rows['default']).toEqual([['a', '1']])
  })

  it('what is written without the WAL is sent while it goes on', async () => {
    const db = await openAt(dir('db'))
    await using stream = await startBackups(db, target())
    await stream.flushed()
    await db.default.put('k', 'v', { disableWAL: true })
    await stream.flushed()
    expect((await restoredRows('latest')).rows).toEqual({ default: [['k', 'v']] })
  })

  it('pauses, says how far it is behind, and goes on', async () => {
    const db = await openAt(dir('db'), OPTIONS)
    await using stream = await startBackups(db, target(), { everyMs: 1 })
    await stream.flushed()
    stream.pause()
    expect(stream.status().state).toBe('paused')
    await db.default.put('k', 'v')
    const { token } = stream.status()
    const flushed = stream.flushed()
    let done = false
    flushed.then(() => {
      done = true
    })
    for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve))
    expect([done, stream.status().token]).toEqual([false, token])
    stream.resume()
    await flushed
    expect(stream.status().token).not.toBe(token)
  })

  it('flushed takes tokens and signals, and rejects once it has ended', async () => {
    const db = await openAt(dir('db'), OPTIONS)
    const token = await tokenOf(db)
    const stream = await startBackups(db, target())
    await stream.flushed(token)
    await expectRejection(stream.flushed('x'), 'ERR_INVALID_ARGUMENT')
    const aborted = stream.flushed(undefined, { signal: AbortSignal.abort() })
    await expect(aborted).rejects.toEqual(coded('ERR_ABORTED'))
    stream.pause()
    await db.default.put('k', 'v')
    const waits = stream.flushed()
    waits.catch(() => {})
    await db.close()
    await expect(waits).rejects.toEqual(coded('ERR_CLOSED'))
    await expectRejection(stream.flushed(), 'ERR_CLOSED')
    await expectRejection(stream.snapshot(), 'ERR_CLOSED')
    await stream.stop()
  })

  it('keeps what is asked for, and lets the rest go', async () => {
    const db = await openAt(dir('db'), OPTIONS)
    await using stream = await startBackups(db, target(), { keepMs: 1, keep: { last: 2 } })
    for (let n = 0; n < 5; n++) {
      await db.default.put('k', String(n))
      await stream.flushed()
      await stream.snapshot()
    }
    await db.default.put('k', 'end')
    await stream.flushed()
    expect((await backups(target()).list()).length).toBeLessThanOrEqual(3)
    expect((await restoredRows('latest')).rows).toEqual({
      ...(await allRows(db)),
    })
    const one = await backup(db, target())
    await db.default.put('k', 'after')
    await stream.flushed()
    expect((await restoredRows('latest')).rows['default']).toEqual([['k', 'after']])
    expect((await restoredRows(one.id)).rows['default']).toEqual([['k', 'end']])
  })

  it('verify names segments that are flipped, cut or missing', async () => {
    const db = await openAt(dir('db'), OPTIONS)
    await using stream = await startBackups(db, target(), { everyMs: 1 })
    for (let n = 0; n < 4; n++) {
      await db.default.put(`k${n}`, 'v')
      await stream.flushed()
    }
    const [entry] = await backups(target()).list()
    const id = entry?.id as string
    expect((await backups(target()).verify(id)).problems).toEqual([])
    const folder = dir('target', 'wal', entry?.epoch as string, '000000000000')
    const names = readdirSync(folder).sort()
    expect(names.length).toBeGreaterThan(4)
    const path = join(folder, names[2] as string)
    const bytes = readFileSync(path)
    const flipped = Buffer.from(bytes)
    flipped[bytes.length - 1] = (bytes.at(-1) as number) ^ 1
    for (const harmed of [flipped, bytes.subarray(0, -1), undefined]) {
      if (harmed === undefined) rmSync(path)
      else writeFileSync(path, harmed)
      const { problems } = await backups(target()).verify(id)
      expect(problems.map(({ key }) => key.endsWith(names[2] as string))).toEqual([true])
      await expectRejection(restore(target(), dir('restored')), 'ERR_BACKUP_DAMAGED', names[2])
    }
    writeFileSync(path, bytes)
    const first = join(folder, names[1] as string)
    renameSync(first, dir('away'))
    await expectRejection(restore(target(), dir('restored')), 'ERR_BACKUP_DAMAGED', names[1])
    renameSync(dir('away'), first)
    await restore(target(), dir('restored'))
  })

  it('refuses readers, memory, and targets without conditions', async () => {
    const db = await openAt(dir('db'), OPTIONS)
    const reader = await openAt(dir('db'), { mode: 'read-only' })
    await expectRejection(startBackups(reader, target()), 'ERR_NOT_SUPPORTED')
    const secondary = await openAt(dir('db'), { mode: { secondary: dir('secondary') } })
    await expectRejection(startBackups(secondary, target()), 'ERR_NOT_SUPPORTED', 'secondary')
    const between = new Between(target(), { conditional: false })
    await expectRejection(startBackups(db, between), 'ERR_NOT_SUPPORTED', 'exclusive: true')
    await using stream = await startBackups(db, between, { exclusive: true })
    await db.default.put('k', 'v')
    await stream.flushed()
    expect((await restoredRows('latest')).rows['default']).toEqual([['k', 'v']])
  })
})

/** Nothing is asked for in some turns and milliseconds. */
async function expectIdle(between: Between) {
  const before = between.calls.length
  for (let n = 0; n < 50; n++) await new Promise((resolve) => setTimeout(resolve, 1))
  expect(between.calls.slice(before)).toEqual([])
}
