// One compressed file with the sources of a folder, for the npm package: as plain files they would take
// half as much again in its tarball. The file is a Brotli stream of three parts:
//
//   the SHA-256 of the index, in hex, and a line end
//   the index, JSON in one line: { format, quality, files: [{ path, size, sha256 }, …] }, sorted by
//   path
//   the files' bytes, end to end, in that order
//
// No time and no mode is in it, so that the same sources give the same bytes with the same Node.

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, brotliDecompress, constants } from 'node:zlib'

const compress = promisify(brotliCompress)
const decompress = promisify(brotliDecompress)

const format = 1
/** More than any sources here have; a damaged file shall not fill the memory. */
const mostBytes = 1 << 28
const bestQuality = constants.BROTLI_MAX_QUALITY

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')

/** The index of these files below `root`, and their bytes in its order. */
async function indexed(files, root, quality) {
  const bodies = []
  const index = { format, quality, files: [] }
  for (const file of [...files].sort()) {
    const bytes = await readFile(path.join(root, file))
    bodies.push(bytes)
    index.files.push({ path: file, size: bytes.length, sha256: sha256(bytes) })
  }
  return { index, bodies }
}

/** Whether the archive is whole, has these files, and is compressed as well. */
async function isThere(file, { quality, files }) {
  try {
    const { index } = await readArchive(file)
    return index.quality >= quality && JSON.stringify(index.files) === JSON.stringify(files)
  } catch {
    return false
  }
}

/**
 * Writes the files, paths below `root` with `/` between names, to the archive `file`. Leaves an archive
 * alone that has just these: compressing takes half a minute for RocksDB. `quality` is Brotli's, 0 to 11.
 */
export async function writeArchive(files, root, file, { quality = bestQuality } = {}) {
  const { index, bodies } = await indexed(files, root, quality)
  if (await isThere(file, index)) return
  const line = JSON.stringify(index)
  const content = Buffer.concat([Buffer.from(`${sha256(line)}\n${line}\n`), ...bodies])
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: quality,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  }
  const fresh = `${file}.${process.pid}`
  await writeFile(fresh, await compress(content, { params }))
  await rename(fresh, file)
}

/** Whether a path stays below the folder that it is joined to, on every system. */
function staysInside(name) {
  const odd = typeof name !== 'string' || name.includes('\0') || /[\\:]/.test(name)
  return !odd && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

/** The index of an archive and its files, [{ path, bytes }, …], all of them checked. */
async function readArchive(file) {
  const content = await decompress(await readFile(file), { maxOutputLength: mostBytes })
  const sumEnd = content.indexOf('\n')
  const indexEnd = content.indexOf('\n', sumEnd + 1)
  const line = content.subarray(sumEnd + 1, indexEnd)
  if (sumEnd < 0 || indexEnd < 0 || content.toString('latin1', 0, sumEnd) !== sha256(line))
    throw new Error('its index has another sum than it says')
  const index = JSON.parse(line)
  if (index.format !== format) throw new Error(`its format is ${index.format}, and not ${format}`)
  let at = indexEnd + 1
  const files = index.files.map(({ path: name, size, sha256: sum }) => {
    if (!staysInside(name)) throw new Error(`it has a path that leads out of it: ${name}`)
    const bytes = content.subarray(at, at + size)
    at += size
    if (sha256(bytes) !== sum) throw new Error(`${name} in it has another sum than it says`)
    return { path: name, bytes }
  })
  if (at !== content.length) throw new Error('it has more bytes than its index says')
  return { index, files }
}

/** Whether the process with this id is there. */
function isRunning(id) {
  try {
    process.kill(id, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** How the folders beside `root` begin in which it is made; the rest is the id of the process. */
const freshPrefix = (root) => `.${path.basename(root)}-extracting-`

/** Removes what extractions into `root` have left that were killed. */
async function removeLeftovers(root) {
  const parent = path.dirname(root)
  const prefix = freshPrefix(root)
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix) || isRunning(Number.parseInt(name.slice(prefix.length), 10)))
      continue
    await rm(path.join(parent, name), { recursive: true, force: true })
  }
}

/** Renames `fresh` to `root`, and a `root` that is there to `old`. Another process may do the same. */
async function putInPlace(fresh, root, old) {
  try {
    await rename(root, old)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  try {
    await rename(fresh, root)
  } catch (error) {
    // The other one was quicker, with the same files.
    if (!existsSync(root)) throw error
  }
}

/**
 * Makes the folder `root` what the archive `file` has, and nothing else. Throws if the archive is damaged;
 * then, and if the process is killed, `root` has nothing of it.
 */
export async function extractArchive(file, root) {
  let files
  try {
    files = (await readArchive(file)).files
  } catch (error) {
    throw new Error(`${file} is damaged: ${error.message}. Install the package again`)
  }
  await removeLeftovers(root)
  const fresh = path.join(path.dirname(root), `${freshPrefix(root)}${process.pid}`)
  const old = `${fresh}-old`
  try {
    for (const { path: name, bytes } of files) {
      const target = path.join(fresh, name)
      await mkdir(path.dirname(target), { recursive: true })
      await writeFile(target, bytes, { flag: 'wx' })
    }
    await putInPlace(fresh, root, old)
  } finally {
    await rm(fresh, { recursive: true, force: true })
    await rm(old, { recursive: true, force: true })
  }
}
