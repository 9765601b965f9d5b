/**
 * A node that is killed while it mines: everything it reported as stored is there and consistent.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Chain } from '../../examples/devnet-node/chain.mjs'
import { blockHash } from '../../examples/devnet-node/encoding.mjs'
import { hex } from '../../examples/devnet-node/hash.mjs'
import { MemoryStore } from '../../examples/devnet-node/memory-store.mjs'
import { Miner } from '../../examples/devnet-node/miner.mjs'
import { chainDirectory, snapshotDirectory } from '../../examples/devnet-node/node.mjs'
import { listSnapshots, restoreSnapshot } from '../../examples/devnet-node/snapshots.mjs'
import { verifyChain } from '../../examples/devnet-node/verify.mjs'
import { randomOf, seedOfRun } from '../lifecycle/children'
import { useTempDirectory } from '../support/database'
import { openStore } from './support'

const BLOCKS = 2000

/** Blocks from one kill to the next, at most. */
const STEP = 600

const dir = useTempDirectory()
const program = join(__dirname, 'programs', 'mine.mjs')

/** Mines on, kills at a height, and returns the last height reported as stored. */
async function killAt(height: number, dataDir: string, args: string[]): Promise<number> {
  const child = spawn(process.execPath, [program, dataDir, String(BLOCKS), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  let said = 0
  for await (const line of createInterface({ input: child.stdout })) {
    said = Number(line)
    if (said === height) child.kill('SIGKILL')
  }
  const [code, signal] = await ended
  // It may have finished before it was killed.
  if (said < BLOCKS || code !== 0) expect([code, signal]).toEqual([null, 'SIGKILL'])
  return said
}

/** The hashes of the chain without any kill, by height. */
async function uninterrupted(): Promise<string[]> {
  const storage = await MemoryStore.open()
  const miner = new Miner(await Chain.open(storage), 1)
  const hashes = [hex((await storage.tip())?.hash as Uint8Array)]
  for (let i = 0; i < BLOCKS; i++) hashes.push(hex(blockHash((await miner.mine()).header)))
  return hashes
}

/** Checks the chain that was left, and returns its height. */
async function check(dataDir: string, hashes: readonly string[]): Promise<number> {
  const store = await openStore(chainDirectory(dataDir))
  const { tip } = await verifyChain(store)
  expect(hex(tip.hash)).toBe(hashes[tip.height])
  await store.close()
  return tip.height
}

describe.each([
  ['on', 50, 0],
  ['off', 5, 50],
])('with the WAL %s, killed %d times', (wal, kills, interval) => {
  it('tip, headers, blocks, unspent outputs, tags and undo data agree', async () => {
    const seed = seedOfRun()
    const random = randomOf(seed)
    const hashes = await uninterrupted()
    let [dataDir, left, restored] = ['', BLOCKS, 0]
    for (let kill = 0; kill < kills; kill++) {
      // A node continues from what the last kill left until the chain is nearly done.
      if (left + STEP > BLOCKS) [dataDir, left] = [dir(`node-${kill}`), 0]
      const height = left + 1 + random(STEP)
      try {
        const said = await killAt(height, dataDir, [String(interval), '--db-wal', wal])
        left = await check(dataDir, hashes)
        // Without a WAL, what a snapshot had flushed is there.
        const [newest] = await listSnapshots(snapshotDirectory(dataDir))
        const flushed = newest?.manifest.height ?? 0
        expect(left).toBeGreaterThanOrEqual(wal === 'on' ? said : flushed)
        if (newest === undefined) continue
        await restoreSnapshot(newest.path, dir(`restored-${kill}`))
        restored++
      } catch (error) {
        throw new Error(`SEED=${seed}, kill ${kill} at block ${height}`, { cause: error })
      }
    }
    expect(restored > 0).toBe(interval > 0)
  }, 600_000)
})
