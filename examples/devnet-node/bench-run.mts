/** One run of the benchmark: mines on one store, and prints what it measured as JSON. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { PresetName } from 'rocksdb-live'
import { Chain } from './chain.mjs'
import { ChainStore } from './chain-store.mjs'
import { FAMILY_NAMES } from './families.mjs'
import { hex } from './hash.mjs'
import { MemoryStore } from './memory-store.mjs'
import { Miner } from './miner.mjs'
import type { ChainStorage } from './storage.mjs'

/** What is compared: the stand-in, and RocksDB with each preset. */
export const STORES = ['memory', 'default', 'production', 'development'] as const
export type StoreName = (typeof STORES)[number]

/** What one run measured. */
export interface Measured {
  /** Hash of the last block. */
  tip: string
  blocksPerSecond: number
  /** Of the commit of each block, in milliseconds. */
  writeMs: { p50: number; p95: number; p99: number; max: number }
  /** Of the time that mining took. */
  writeShare: number
  /** Files of the open database: the WAL and what was flushed. */
  openBytes: number
  /** Files after everything was flushed and compacted, and the database closed. */
  compactBytes: number
  /** The most memory of the process, Node's included. */
  peakBytes: number
}

async function main(name: StoreName, blocks: number, seed: number): Promise<Measured> {
  const directory = mkdtempSync(join(tmpdir(), 'devnet-bench-'))
  try {
    if (name === 'memory') {
      const mined = await mine(await MemoryStore.open(), blocks, seed)
      return { ...mined, openBytes: 0, compactBytes: 0, peakBytes: peak() }
    }
    const preset: PresetName = name
    const store = await ChainStore.openWithTuning(directory, {}, { preset })
    const mined = await mine(store, blocks, seed)
    const [peakBytes, openBytes] = [peak(), sizeOf(directory)]
    await store.db.flush()
    for (const family of FAMILY_NAMES) await store.db.compactRange(family)
    await store.close()
    return { ...mined, openBytes, compactBytes: sizeOf(directory), peakBytes }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function mine(storage: ChainStorage, blocks: number, seed: number) {
  const times: number[] = []
  const begin = storage.beginBlockBatch.bind(storage)
  storage.beginBlockBatch = () => {
    const batch = begin()
    const commit = batch.commit.bind(batch)
    batch.commit = async () => {
      const start = performance.now()
      await commit()
      times.push(performance.now() - start)
    }
    return batch
  }
  const miner = new Miner(await Chain.open(storage), seed)
  const start = performance.now()
  for (let i = 1; i < blocks; i++) await miner.mine()
  const last = await miner.mine()
  const ms = performance.now() - start
  const tip = await storage.tip()
  if (tip?.height !== last.header.height) throw new Error('the last block is not the tip')
  const sum = times.reduce((total, time) => total + time, 0)
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.ceil(times.length * share) - 1] ?? Number.NaN
  return {
    tip: hex(tip.hash),
    blocksPerSecond: (blocks / ms) * 1000,
    writeMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
    writeShare: sum / ms,
  }
}

const peak = () => process.resourceUsage().maxRSS * 1024

function sizeOf(directory: string): number {
  const files = readdirSync(directory).filter((name) => !/^LOG|^LOCK/.test(name))
  return files.reduce((sum, name) => sum + statSync(join(directory, name)).size, 0)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [name, blocks, seed] = process.argv.slice(2)
  const measured = await main(name as StoreName, Number(blocks), Number(seed))
  console.log(JSON.stringify(measured))
}
