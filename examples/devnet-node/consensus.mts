/** The rules of the devnet that a block can be held against without knowing the outputs it spends. */
import { blockEncoding, blockHash, transactionId } from './encoding.mjs'
import { derive, hex, merkleRoot, same, ZERO_HASH } from './hash.mjs'
import { pointText } from './keys.mjs'
import { DEVNET_BITS, meetsTarget, solve, targetOf } from './target.mjs'
import type { Block, Header, Transaction } from './types.mjs'

/** The network of this node; its name is stored, and a database of another one is refused. */
export const NETWORK = 'devnet'

/** Blocks until the outputs of a coinbase can be spent. */
export const MATURITY = 10

/** Seconds from one block to the next, always: chains are repeatable, and no time is far ahead. */
export const BLOCK_SECONDS = 10

const GENESIS_TIME = 1_700_000_000
const SUBSIDY = 50_000_000
const HALVING = 100_000
const MAX_BLOCK_BYTES = 1_000_000

/** Which rule a block breaks. */
export type Rule =
  | 'version'
  | 'orphan'
  | 'height'
  | 'time'
  | 'target'
  | 'work'
  | 'merkle-root'
  | 'size'
  | 'coinbase'
  | 'amount'
  | 'duplicate'
  | 'spent'
  | 'no-output'
  | 'wrong-key'
  | 'immature'
  | 'too-much'

/** A block that breaks a rule. Nothing of it was stored. */
export class ConsensusError extends Error {
  override readonly name = 'ConsensusError'
  readonly rule: Rule

  constructor(rule: Rule, message: string) {
    super(message)
    this.rule = rule
  }
}

/** What the coinbase of a height may make besides the fees: never nothing. */
export const subsidyAt = (height: number): number =>
  Math.max(1, Math.floor(SUBSIDY / 2 ** Math.floor(height / HALVING)))

/** The first block of a network: it has no transactions, and is the same on every node. */
export function genesisOf(network = NETWORK): { block: Block; hash: Buffer } {
  const { header, hash } = solve({
    version: 1,
    height: 0,
    previous: ZERO_HASH,
    merkleRoot: derive(network),
    time: GENESIS_TIME,
    bits: DEVNET_BITS,
    nonce: new Uint8Array(8),
  })
  return { block: { header, transactions: [] }, hash }
}

/** The header of the block after another one, still without proof of work. */
export function headerAfter(
  { height, time }: Header,
  previous: Uint8Array,
  transactions: readonly Transaction[],
  bits = DEVNET_BITS,
): Header {
  return {
    version: 1,
    height: height + 1,
    previous,
    merkleRoot: merkleRoot(transactions.map(transactionId)),
    time: time + BLOCK_SECONDS,
    bits,
    nonce: new Uint8Array(8),
  }
}

/**
 * Holds a block against the block before it. Gives its hash, or throws a `ConsensusError`; a
 * `TypeError` where it is no block at all, with an amount below 0 for example.
 */
export function checkBlock(block: Block, parent: Header): Buffer {
  const hash = blockHash(block.header)
  try {
    checkHeader(block.header, hash, parent)
    checkTransactions(block)
  } catch (error) {
    if (!(error instanceof ConsensusError)) throw error
    throw new ConsensusError(error.rule, `block ${hex(hash)} is wrong: ${error.message}`)
  }
  return hash
}

function checkHeader(header: Header, hash: Buffer, parent: Header): void {
  if (header.version !== 1) throw new ConsensusError('version', `version ${header.version}`)
  if (header.height !== parent.height + 1) {
    throw new ConsensusError('height', `height ${header.height} after ${parent.height}`)
  }
  if (header.time !== parent.time + BLOCK_SECONDS) {
    const said = `its time is not ${BLOCK_SECONDS} seconds after the block before`
    throw new ConsensusError('time', said)
  }
  if (!isAllowedTarget(header.bits)) {
    throw new ConsensusError('target', `0x${header.bits.toString(16)} is easier than the devnet's`)
  }
  if (!meetsTarget(hash, header.bits)) {
    throw new ConsensusError('work', 'its hash is over its target')
  }
}

/** Harder blocks than the devnet asks for are allowed, and count for more. */
function isAllowedTarget(bits: number): boolean {
  try {
    return targetOf(bits) <= targetOf(DEVNET_BITS)
  } catch {
    return false
  }
}

function checkTransactions(block: Block): void {
  const { header, transactions } = block
  if (!same(header.merkleRoot, merkleRoot(transactions.map(transactionId)))) {
    throw new ConsensusError('merkle-root', 'its header is not of these transactions')
  }
  const bytes = blockEncoding.encode(block).length
  if (bytes > MAX_BLOCK_BYTES) {
    throw new ConsensusError('size', `${bytes} bytes, and ${MAX_BLOCK_BYTES} are allowed`)
  }
  const [coinbase, ...transfers] = transactions
  if (coinbase === undefined || coinbase.inputs.length > 0 || coinbase.height !== header.height) {
    throw new ConsensusError('coinbase', 'its first transaction is not its coinbase')
  }
  if (transfers.some(({ inputs, height }) => inputs.length === 0 || height !== 0)) {
    throw new ConsensusError('coinbase', 'it has a second coinbase')
  }
  const amounts = transactions.flatMap(({ outputs }) => outputs.map(({ amount }) => amount))
  if (transactions.some(({ outputs }) => outputs.length === 0) || amounts.includes(0)) {
    throw new ConsensusError('amount', 'a transaction makes nothing')
  }
  const spent = transfers.flatMap(({ inputs }) => inputs.map(pointText))
  if (new Set(spent).size !== spent.length) {
    throw new ConsensusError('duplicate', 'it spends an output twice')
  }
}
