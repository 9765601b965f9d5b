// Packs the package as a user of this machine's platform would want it: with this machine's binary and
// no other. Tests install it, and `npm run size` weighs it.
//
//   node scripts/pack.mjs FOLDER     puts the tarball into FOLDER and prints its path

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { writeSums } from './checksums.mjs'
import { fetchSources } from './fetch-sources.mjs'
import { root, run, runAsProgram } from './support/project.mjs'

const platform = `${process.platform}-${process.arch}`

function npmPack(cwd, args) {
  const pack = spawnSync('npm', ['pack', '--json', '--ignore-scripts', ...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    shell: process.platform === 'win32',
  })
  if (pack.status !== 0) throw new Error(`npm pack ended with ${pack.status}: ${pack.stderr}`)
  const [report] = Object.values(JSON.parse(pack.stdout))
  return report
}

/**
 * This machine's binary: the one built last, otherwise the prebuilt one that would be loaded. A
 * prebuilt one may be older than the sources under test.
 */
function binary() {
  const built = path.join(root, 'build/Release/rocksdb_live.node')
  if (existsSync(built)) return built
  const find = `require('node-gyp-build').resolve(${JSON.stringify(root)})`
  const found = spawnSync(process.execPath, ['-p', find], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PREBUILDS_ONLY: '1' },
  })
  if (found.status !== 0) throw new Error(`no ${built}: npm run build`)
  return found.stdout.trim()
}

/**
 * Packs the package with this machine's binary into `target`.
 *
 * Returns npm's report of it: filename, size, unpackedSize, files.
 */
export async function packOnePlatform(target) {
  const { carrier } = await fetchSources()
  const status = run(process.execPath, [path.join(root, 'scripts/prepack.mjs')], {
    env: { ...process.env, ROCKSDB_LIVE_SOURCES: carrier },
  })
  if (status !== 0) throw new Error(`prepack ended with ${status}`)
  const stage = await mkdtemp(path.join(os.tmpdir(), 'rocksdb-live-pack-'))
  try {
    for (const file of npmPack(root, ['--dry-run']).files) {
      if (/^prebuilds\/(.*\.node|SHA256SUMS)$/.test(file.path)) continue
      await cp(path.join(root, file.path), path.join(stage, file.path))
    }
    const file = binary()
    await cp(file, path.join(stage, 'prebuilds', platform, path.basename(file)))
    await writeSums(path.join(stage, 'prebuilds'))
    return npmPack(stage, ['--pack-destination', target])
  } finally {
    await rm(stage, { recursive: true, force: true })
  }
}

await runAsProgram(import.meta.url, async ([target]) => {
  if (!target) throw new Error('say which folder to put the tarball into')
  await mkdir(target, { recursive: true })
  const { filename } = await packOnePlatform(path.resolve(target))
  console.log(path.join(path.resolve(target), filename))
  return 0
})
