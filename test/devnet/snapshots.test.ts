/** Snapshots of the chain: what they restore, and what is refused. */
import { spawnSync } from 'node:child_process'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { Header } from 'tar'
import { SnapshotError } from '../../examples/devnet-node/archive.mjs'
import type { Manifest } from '../../examples/devnet-node/manifest.mjs'
import { DevnetNode } from '../../examples/devnet-node/node.mjs'
import {
  createSnapshot,
  listSnapshots,
  pruneSnapshots,
  restoreSnapshot,
  type Snapshot,
} from '../../examples/devnet-node/snapshots.mjs'
import { verifyChain } from '../../examples/devnet-node/verify.mjs'
import { track, useTempDirectory } from '../support/database'
import { eventually } from '../support/tools'
import { contents, mined, openStore } from './support'

const dir = useTempDirectory()

/** A chain of some blocks, and its snapshot. */
async function snapshotOf(blocks = 25): Promise<Snapshot> {
  const store = await openStore(dir('chain'))
  await mined(store, blocks)
  const snapshot = await createSnapshot(store, dir('snapshots'))
  await store.close()
  return snapshot
}

it('restores into an empty directory, and mining goes on from there', async () => {
  const store = await openStore(dir('chain'))
  await mined(store, 130)
  const before = await contents(store)
  const { path, manifest } = await createSnapshot(store, dir('snapshots'))
  expect(manifest).toMatchObject({ height: 130, cumulativeWork: '524', network: 'devnet' })
  expect(manifest.utxoCount).toBe(await store.utxoCount())
  expect(manifest.families).toEqual(store.db.columnFamilies().sort())
  mkdirSync(dir('restored'))
  await restoreSnapshot(path, dir('restored'))
  const restored = await openStore(dir('restored'))
  expect(await contents(restored)).toEqual(before)
  // Both chains continue with the same blocks.
  const [here, there] = [await mined(store, 20), await mined(restored, 20)]
  expect(there.tip).toEqual(here.tip)
  await verifyChain(restored)
})

it('are made every so many blocks while mining, and the newest are kept', async () => {
  const options = { dataDir: dir('data'), snapshotInterval: 10, snapshotKeep: 2 }
  const made: number[] = []
  const node = track(
    await DevnetNode.open({
      ...options,
      onSnapshot: ({ manifest }) => made.push(manifest.height),
    }),
  )
  await node.mine(45)
  expect(made).toEqual([10, 20, 30, 40])
  const heights = (await listSnapshots(dir('data', 'snapshots'))).map((one) => one.manifest.height)
  expect(heights).toEqual([40, 30])
  expect(readdirSync(dir('data', 'snapshots'))).toHaveLength(4)
})

it('are right while blocks are written', async () => {
  const node = track(await DevnetNode.open({ dataDir: dir('data') }))
  const mining = node.mine(200)
  const made = [await node.snapshot(), await node.snapshot(), await node.snapshot()]
  await mining
  for (const [i, { path, manifest }] of made.entries()) {
    await restoreSnapshot(path, dir(`restored-${i}`))
    const restored = await openStore(dir(`restored-${i}`))
    expect((await verifyChain(restored)).tip.height).toBe(manifest.height)
  }
})

it('leave out and clear away what was not finished', async () => {
  const { path, manifest } = await snapshotOf()
  const stale = 'chain-000000000001-00000000.tar.gz'
  for (const name of [stale, '.chain-99.tar.gz', '.chain-99.json', 'notes.txt']) {
    writeFileSync(dir('snapshots', name), '')
  }
  mkdirSync(dir('snapshots', '.chain-99'))
  expect(await listSnapshots(dir('snapshots'))).toEqual([{ path, manifest }])
  await pruneSnapshots(dir('snapshots'), 1)
  const left = [manifest.archive, manifest.archive.replace('.tar.gz', '.json'), 'notes.txt']
  expect(readdirSync(dir('snapshots')).sort()).toEqual(left.sort())
  expect(await listSnapshots(dir('nowhere'))).toEqual([])
})

it('are kept by their age, not by their height', async () => {
  const store = await openStore(dir('chain'))
  await mined(store, 20)
  const old = await createSnapshot(store, dir('snapshots'))
  await store.rewindTo(10)
  // Times have milliseconds.
  await eventually(
    'a later time',
    () => Date.now() > Date.parse(old.manifest.createdAt) || undefined,
  )
  const made = await createSnapshot(store, dir('snapshots'))
  expect(await listSnapshots(dir('snapshots'))).toEqual([made, old])
  await pruneSnapshots(dir('snapshots'), 1)
  expect(await listSnapshots(dir('snapshots'))).toEqual([made])
})

it('are made beside one whose manifest cannot be read, which is left alone', async () => {
  const { path, manifest } = await snapshotOf()
  writeFileSync(path, JSON.stringify({ ...manifest, format: 2 }))
  const options = { dataDir: dir(), snapshotInterval: 5, snapshotKeep: 1 }
  const node = track(await DevnetNode.open(options))
  await node.mine(5)
  const wrong: string[] = []
  const left = await listSnapshots(dir('snapshots'), (at, { message }) => wrong.push(at, message))
  expect(left.map((one) => one.manifest.height)).toEqual([30])
  expect(wrong).toEqual([path, expect.stringContaining('has format 2')])
  expect(readdirSync(dir('snapshots'))).toContain(manifest.archive)
})

it('clear away what a restoring that died left, and not what one is at', async () => {
  const { path } = await snapshotOf()
  const { pid: dead } = spawnSync(process.execPath, ['--version'])
  const names = [
    `restored.restoring-${dead}`,
    `restored.restoring-${process.ppid}`,
    'restored.restoring-x',
  ]
  for (const name of names) mkdirSync(dir(name))
  await restoreSnapshot(path, dir('restored'))
  expect(readdirSync(dir()).sort()).toEqual(
    ['chain', 'restored', ...names.slice(1), 'snapshots'].sort(),
  )
})

it('are not restored over anything', async () => {
  const { path } = await snapshotOf()
  const before = readdirSync(dir('chain'))
  await expect(restoreSnapshot(path, dir('chain'))).rejects.toThrow('is not empty')
  expect(readdirSync(dir('chain'))).toEqual(before)
})

describe('a tampered one is refused, and nothing is left of it', () => {
  let snapshot: Snapshot
  let archive: string

  beforeEach(async () => {
    snapshot = await snapshotOf()
    archive = dir('snapshots', snapshot.manifest.archive)
  })

  async function expectRefused(said: RegExp): Promise<void> {
    const restoring = restoreSnapshot(snapshot.path, dir('restored'))
    await expect(restoring).rejects.toThrow(SnapshotError)
    await expect(restoring).rejects.toThrow(said)
    expect(readdirSync(dir()).sort()).toEqual(['chain', 'snapshots'])
  }

  const rewrite = (changes: Partial<Manifest>) =>
    writeFileSync(snapshot.path, JSON.stringify({ ...snapshot.manifest, ...changes }))

  /** An archive of these entries, with a manifest that matches as far as possible. */
  function pack(
    entries: { path: string; type?: 'File' | 'SymbolicLink'; linkpath?: string; body?: string }[],
  ) {
    const blocks = entries.flatMap(({ path, type = 'File', linkpath, body = '' }) => {
      const header = new Header({
        path,
        type,
        size: body.length,
        mode: 0o600,
        ...(linkpath && { linkpath }),
      })
      const block = Buffer.alloc(512)
      header.encode(block)
      const padded = Buffer.alloc(Math.ceil(body.length / 512) * 512)
      padded.write(body)
      return [block, padded]
    })
    writeFileSync(archive, gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)])))
  }

  it('with a changed byte in a file, in its name, or in the checksum', async () => {
    const packed = readFileSync(archive)
    const tar = gunzipSync(packed)
    // The first file of a size; its header takes 512 bytes.
    const name = snapshot.manifest.files.find(({ bytes }) => bytes > 100)?.name as string
    const start = tar.indexOf(name)
    const changed = (bytes: Buffer, at: number) => {
      const copy = Buffer.from(bytes)
      copy[at] = (copy[at] ?? 0) ^ 1
      return copy
    }
    writeFileSync(archive, gzipSync(changed(tar, start + 512 + 50)))
    await expectRefused(/is not what the manifest says/)
    writeFileSync(archive, gzipSync(changed(tar, start)))
    await expectRefused(/cannot be read/)
    writeFileSync(archive, changed(packed, packed.length - 6))
    await expectRefused(/cannot be read/)
  })

  it('with another hash', async () => {
    const [file, ...files] = snapshot.manifest.files
    rewrite({ files: [{ ...(file as Manifest['files'][0]), sha256: '0'.repeat(64) }, ...files] })
    await expectRefused(/is not what the manifest says/)
  })

  it.each<[string, Partial<Manifest>, RegExp]>([
    ['height', { height: 24 }, /another height/],
    ['tip', { tipHash: 'a'.repeat(64) }, /another tip/],
    ['time', { createdAt: 'yesterday' }, /no right "createdAt"/],
    ['work', { cumulativeWork: '105' }, /another cumulative work/],
    ['outputs', { utxoCount: 1 }, /another number of unspent outputs/],
    ['families', { families: ['default'] }, /another set of column families/],
    ['network', { network: 'testnet' }, /another network/],
    ['format', { format: 2 }, /has format 2, and this program knows those up to 1/],
    ['archive', { archive: '../chain.tar.gz' }, /no right "archive"/],
    ['files', { files: [{ name: '../x', bytes: 1, sha256: 'a'.repeat(64) }] }, /no right "files"/],
    ['files', { files: [] }, /no right "files"/],
  ])('whose manifest has another %s', async (_, changes, said) => {
    rewrite(changes)
    await expectRefused(said)
  })

  it('whose manifest is no JSON, or not there', async () => {
    writeFileSync(snapshot.path, '{')
    await expectRefused(/is no JSON/)
    writeFileSync(snapshot.path, '[]')
    await expectRefused(/no right "format"/)
    snapshot = { ...snapshot, path: dir('snapshots', 'none.json') }
    await expectRefused(/cannot be read/)
  })

  it.each([
    [
      'a symbolic link',
      { path: 'CURRENT', type: 'SymbolicLink', linkpath: '/etc/passwd' },
      /is a SymbolicLink/,
    ],
    ['an absolute path', { path: '/tmp/CURRENT' }, /leads out of the directory/],
    ['a path with ..', { path: '../CURRENT' }, /leads out of the directory/],
    ['a folder', { path: 'a/CURRENT' }, /leads out of the directory/],
    ['a file that the manifest does not name', { path: 'extra' }, /"extra" is not in the manifest/],
    ['a file missing', { path: 'CURRENT' }, /is missing/],
  ] as const)('with %s', async (_, entry, said) => {
    pack([entry])
    await expectRefused(said)
  })

  it('that is cut short', async () => {
    const size = readFileSync(archive).length
    for (const length of [size - 1, size >> 1, 10, 0]) {
      truncateSync(archive, length)
      await expectRefused(/cannot be read|is missing/)
    }
  })

  it('whose archive is a link elsewhere, or not there', async () => {
    rewrite({ archive: 'none.tar.gz' })
    await expectRefused(/cannot be read/)
    symlinkSync('/etc/passwd', dir('snapshots', 'none.tar.gz'))
    await expectRefused(/cannot be read/)
  })
})
