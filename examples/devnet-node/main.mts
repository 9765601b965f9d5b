/**
 * A devnet node whose chain lives in RocksDB.
 *
 *     npm run devnet -- --devnet --mine --target-blocks 100
 *     npm run devnet -- --devnet --no-mine
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { ChainStore } from './chain-store.mjs'
import { type Flags, readFlags } from './flags.mjs'
import { hex } from './hash.mjs'
import { collectNodeMetrics } from './metrics.mjs'
import { chainDirectory, DevnetNode, snapshotDirectory } from './node.mjs'
import { number, Progress } from './progress.mjs'
import { serveNode } from './server.mjs'
import { listSnapshots, restoreSnapshot, type Snapshot } from './snapshots.mjs'
import { verifyChain } from './verify.mjs'

/** Between blocks, where no number of them is to be reached. */
const PACE_MS = 1000

async function main(words: readonly string[]): Promise<void> {
  const flags = readFlags(words)
  if (flags.listSnapshots) return printSnapshots(flags)
  if (flags.restore !== undefined) return restore(flags.restore, flags)
  if (flags.verify) return verify(flags, words)
  const { dataDir, seed, sync, snapshotInterval, snapshotKeep, config } = flags
  const node = await DevnetNode.open({
    dataDir,
    seed,
    sync,
    snapshotInterval,
    snapshotKeep,
    configFile: config,
    argv: words,
    onSnapshot: ({ path }) => console.log(`snapshot ${path}`),
  })
  const ending = new AbortController()
  const end = () => {
    node.stop()
    ending.abort()
  }
  process.once('SIGINT', end).once('SIGTERM', end)
  try {
    await run(node, flags, ending.signal)
  } finally {
    await node.close()
    console.log('closed')
  }
}

async function run(node: DevnetNode, flags: Flags, ending: AbortSignal): Promise<void> {
  const { db } = node.store
  if (db.recovery.droppedBytes > 0) {
    console.warn(`${db.recovery.droppedBytes} bytes of the write-ahead log were lost`)
  }
  const { height, hash } = node.chain.tip
  console.log(`chain at block ${number(height)}, ${hex(hash)}, in ${db.path}`)
  const server = await serveNode(node, collectNodeMetrics(node), flags.listen)
  console.log(`serving ${server.url}`)
  try {
    if (flags.mine) await mine(node, flags.targetBlocks, ending)
    else await aborted(ending)
  } finally {
    await server.close()
  }
}

async function mine(
  node: DevnetNode,
  target: number | undefined,
  ending: AbortSignal,
): Promise<void> {
  if (target === undefined) return mineSlowly(node, ending)
  const { height } = node.chain.tip
  if (height < target) {
    const progress = new Progress(height, target)
    try {
      await node.mine(target - height, ({ header }) => progress.update(header.height))
    } finally {
      progress.stop()
    }
  }
  const { tip } = node.chain
  console.log(`chain at block ${number(tip.height)}, ${hex(tip.hash)}, work ${tip.work}`)
}

async function mineSlowly(node: DevnetNode, ending: AbortSignal): Promise<void> {
  while (!ending.aborted) {
    await node.mine(1, ({ header }) => console.log(`block ${number(header.height)}`))
    await sleep(PACE_MS, undefined, { signal: ending }).catch(() => {})
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}

async function printSnapshots({ dataDir }: Flags): Promise<void> {
  const directory = snapshotDirectory(dataDir)
  const snapshots = await listSnapshots(directory, (_, { message }) => {
    console.error(`devnet: ${message}`)
    process.exitCode = 1
  })
  for (const snapshot of snapshots) printSnapshot(snapshot)
  if (snapshots.length === 0) console.log(`no snapshots in ${directory}`)
}

function printSnapshot({ path, manifest }: Snapshot): void {
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0)
  const size = `${manifest.files.length} files of ${(bytes / 1e6).toFixed(1)} MB`
  console.log(`${path}: block ${number(manifest.height)}, ${manifest.tipHash}, ${size}`)
}

async function restore(path: string, { dataDir }: Flags): Promise<void> {
  const manifest = await restoreSnapshot(path, chainDirectory(dataDir))
  console.log(`restored block ${number(manifest.height)}, ${manifest.tipHash}`)
}

async function verify({ dataDir, config }: Flags, argv: readonly string[]): Promise<void> {
  const options = { argv, configFile: config, mode: 'read-only' } as const
  const store = await ChainStore.open(chainDirectory(dataDir), options)
  try {
    const { tip, utxoCount } = await verifyChain(store)
    const said = `${number(tip.height)} blocks and ${number(utxoCount)} unspent outputs`
    console.log(`${said} agree, up to ${hex(tip.hash)}`)
  } finally {
    await store.close()
  }
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(`devnet: ${error.message}`)
  process.exitCode = 1
})
