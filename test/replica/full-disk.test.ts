/** A disk that fills up, of a follower and of a writer. Needs root, for its own disk. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { openReplica } from 'rocksdb-live/replica'
import { useTempDirectory } from '../support/database'
import { MemoryLog } from '../support/memory-log'
import { MemoryStore } from '../support/memory-store'
import { where } from '../support/tools'
import { becomes, expectEqual, FAMILIES, until } from './support'

const dir = useTempDirectory()
const mounted = where(
  process.platform === 'linux' && process.getuid?.() === 0,
  'a full disk needs root, to mount a small tmpfs (sudo npm test)',
)
const PADDING = 'x'.repeat(20_000)
const one = Buffer.from('0100000000000000', 'hex')
let number = 0

async function onSmallDisk(run: (disk: string, fill: () => () => void) => Promise<void>) {
  const disk = dir('disk')
  mkdirSync(disk)
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk])
  expect(String(mount.stderr)).toBe('')
  const filler = dir('disk', 'filler')
  try {
    await run(disk, () => {
      writeFileSync(filler, Buffer.alloc(10 << 20))
      return () => rmSync(filler)
    })
  } finally {
    spawnSync('umount', ['-l', disk])
  }
}

mounted(
  'a follower goes on where it was once there is room, and applies nothing twice',
  async () => {
    await onSmallDisk(async (_disk, fill) => {
      const store = new MemoryStore(`disk ${++number}`)
      const open = (path: string) =>
        openReplica(path, { log: new MemoryLog(store), heartbeatMs: 20, columnFamilies: FAMILIES })
      const writer = await open(dir('writer'))
      const follower = await open(dir('disk', 'follower'))
      const free = fill()
      const [users, counts] = [writer.db.columnFamily('users'), writer.db.columnFamily('counts')]
      let failed = false
      follower.on('failure', ({ error }) => {
        if ((error as { code?: string }).code === 'ERR_NO_SPACE') failed = true
      })
      for (let i = 0; !failed; i = (i + 1) % 300) {
        await writer.db.batch().put(users, `key ${i}`, PADDING).merge(counts, 'n', one).write()
        await new Promise((resolve) => setImmediate(resolve))
      }
      expect(follower.status().role).toBe('follower')
      free()
      await expectEqual(follower as never, writer as never)
      await follower.close()
      await writer.close()
    })
  },
  120_000,
)

mounted(
  'a writer whose disk is full stops to be the writer, and another one takes over',
  async () => {
    await onSmallDisk(async (_disk, fill) => {
      const store = new MemoryStore(`disk ${++number}`)
      const open = (path: string) =>
        openReplica(path, {
          log: new MemoryLog(store),
          leaseMs: 500,
          heartbeatMs: 20,
          columnFamilies: FAMILIES,
        })
      const first = await open(dir('disk', 'first'))
      const second = await open(dir('second'))
      const free = fill()
      let failure: { code?: string; outcome?: string } | undefined
      for (let i = 0; failure === undefined; i++) {
        await first.db
          .batch()
          .put(first.db.columnFamily('users'), `key ${i}`, PADDING)
          .merge(first.db.columnFamily('counts'), 'n', one)
          .write()
          .catch((error) => {
            failure = error
          })
      }
      expect(failure.outcome).toBe('unknown')
      await becomes(second as never, 'writer')
      await second.db.columnFamily('users').put('after', 'x')
      free()
      await until(() => first.role === 'follower')
      await expectEqual(first as never, second as never)
      await first.close()
      await second.close()
    })
  },
  120_000,
)
