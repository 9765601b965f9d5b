// Prints what a user downloads and keeps: the addon, the compiled TypeScript, the packed package.

import { existsSync, readdirSync, statSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { root, runAsProgram } from './support/project.mjs'

function bytesIn(target) {
  if (!existsSync(target)) return 0
  const stats = statSync(target)
  if (!stats.isDirectory()) return stats.size
  return readdirSync(target).reduce((sum, name) => sum + bytesIn(path.join(target, name)), 0)
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`

await runAsProgram(import.meta.url, () => {
  for (const name of ['build/Release/rocksdb_live.node', 'dist', 'prebuilds']) {
    console.log(`${name}: ${megabytes(bytesIn(path.join(root, name)))}`)
  }
  const pack = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (pack.status !== 0) throw new Error(`npm pack ended with ${pack.status}: ${pack.stderr}`)
  const [report] = JSON.parse(pack.stdout)
  console.log(`package: ${megabytes(report.size)}, unpacked ${megabytes(report.unpackedSize)}`)
  return 0
})
