/** A node whose disk is full in the middle of a block: nothing of that block is there. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chainDirectory } from '../../examples/devnet-node/node.mjs'
import { verifyChain } from '../../examples/devnet-node/verify.mjs'
import { useTempDirectory } from '../support/database'
import { where } from '../support/tools'
import { mined, openStore } from './support'

const dir = useTempDirectory()
const program = join(__dirname, 'programs', 'mine.mjs')

const canMount = process.platform === 'linux' && process.getuid?.() === 0
const mounted = where(canMount, 'a full disk needs root, to mount a small tmpfs (sudo npm test)')

mounted(
  'keeps what was said to be stored, whole, and mines on once there is room',
  async () => {
    mkdirSync(dir('disk'))
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', dir('disk')])
    expect(String(mount.stderr)).toBe('')
    try {
      writeFileSync(dir('disk', 'filler'), Buffer.alloc(14 << 20))
      const args = [program, dir('disk', 'node'), '100000', '0']
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
      expect(status).toBe(1)
      expect(stderr).toContain('ERR_NO_SPACE')
      const said = Number(stdout.trim().split('\n').at(-1))
      expect(said).toBeGreaterThan(50)
      rmSync(dir('disk', 'filler'))
      const store = await openStore(chainDirectory(dir('disk', 'node')))
      const { tip } = await verifyChain(store)
      // If its outcome was unknown, the block of the failed write is there completely; otherwise
      // not at all.
      expect([said, said + 1]).toContain(tip.height)
      await mined(store, 50)
      expect(await verifyChain(store)).toMatchObject({ tip: { height: tip.height + 50 } })
      await store.close()
    } finally {
      spawnSync('umount', ['-l', dir('disk')])
    }
  },
  60_000,
)
