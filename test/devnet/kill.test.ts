/** A node that is killed while it mines: what it said is stored is there, and everything agrees. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Chain } from '../../examples/devnet-node/chain.mjs'
import { blockHash } from '../../examples/devnet-node/encoding.mjs'
import { hex } from '../../examples/devnet-node/hash.mjs'
import { MemoryStore } from '../../examples/devnet-node/memory-store.mjs'
import { Miner } from '../../examples/devnet-node/miner.mjs'
import { chainDirectory } from '../../examples/devnet-node/node.mjs'
import { verifyChain } from '../../examples/devnet-node/verify.mjs'
import { randomOf, seedOfRun } from '../lifecycle/children'
import { useTempDirectory } from '../support/database'
import { mined, openStore } from './support'

const BLOCKS = 2000
const KILLS = 50

const dir = useTempDirectory()
const program = join(__dirname, 'programs', 'mine.mjs')

/** Mines, kills at a height, and gives the last height that was said to be stored. */
async function killAt(height: number, dataDir: string, flags: string[]): Promise<number> {
  const child = spawn(process.execPath, [program, dataDir, String(BLOCKS), ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  let said = 0
  for await (const line of createInterface({ input: child.stdout })) {
    said = Number(line)
    if (said === height) child.kill('SIGKILL')
  }
  const [code, signal] = await ended
  expect([code, signal]).toEqual([null, 'SIGKILL'])
  return said
}

/** The hashes of the chain as it is without any kill, by height. */
async function uninterrupted(): Promise<string[]> {
  const storage = await MemoryStore.open()
  const miner = new Miner(await Chain.open(storage), 1)
  const hashes = [hex((await storage.tip())?.hash as Uint8Array)]
  for (let i = 0; i < BLOCKS + 3; i++) hashes.push(hex(blockHash((await miner.mine()).header)))
  return hashes
}

async function check(dataDir: string, hashes: string[], acknowledged: number): Promise<number> {
  const store = await openStore(chainDirectory(dataDir))
  const { tip } = await verifyChain(store)
  expect(tip.height).toBeGreaterThanOrEqual(acknowledged)
  expect(hex(tip.hash)).toBe(hashes[tip.height])
  const { tip: next } = await mined(store, 3)
  expect(hex(next.hash)).toBe(hashes[tip.height + 3])
  await store.close()
  return tip.height
}

describe.each([
  ['on', KILLS],
  ['off', 5],
])('with the WAL %s, killed %d times', (wal, kills) => {
  it('tip, headers, blocks, unspent outputs, tags and undo data agree', async () => {
    const seed = seedOfRun()
    const random = randomOf(seed)
    const hashes = await uninterrupted()
    for (let i = 0; i < kills; i++) {
      const height = 1 + random(BLOCKS - 1)
      const dataDir = dir(`node-${i}`)
      try {
        const said = await killAt(height, dataDir, ['--db-wal', wal])
        await check(dataDir, hashes, wal === 'on' ? said : 0)
      } catch (error) {
        throw new Error(`SEED=${seed}, kill ${i} at block ${height}`, { cause: error })
      }
    }
  }, 600_000)
})
