// Runs a child under callgrind and sums what it wrote.
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { has, read } from '../../scripts/support/project.mjs'
import { parseCallgrind } from './callgrind.mjs'

const ADDON = 'rocksdb_live.node'
const child = fileURLToPath(new URL('child.mjs', import.meta.url))

/**
 * Copies the addon of a built package to a folder of its own. The symbols that lie beside it are linked to
 * the copy: the code stays as it is.
 */
export function preparePackage(folder, scratch) {
  const built = path.join(folder, 'build-cmake', `${process.platform}-${process.arch}`, 'Release')
  const places = [built, path.join(folder, 'build', 'Release')]
  const from = places.find((place) => existsSync(path.join(place, ADDON)))
  if (from === undefined || !existsSync(path.join(folder, 'dist')))
    throw new Error(`${folder} is not built: run npm run build there`)
  const to = path.join(scratch, 'build', 'Release')
  mkdirSync(to, { recursive: true })
  cpSync(path.join(from, ADDON), path.join(to, ADDON))
  if (existsSync(path.join(from, `${ADDON}.debug`)) && has('objcopy')) {
    cpSync(path.join(from, `${ADDON}.debug`), path.join(to, `${ADDON}.debug`))
    read('objcopy', [`--add-gnu-debuglink=${ADDON}.debug`, ADDON], { cwd: to })
  }
  return { folder, scratch, directory: path.join(scratch, 'db'), version: '' }
}

function start(pack, program, before, given) {
  const { folder, directory, scratch } = pack
  return read(
    program,
    [...before, process.execPath, child, JSON.stringify({ folder, directory, ...given })].slice(
      program === process.execPath ? 1 : 0,
    ),
    { env: { ...process.env, ROCKSDB_LIVE_PREBUILD: scratch } },
  )
}

/** Makes the database that the rows read, and notes the version of RocksDB that did. */
export function fillDatabase(pack, keys) {
  pack.version = start(pack, process.execPath, [], { row: 'fill', keys }).trim()
}

/** What one row executes from the start of the process to its end, on a copy of the database. */
export async function countInstructions(pack, row, { operations: count, keys }) {
  const directory = path.join(pack.scratch, 'copy')
  const file = path.join(pack.scratch, 'callgrind.out')
  cpSync(pack.directory, directory, { recursive: true })
  const options = ['-q', '--tool=callgrind', `--callgrind-out-file=${file}`]
  start({ ...pack, directory }, 'valgrind', options, { row, count, keys })
  const counts = await parseCallgrind(file, ADDON)
  rmSync(directory, { recursive: true })
  rmSync(file)
  return counts
}
