/**
 * Processes that are killed while they are backed up: what was flushed is in the target, whole, up to one moment.
 * The machine is lost at times, and the restored database goes on.
 *
 *   npm run test:backup -- --kills 100 [--every 1000]
 */
import { rmSync } from 'node:fs'
import { backups, directory, restore } from 'rocksdb-live/backup'
import { Program, useDirectory } from '../lifecycle/children'
import { openAt } from '../support/database'
import { Random } from '../support/random'

const dir = useDirectory()

const KILLS = Number(process.env['BACKUP_KILLS'] ?? 4)
const EVERY_MS = Number(process.env['BACKUP_EVERY_MS'] ?? 50)

/** What a database has: the number of its last row, and when that was written. */
async function lastIn(path: string): Promise<{ last: number; twin: number; writtenMs: number }> {
  const db = await openAt(path, { mode: 'read-only' })
  const text = async (key: string) => String((await db.default.get(key)) ?? '')
  const twin = Number((await db.columnFamily('twin').get('last')) ?? -1)
  const [number = '-1', time = '0'] = (await text('row')).split(' ')
  const last = Number((await text('last')) || -1)
  expect(Number(number)).toBe(last)
  await db.close()
  return { last, twin, writtenMs: Number(time) }
}

it(
  `loses nothing that was flushed, over ${KILLS} kills`,
  async () => {
    const random = Random.fromEnvironment('BACKUP_SEED')
    const target = directory(dir('target'))
    let path = dir('db-0')
    const lost: number[] = []
    for (let kill = 0; kill < KILLS; kill++) {
      const program = new Program('backups', [
        path,
        dir('target'),
        EVERY_MS,
        random.pick([1, 300, 0]),
      ])
      const flushes = 1 + random.below(4)
      let flushed = -1
      await program.waitFor('flushed')
      const enough = () => program.said.filter(([word]) => word === 'flushed').length > flushes
      let ended = false
      program.ended.finally(() => {
        ended = true
      })
      while (!enough() && !ended) await new Promise((resolve) => setTimeout(resolve, 1))
      await new Promise((resolve) => setTimeout(resolve, random.below(2 * EVERY_MS)))
      program.kill('SIGKILL')
      const killedMs = Date.now()
      const { said, signal, stderr } = await program.ended
      expect([signal, stderr]).toEqual(['SIGKILL', ''])
      for (const [word, n] of said) if (word === 'flushed') flushed = Math.max(flushed, Number(n))
      const restored = dir(`db-${kill + 1}`)
      await restore(target, restored)
      const { last, twin, writtenMs } = await lastIn(restored)
      expect(twin).toBe(last)
      expect(last).toBeGreaterThanOrEqual(flushed)
      const { last: written } = await lastIn(path)
      expect(written).toBeGreaterThanOrEqual(last)
      lost.push(written > last ? killedMs - writtenMs : 0)
      for (const { id } of await backups(target).list()) {
        expect((await backups(target).verify(id)).problems).toEqual([])
      }
      const isMachineLost = random.once(2)
      rmSync(isMachineLost ? path : restored, { recursive: true })
      if (isMachineLost) path = restored
    }
    lost.sort((a, b) => a - b)
    const text = `lost of what was not flushed: median ${lost[lost.length >> 1]} ms, most ${lost.at(-1)} ms`
    process.stderr.write(`${KILLS} kills, everyMs ${EVERY_MS}: ${text}\n`)
  },
  60_000 + KILLS * 10_000,
)
