/** Holds everything that is stored against what follows from the blocks themselves. */
import type { ChainStore } from './chain-store.mjs'
import { INDEX_INTERVAL } from './compact-index.mjs'
import { connectBlock } from './connect.mjs'
import { checkBlock, genesisOf } from './consensus.mjs'
import { blockHash, coinEncoding, undoEncoding } from './encoding.mjs'
import { hex, same } from './hash.mjs'
import { pointText } from './keys.mjs'
import { MemoryStore } from './memory-store.mjs'
import { ChainCorruptError, required } from './storage.mjs'
import { workOf } from './target.mjs'
import type { CompactIndex, Header, Tip, Undo } from './types.mjs'
import { UtxoView } from './utxo-view.mjs'

/** What was verified. */
export interface Verified {
  tip: Tip
  utxoCount: number
}

/**
 * Reads every block from the first one on and checks it by all rules, recomputes unspent outputs,
 * tags, undo data, work and index, and compares them with what is stored. Throws a
 * `ChainCorruptError` that names the first difference.
 */
export async function verifyChain(store: ChainStore, network?: string): Promise<Verified> {
  const tip = required(await store.tip(), 'tip')
  const replayed = new MemoryStore()
  const index: { hash: Uint8Array; work: bigint }[] = []
  const genesis = genesisOf(network)
  let last: { header: Header; hash: Uint8Array } | undefined
  let work = 0n
  for await (const block of store.blocks()) {
    const { header } = block
    const hash = blockHash(header)
    work += workOf(header.bits)
    if (last === undefined) {
      if (!same(hash, genesis.hash)) throw new ChainCorruptError('the first block is another one')
    } else {
      if (!same(header.previous, last.hash)) {
        throw new ChainCorruptError(`block ${header.height} does not follow the one before it`)
      }
      checkBlock(block, last.header)
      const view = new UtxoView(replayed)
      const undo = await connectBlock(view, block)
      await compareUndo(store, hash, undo)
      const batch = replayed.beginBlockBatch()
      view.stageInto(batch)
      await batch.commit()
    }
    if (header.height % INDEX_INTERVAL === 0) index.push({ hash, work })
    last = { header, hash }
  }
  const end = required(last, 'blocks')
  if (end.header.height !== tip.height || !same(end.hash, tip.hash) || work !== tip.work) {
    const said = `${end.header.height} ${hex(end.hash)} with work ${work}`
    throw new ChainCorruptError(`the tip is not the last block, ${said}`)
  }
  compareIndex(await store.compactIndex(), index)
  await compareTags(store, replayed)
  return { tip, utxoCount: await compareCoins(store, replayed) }
}

async function compareUndo(store: ChainStore, hash: Uint8Array, expected: Undo): Promise<void> {
  const undo = required(await store.undoOf(hash), `undo data of block ${hex(hash)}`)
  if (!same(undoEncoding.encode(undo), undoEncoding.encode(expected))) {
    throw new ChainCorruptError(`the undo data of block ${hex(hash)} is not of it`)
  }
}

function compareIndex(stored: CompactIndex, index: CompactIndex): void {
  const text = (all: CompactIndex) => all.map(({ hash, work }) => `${hex(hash)} ${work}`).join()
  if (text(stored) !== text(index)) throw new ChainCorruptError('the compact index is another one')
}

async function compareCoins(store: ChainStore, replayed: MemoryStore): Promise<number> {
  let count = 0
  for await (const [point, coin] of store.unspent()) {
    count++
    const expected = replayed.utxo.get(point)
    if (expected !== undefined && same(coinEncoding.encode(coin), coinEncoding.encode(expected))) {
      continue
    }
    throw new ChainCorruptError(`the unspent output ${pointText(point)} follows from no block`)
  }
  if (count === replayed.utxo.size) return count
  throw new ChainCorruptError(`${replayed.utxo.size - count} unspent outputs are missing`)
}

async function compareTags(store: ChainStore, replayed: MemoryStore): Promise<void> {
  let count = 0
  for await (const [tag, height] of store.tags()) {
    count++
    if (replayed.tagged.get(tag) === height) continue
    throw new ChainCorruptError(`the tag ${hex(tag)} follows from no block`)
  }
  if (count !== replayed.tagged.size) {
    throw new ChainCorruptError(`${replayed.tagged.size - count} tags are missing`)
  }
}
