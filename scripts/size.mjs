// Prints what a user downloads and stores, with this machine's binary only, and fails if the
// tarball is too large. If prebuilds/ has binaries of other platforms, it prints those as well.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { packOnePlatform } from './pack.mjs'
import { root, runAsProgram } from './support/project.mjs'

/** For the tarball with one platform's binary, in bytes. */
const tarballLimit = 8e6

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`

/** Bytes of the package's files by their first folder. */
function unpackedByFolder(files) {
  const sums = {}
  for (const { path: file, size } of files) {
    const folder = file.includes('/') ? file.split('/')[0] : 'other files'
    sums[folder] = (sums[folder] ?? 0) + size
  }
  return Object.entries(sums).sort((a, b) => b[1] - a[1])
}

function printBinaries() {
  const folder = path.join(root, 'prebuilds')
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true }) : []
  for (const file of files.filter((name) => name.endsWith('.node')).sort()) {
    const binary = path.join(folder, file)
    const packed = gzipSync(readFileSync(binary), { level: 9 }).length
    console.log(
      `prebuilds/${file}: ${megabytes(statSync(binary).size)}, ${megabytes(packed)} packed`,
    )
  }
}

await runAsProgram(import.meta.url, async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rocksdb-live-size-'))
  try {
    const report = await packOnePlatform(folder)
    printBinaries()
    for (const [name, bytes] of unpackedByFolder(report.files))
      console.log(`${name}: ${megabytes(bytes)}`)
    const { size, unpackedSize } = report
    console.log(
      `package with one platform: ${megabytes(size)}, unpacked ${megabytes(unpackedSize)} (at most ${megabytes(tarballLimit)})`,
    )
    return size <= tarballLimit ? 0 : 1
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
