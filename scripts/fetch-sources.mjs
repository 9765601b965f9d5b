// Brings the sources of RocksDB, its codecs and the headers of Node-API into deps/, as native/sources.json
// pins them. Its carriers are tried in order: crates, then npm, which has an older RocksDB and fewer
// codecs. The npm package brings them along, in deps.br: there, nothing is downloaded.
//
//   ROCKSDB_LIVE_SOURCES=crates|npm    takes this carrier, or fails
//   --deps FOLDER                      another folder than deps/
//   --which                            only says which carrier it would be
//
// What is fetched and why goes to standard error: programs that use this print their result.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { CratesUnavailable, copyCrate, fetchCrates } from './support/cargo-carrier.mjs'
import { unpackPackage } from './support/npm-carrier.mjs'
import { findModule, root, runAsProgram } from './support/project.mjs'
import { extractArchive } from './support/source-archive.mjs'

const ownDeps = path.join(root, 'deps')
const stampName = '.source-stamp'
const compiled =
  /\.(h|c|cc|S|def)$|stubs-public\.h\.in$|(^|\/)(src\.mk|LICENSE[^/]*|COPYING|CMakeLists\.txt)$/

const { carriers, always } = JSON.parse(
  readFileSync(path.join(root, 'native/sources.json'), 'utf8'),
)

/** The names of all sources that any carrier has; what a carrier lacks is left out of the build. */
export const sourceNames = [
  ...new Set([...carriers.map(({ sources }) => sources), always].flatMap(Object.keys)),
]

/** The carriers after the one in use, which a machine may have to fall back on. */
export const otherCarriers = (name) =>
  carriers
    .slice(carriers.findIndex((carrier) => carrier.name === name) + 1)
    .map((other) => other.name)

/** The environment variable that names a source tree to compile instead of the pinned one. */
export const overrideVariable = (name) => `${name.toUpperCase().replaceAll('-', '_')}_SOURCE_DIR`

/** Unpacks the compiled files of a pin into `fresh`; returns the folder of its sources. */
async function unpack(pin, fresh) {
  const prefix = pin.folder === '' ? '' : `${pin.folder}/`
  const skip = pin.skip.map((pattern) => new RegExp(pattern))
  const wanted = (file) => {
    if (file === pin.licenseFile) return true
    if (!file.startsWith(prefix)) return false
    const inside = file.slice(prefix.length)
    return compiled.test(inside) && !skip.some((pattern) => pattern.test(inside))
  }
  await (pin.crate ? copyCrate : unpackPackage)(pin, fresh, wanted)
  const sources = path.join(fresh, pin.folder)
  if (pin.licenseFile)
    await copyFile(path.join(fresh, pin.licenseFile), path.join(sources, 'LICENSE'))
  if (pin.sourceList) await keepListed(sources, pin.sourceList)
  return sources
}

/** Removes every .cc file that the library's list of sources (a make file) does not name. */
async function keepListed(sources, list) {
  const text = (await readFile(path.join(sources, list), 'utf8')).replace(/\\[ \t]*\r?\n/g, ' ')
  const listed = new Set(/^LIB_SOURCES[ \t]*=(.*)$/m.exec(text)?.[1].match(/\S+\.cc/g))
  if (listed.size === 0) throw new Error(`no LIB_SOURCES in ${path.join(sources, list)}`)
  for (const file of await readdir(sources, { recursive: true })) {
    const unlisted = file.endsWith('.cc') && !listed.has(file.replaceAll(path.sep, '/'))
    if (unlisted) await rm(path.join(sources, file))
  }
}

const stampOf = (pin) =>
  createHash('sha512')
    .update(JSON.stringify([pin, compiled.source, unpack.toString(), keepListed.toString()]))
    .digest('hex')

/** Whether the folder has the complete sources of this pin. */
function isPresent(folder, pin) {
  const stamp = path.join(folder, stampName)
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === stampOf(pin)
}

/** Fetches a pin into a folder, completely or not at all. Does nothing if it is already there. */
async function fetchSource(name, pin, deps) {
  const target = path.join(deps, name)
  if (isPresent(target, pin)) return
  if (!findModule('pacote'))
    throw new Error(`${target} is incomplete or was changed: install the package again`)
  console.warn(`fetching ${name} ${pin.version} from ${pin.crate ?? pin.package}`)
  await mkdir(deps, { recursive: true })
  const fresh = await mkdtemp(path.join(deps, `.${name}-`))
  try {
    const sources = await unpack(pin, fresh)
    await writeFile(path.join(sources, stampName), stampOf(pin))
    await rm(target, { recursive: true, force: true })
    await rename(sources, target)
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}

const isWhole = (carrier, deps) =>
  Object.entries(carrier.sources).every(([name, pin]) => isPresent(path.join(deps, name), pin))

/** Extracts the sources that the npm package brings along, unless they are there. */
async function extractPacked(deps) {
  const archive = path.join(root, 'deps.br')
  // A clone that has packed has an archive, too, but without all that its benchmarks compile.
  if (!existsSync(archive) || existsSync(path.join(root, 'package-lock.json'))) return
  const whole = ({ sources }) => isWhole({ sources: { ...sources, ...always } }, deps)
  if (!carriers.some(whole)) await extractArchive(archive, deps)
}

/** The carrier with this name. */
function namedCarrier(name) {
  const carrier = carriers.find((candidate) => candidate.name === name)
  const names = carriers.map((candidate) => candidate.name).join(' or ')
  if (!carrier) throw new Error(`ROCKSDB_LIVE_SOURCES is ${name}; it may be ${names}`)
  return carrier
}

/** The carrier to use: the requested one, the one already present, or the first available one. */
function chooseCarrier(asked, deps) {
  if (asked) return namedCarrier(asked)
  const [first, second] = carriers
  const present = carriers.find((carrier) => isWhole(carrier, deps))
  if (present === first) return first
  const { version } = second.sources.rocksdb
  const again = 'ROCKSDB_LIVE_SOURCES=crates tries again, and says what is wrong'
  if (present) {
    console.warn(`RocksDB ${version} from npm, as fetched before; ${again}`)
    return second
  }
  if (!findModule('pacote')) return first
  try {
    fetchCrates()
    return first
  } catch (error) {
    if (!(error instanceof CratesUnavailable)) throw error
    const newer = first.sources.rocksdb.version
    console.warn(
      `RocksDB ${version} from npm in place of ${newer} from crates: ${error.message}. ${again}`,
    )
    return second
  }
}

/** Removes what another carrier has left in deps/, which would be packed otherwise. */
async function removeStrangers(carrier, deps) {
  for (const name of sourceNames)
    if (!(name in carrier.sources) && !(name in always))
      await rm(path.join(deps, name), { recursive: true, force: true })
}

/**
 * Makes every source tree present in `deps`. Returns the name of the carrier, the pins, and the
 * folders by name; omits names that the carrier does not have.
 */
export async function fetchSources({
  sources = process.env.ROCKSDB_LIVE_SOURCES,
  deps = ownDeps,
} = {}) {
  if (deps === ownDeps) await extractPacked(deps)
  const carrier = chooseCarrier(sources, deps)
  const pins = { ...carrier.sources, ...always }
  const folders = {}
  for (const name of sourceNames) {
    const override = process.env[overrideVariable(name)]
    if (override !== undefined && override !== '') {
      if (!existsSync(override)) throw new Error(`${overrideVariable(name)}: no ${override}`)
      folders[name] = path.resolve(override)
    } else if (pins[name]) {
      await fetchSource(name, pins[name], deps)
      folders[name] = path.join(deps, name)
    }
  }
  await removeStrangers(carrier, deps)
  return { carrier: carrier.name, pins, folders }
}

await runAsProgram(import.meta.url, async (args) => {
  const options = { deps: { type: 'string' }, which: { type: 'boolean' } }
  const { deps = ownDeps, which } = parseArgs({ args, options }).values
  if (which) return console.log(chooseCarrier(process.env.ROCKSDB_LIVE_SOURCES, deps).name)
  const { carrier, folders } = await fetchSources({ deps })
  console.log(`carrier: ${carrier}`)
  for (const [name, folder] of Object.entries(folders)) console.log(`${name}: ${folder}`)
})
