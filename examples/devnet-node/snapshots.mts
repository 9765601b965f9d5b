/**
 * Snapshots of the chain: a checkpoint packed as `.tar.gz`, and a JSON manifest beside it. The
 * manifest comes last, under its name by one rename: a snapshot is there with it, or not at all.
 */
import { mkdir, open, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { describeFiles, pack, SnapshotError, syncPath, unpack } from './archive.mjs'
import { ChainStore, SCHEMA_VERSION } from './chain-store.mjs'
import { NETWORK } from './consensus.mjs'
import { FAMILY_NAMES } from './families.mjs'
import { hex } from './hash.mjs'
import { FORMAT, type Manifest, parseManifest } from './manifest.mjs'
import { required } from './storage.mjs'
import { verifyChain } from './verify.mjs'

/** A snapshot that is complete. */
export interface Snapshot {
  /** Of the manifest. */
  path: string
  manifest: Manifest
}

const MANIFEST = /^chain-\d{12}-[0-9a-f]{8}\.json$/
const OURS = /^(?:chain-\d{12}-[0-9a-f]{8}\.(?:json|tar\.gz)$|\.chain-)/
const UNFINISHED = '.chain-'

/**
 * Makes a snapshot of the chain as it is. Blocks may be written meanwhile: a checkpoint has a batch
 * whole or not at all, and the manifest is read from the checkpoint.
 */
export async function createSnapshot(store: ChainStore, directory: string): Promise<Snapshot> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const unfinished = join(directory, `${UNFINISHED}${process.pid}`)
  const archive = `${unfinished}.tar.gz`
  try {
    await rm(unfinished, { recursive: true, force: true })
    await store.createCheckpoint(unfinished)
    const manifest = await describeCheckpoint(unfinished)
    await pack(unfinished, manifest.files, archive)
    const path = join(directory, manifest.archive.replace(/tar\.gz$/, 'json'))
    // There may be one of the same block: it goes first, for its manifest is not of this archive.
    await rm(path, { force: true })
    await rename(archive, join(directory, manifest.archive))
    await writeWhole(path, `${JSON.stringify(manifest, undefined, 2)}\n`, `${unfinished}.json`)
    return { path, manifest }
  } finally {
    await rm(archive, { force: true })
    await rm(unfinished, { recursive: true, force: true })
  }
}

/**
 * The snapshots in a directory, the newest first. None where there is no such directory. `onWrong` is
 * told of each manifest that is none, or that a newer version made; those are left out.
 */
export async function listSnapshots(
  directory: string,
  onWrong: (path: string, error: Error) => void = () => {},
): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = []
  for (const name of (await namesIn(directory)).filter((name) => MANIFEST.test(name))) {
    const path = join(directory, name)
    await readSnapshot(path).then(
      (snapshot) => snapshots.push(snapshot),
      (error: Error) => onWrong(path, error),
    )
  }
  // Not by height: a chain may go on from an older snapshot.
  const age = ({ manifest }: Snapshot) => -Date.parse(manifest.createdAt)
  return snapshots.sort((a, b) => age(a) - age(b))
}

/**
 * Keeps the newest snapshots, and removes the others and what unfinished ones left behind. One whose
 * manifest cannot be read is not touched.
 */
export async function pruneSnapshots(directory: string, keep: number): Promise<void> {
  const wrong: string[] = []
  const kept = (await listSnapshots(directory, (path) => wrong.push(path))).slice(0, keep)
  const manifests = [...kept.map(({ path }) => path), ...wrong].map((path) => basename(path))
  const names = new Set(manifests.flatMap((name) => [name, archiveOf(name)]))
  const others = (await namesIn(directory)).filter((name) => OURS.test(name) && !names.has(name))
  // Manifests first: one without its archive would be a snapshot that cannot be restored.
  others.sort((a, b) => Number(MANIFEST.test(b)) - Number(MANIFEST.test(a)))
  for (const name of others) await rm(join(directory, name), { recursive: true, force: true })
}

/**
 * Restores a snapshot into a directory that is not there, or is empty. The chain is unpacked beside
 * it, verified from its first block on, and then moved into place. Throws a `SnapshotError` where
 * anything is not as the manifest says; the directory is then as it was.
 */
export async function restoreSnapshot(path: string, directory: string): Promise<Manifest> {
  const { manifest } = await readSnapshot(path)
  const target = resolve(directory)
  if ((await namesIn(target)).length > 0) {
    throw new SnapshotError(`${target} is not empty: a snapshot is restored where there is nothing`)
  }
  const beside = `${target}.restoring-${process.pid}`
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  await clearUnfinished(target)
  try {
    await unpack(join(dirname(path), manifest.archive), manifest.files, beside)
    await checkChain(beside, manifest, path)
    await rmdir(target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
    await rename(beside, target)
    await syncPath(dirname(target))
    return manifest
  } finally {
    await rm(beside, { recursive: true, force: true })
  }
}

/** Removes what restorings left beside a directory that are not at work any more. */
async function clearUnfinished(target: string): Promise<void> {
  const start = `${basename(target)}.restoring-`
  for (const name of await namesIn(dirname(target))) {
    const pid = name.startsWith(start) ? Number(name.slice(start.length)) : Number.NaN
    if (!Number.isSafeInteger(pid) || (pid !== process.pid && isRunning(pid))) continue
    await rm(join(dirname(target), name), { recursive: true, force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** What a manifest says of a checkpoint: read from the checkpoint itself, which is not written to. */
async function describeCheckpoint(directory: string): Promise<Manifest> {
  const { tip, utxoCount, network, families } = await readChain(directory)
  const name = `chain-${String(tip.height).padStart(12, '0')}-${hex(tip.hash).slice(0, 8)}`
  return {
    format: FORMAT,
    network,
    schemaVersion: SCHEMA_VERSION,
    createdAt: new Date().toISOString(),
    height: tip.height,
    tipHash: hex(tip.hash),
    cumulativeWork: tip.work.toString(),
    utxoCount,
    families,
    archive: `${name}.tar.gz`,
    files: await describeFiles(directory),
  }
}

async function readChain(directory: string) {
  const store = await ChainStore.open(directory, { mode: 'read-only', env: false })
  try {
    const tip = required(await store.tip(), 'tip')
    const utxoCount = await store.utxoCount()
    return { tip, utxoCount, network: NETWORK, families: store.db.columnFamilies().sort() }
  } finally {
    await store.close()
  }
}

async function checkChain(directory: string, manifest: Manifest, path: string): Promise<void> {
  const wrong = (what: string) =>
    new SnapshotError(`the chain of ${path} has another ${what} than its manifest`)
  if (manifest.network !== NETWORK) throw wrong('network')
  if (manifest.schemaVersion !== SCHEMA_VERSION) throw wrong('schema')
  const missing = FAMILY_NAMES.filter((name) => !manifest.families.includes(name))
  if (missing.length > 0) throw wrong('set of column families')
  const store = await ChainStore.open(directory, { mode: 'read-only', env: false })
  try {
    const { tip, utxoCount } = await verifyChain(store)
    if (tip.height !== manifest.height) throw wrong('height')
    if (hex(tip.hash) !== manifest.tipHash) throw wrong('tip')
    if (tip.work.toString() !== manifest.cumulativeWork) throw wrong('cumulative work')
    if (utxoCount !== manifest.utxoCount) throw wrong('number of unspent outputs')
    const families = store.db.columnFamilies().sort()
    if (families.join() !== manifest.families.join()) throw wrong('set of column families')
  } finally {
    await store.close()
  }
}

const archiveOf = (manifest: string) => manifest.replace(/json$/, 'tar.gz')

async function readSnapshot(path: string): Promise<Snapshot> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new SnapshotError(`${path} cannot be read: ${(cause as Error).message}`, { cause })
  }
  return { path, manifest: parseManifest(text, path) }
}

/** A file that is there with all of the text, or not at all, whatever happens meanwhile. */
async function writeWhole(path: string, text: string, beside: string): Promise<void> {
  const handle = await open(beside, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(beside, path)
  await syncPath(dirname(path))
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
