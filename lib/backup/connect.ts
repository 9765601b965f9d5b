/** Takes over a target, and goes on where it ends. */

import type { Connection } from '../connection/connection'
import { Chain, closeChain } from './chain'
import { codeOf } from './errors'
import { isCurrent, type Manifest, readOrEmpty, type SnapshotEntry, trySwap } from './manifest'
import { nonce } from './objects'
import { floorOf } from './segment-list'
import { placeNow, Sender } from './sender'
import type { BackupTarget } from './target'

export interface Connected {
  chain: Chain
  sender: Sender
  /** Whether a whole backup is there that the segments follow. */
  based: boolean
  newest: SnapshotEntry | undefined
  /** The oldest moment, in milliseconds since 1970. */
  oldest: number | undefined
}

/** Where to go on: behind a token, within a generation. */
interface Resume {
  token: string
  generation: string
}

export async function connect(
  connection: Connection,
  target: BackupTarget,
  signal: AbortSignal,
): Promise<Connected> {
  const database = connection.run('backup', (session) => session.identity())
  const { epoch } = await placeNow(connection)
  for (;;) {
    const read = await readOrEmpty(target, database, signal)
    const { manifest } = read
    const current = isCurrent(target, manifest, epoch)
    const before = manifest.epochs.at(-1)
    if (!current && before !== undefined) await closeChain(target, manifest, before, signal)
    const chain = await Chain.take(target, manifest, epoch, signal)
    const epochs = current ? manifest.epochs : [...manifest.epochs, epoch]
    // Who takes over at the same time sees it here.
    const swapped = await trySwap(target, read, { epochs }, signal)
    if (swapped !== undefined) return begin(connection, chain, swapped.manifest, epoch, signal)
  }
}

async function begin(
  connection: Connection,
  chain: Chain,
  manifest: Manifest,
  epoch: string,
  signal: AbortSignal,
): Promise<Connected> {
  const { snapshots } = manifest
  const newest = snapshots.at(-1)
  const oldest =
    snapshots.length === 0 ? undefined : Math.min(...snapshots.map((each) => each.timeMs))
  const resume = await resumeAt(chain, manifest, epoch, signal)
  const sender = resume && (await resumed(connection, chain, resume))
  if (sender !== undefined) return { chain, sender, based: true, newest, oldest }
  const fresh = await Sender.open(connection, chain, 'now', nonce())
  return { chain, sender: fresh, based: false, newest, oldest }
}

/** undefined where what is in the target cannot be continued. */
async function resumeAt(
  chain: Chain,
  manifest: Manifest,
  epoch: string,
  signal: AbortSignal,
): Promise<Resume | undefined> {
  const base = manifest.snapshots.findLast(
    (entry) => entry.epoch === epoch && entry.generation !== undefined,
  )
  if (base?.generation === undefined || base.token === undefined) return undefined
  const { generation, token } = base
  const newest = await chain.newest(floorOf(manifest, epoch), signal)
  if (newest === undefined || newest.generation !== generation) {
    // Its first segments were never written: they would begin with the backup.
    return newest === undefined || newest.number < (base.segment as number)
      ? { token, generation }
      : undefined
  }
  // Not behind the backup where that has more: earlier backups would not reach over the gap.
  return { token: newest.token, generation }
}

async function resumed(
  connection: Connection,
  chain: Chain,
  { token, generation }: Resume,
): Promise<Sender | undefined> {
  try {
    const sender = await Sender.open(connection, chain, token, generation)
    // The WAL behind the token may be gone.
    await sender.look()
    return sender
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ERR_CHANGES_GAP' || code === 'ERR_CHANGES_EPOCH') return undefined
    throw error
  }
}
