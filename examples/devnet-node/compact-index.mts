/**
 * The compact index: hash and work of every hundredth block in one row, so that the work up to any
 * height is known from at most a hundred headers, however long the chain is.
 */
import { type ChainStorage, required } from './storage.mjs'
import { workOf } from './target.mjs'
import type { CompactIndex, Tip } from './types.mjs'

/** Blocks from one entry to the next. */
export const INDEX_INTERVAL = 100

/** The index with the end of the chain as its last entry; undefined where that has no entry. */
export function extended(index: CompactIndex, tip: Tip): CompactIndex | undefined {
  if (tip.height % INDEX_INTERVAL !== 0) return undefined
  return [...truncated(index, tip.height - 1), { hash: tip.hash, work: tip.work }]
}

/** The index without what is above a height. */
export function truncated(index: CompactIndex, height: number): CompactIndex {
  return index.slice(0, Math.floor(height / INDEX_INTERVAL) + 1)
}

/** The work of the chain up to a height, that block's included. */
export async function workAt(storage: ChainStorage, height: number): Promise<bigint> {
  const at = Math.floor(height / INDEX_INTERVAL)
  const entry = required((await storage.compactIndex())[at], `entry ${at} in its compact index`)
  let work = entry.work
  for (let above = at * INDEX_INTERVAL + 1; above <= height; above++) {
    const header = required(await storage.headerByHeight(above), `header ${above}`)
    work += workOf(header.bits)
  }
  return work
}
