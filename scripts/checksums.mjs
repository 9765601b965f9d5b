// SHA256SUMS of every binary in prebuilds/, in the form that `sha256sum --check` reads there.
//
//   npm run checksums              writes prebuilds/SHA256SUMS
//   npm run checksums -- --check   compares it with the binaries; a file more or less is an error too

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { root, runAsProgram } from './support/project.mjs'

const sumsName = 'SHA256SUMS'

/** The lines of SHA256SUMS for the binaries that are in `folder`, sorted by path. */
export async function sumsOf(folder) {
  const files = (await readdir(folder, { recursive: true })).filter((file) => /\.node$/.test(file))
  const lines = files.map(async (file) => {
    const hash = createHash('sha256').update(await readFile(path.join(folder, file)))
    return `${hash.digest('hex')}  ${file.replaceAll(path.sep, '/')}\n`
  })
  return (await Promise.all(lines)).sort((a, b) => a.slice(66).localeCompare(b.slice(66), 'en'))
}

/** Writes the file, or removes it if there is no binary. Returns the number of binaries. */
export async function writeSums(folder) {
  const lines = await sumsOf(folder)
  const file = path.join(folder, sumsName)
  if (lines.length > 0) await writeFile(file, lines.join(''))
  else await rm(file, { force: true })
  return lines.length
}

/** Throws if the binaries differ from the file. Returns the number of binaries. */
export async function checkSums(folder) {
  const file = path.join(folder, sumsName)
  if (!existsSync(file)) throw new Error(`no ${file}`)
  const wanted = (await readFile(file, 'utf8')).split(/(?<=\n)/)
  const have = await sumsOf(folder)
  const different = [
    ...wanted.filter((line) => !have.includes(line)).map((line) => `expected: ${line.trim()}`),
    ...have.filter((line) => !wanted.includes(line)).map((line) => `found:    ${line.trim()}`),
  ]
  if (different.length > 0) throw new Error(`${file} does not match:\n${different.join('\n')}`)
  return have.length
}

await runAsProgram(import.meta.url, async (args) => {
  const { values } = parseArgs({ args, options: { check: { type: 'boolean' } } })
  const folder = path.join(root, 'prebuilds')
  const count = await (values.check ? checkSums : writeSums)(folder)
  console.log(`${count} binaries ${values.check ? 'match' : 'in'} prebuilds/${sumsName}`)
  return 0
})
