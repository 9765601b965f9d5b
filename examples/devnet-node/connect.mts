/** Puts blocks on the chain and takes them off again, in a view of the unspent outputs. */

import { workAt } from './compact-index.mjs'
import { ConsensusError, MATURITY, subsidyAt } from './consensus.mjs'
import { transactionId } from './encoding.mjs'
import { same, sha256 } from './hash.mjs'
import { pointText, tagOf } from './keys.mjs'
import { type BlockBatch, type ChainStorage, required } from './storage.mjs'
import type { Block, Coin, Input, Tip, Transaction, Undo } from './types.mjs'
import type { UtxoView } from './utxo-view.mjs'

/**
 * Spends and makes what a block says. Throws a `ConsensusError` where it may not; the view is then
 * of no more use. Gives what was spent.
 */
export async function connectBlock(view: UtxoView, block: Block): Promise<Undo> {
  const { height } = block.header
  const inputs = block.transactions.flatMap((transaction) => transaction.inputs)
  await view.load(inputs, inputs.map(tagOf))
  const undo: Undo = []
  let fees = 0
  for (const transaction of block.transactions.slice(1)) {
    fees += spend(view, transaction, height, undo)
    make(view, transaction, height)
  }
  const coinbase = block.transactions[0] as Transaction
  const allowed = subsidyAt(height) + fees
  if (sum(coinbase.outputs) > allowed) {
    const said = `its coinbase makes ${sum(coinbase.outputs)}, and ${allowed} is allowed`
    throw new ConsensusError('too-much', said)
  }
  make(view, coinbase, height)
  return undo
}

/** Takes back what a block did. */
export function disconnectBlock(view: UtxoView, block: Block, undo: Undo): void {
  for (const { point, coin } of undo) view.add(point, coin)
  // After that: what this block made and spent itself is gone as well.
  for (const transaction of block.transactions) {
    const txid = transactionId(transaction)
    for (const index of transaction.outputs.keys()) view.remove({ txid, index })
    for (const input of transaction.inputs) view.unmark(tagOf(input))
  }
}

/** Takes the blocks above a height from the chain, the last one first. Gives the tip that is left. */
export async function disconnectTo(
  storage: ChainStorage,
  view: UtxoView,
  batch: BlockBatch,
  tip: Tip,
  height: number,
): Promise<Tip> {
  let hash = tip.hash
  for (let at = tip.height; at > height; at--) {
    const block = required(await storage.blockByHash(hash), `block at height ${at}`)
    const undo = required(await storage.undoOf(hash), `undo data of block ${at}`)
    disconnectBlock(view, block, undo)
    batch.unstageBlock(hash, at)
    hash = block.header.previous
  }
  return { ...tip, height, hash, work: await workAt(storage, height) }
}

function spend(view: UtxoView, transaction: Transaction, height: number, undo: Undo): number {
  let paid = 0
  for (const input of transaction.inputs) {
    const coin = spendable(view, input, height)
    paid += coin.amount
    undo.push({ point: { txid: input.txid, index: input.index }, coin })
    view.remove(input)
    view.mark(tagOf(input), height)
  }
  const made = sum(transaction.outputs)
  if (made > paid) {
    throw new ConsensusError('too-much', `a transfer pays out ${made}, and takes in ${paid}`)
  }
  return paid - made
}

function spendable(view: UtxoView, input: Input, height: number): Coin {
  const said = `output ${pointText(input)}`
  if (view.isMarked(tagOf(input))) {
    throw new ConsensusError('spent', `${said} is spent already`)
  }
  const coin = view.coin(input)
  if (coin === undefined) throw new ConsensusError('no-output', `there is no ${said} to spend`)
  if (!same(sha256(input.key), coin.owner)) {
    throw new ConsensusError('wrong-key', `the key for ${said} is not its owner's`)
  }
  if (coin.coinbase && height - coin.height < MATURITY) {
    const since = height - coin.height
    const wait = `${said} is of a coinbase ${since} blocks ago, and ${MATURITY} are needed`
    throw new ConsensusError('immature', wait)
  }
  return coin
}

function make(view: UtxoView, transaction: Transaction, height: number): void {
  const txid = transactionId(transaction)
  const coinbase = transaction.inputs.length === 0
  for (const [index, output] of transaction.outputs.entries()) {
    view.add({ txid, index }, { ...output, height, coinbase })
  }
}

const sum = (outputs: readonly { amount: number }[]) =>
  outputs.reduce((total, { amount }) => total + amount, 0)
