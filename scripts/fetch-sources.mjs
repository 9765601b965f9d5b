// Downloads the pinned packages that carry the sources of RocksDB, lz4, zstd and the headers of
// Node-API, and unpacks what is compiled into deps/. Every tarball is checked against its sha512; no
// package's script is run. The npm package brings deps/ along: there, nothing is downloaded.

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
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
import { pipeline } from 'node:stream/promises'
import { findModule, root, runAsProgram } from './support/project.mjs'

const deps = path.join(root, 'deps')
const stampName = '.source-stamp'
const compiled = /\.(h|c|cc|S|def)$|(^|\/)(src\.mk|LICENSE[^/]*|COPYING|CMakeLists\.txt)$/

/** The environment variable that names a source tree to compile in place of the pinned one. */
export const overrideVariable = (name) => `${name.toUpperCase().replaceAll('-', '_')}_SOURCE_DIR`

/** npm's own configuration (registry, cache, proxy, certificates, credentials of a mirror). */
export async function npmOptions() {
  const { default: Config } = await import('@npmcli/config')
  const { default: shape } = await import('@npmcli/config/lib/definitions/index.js')
  const npmPath = path.dirname(findModule('@npmcli/config/package.json'))
  const env = { ...process.env }
  const config = new Config({ ...shape, npmPath, env, argv: [process.execPath, ''], warn: false })
  await config.load()
  return config.flat
}

/** Unpacks what is compiled of the package into `fresh`; returns the folder of the sources in it. */
async function unpack(pin, fresh, options) {
  const [{ default: pacote }, tar] = await Promise.all([import('pacote'), import('tar')])
  const prefix = path.posix.join('package', pin.folder, '/')
  const skip = pin.skip.map((pattern) => new RegExp(pattern))
  const wanted = (file) => {
    if (file === `package/${pin.licenseFile}`) return true
    if (!file.startsWith(prefix)) return false
    const inside = file.slice(prefix.length)
    return compiled.test(inside) && !skip.some((pattern) => pattern.test(inside))
  }
  await pacote.tarball.stream(
    pin.package,
    (stream) => pipeline(stream, tar.x({ cwd: fresh, strip: 1, filter: wanted })),
    { ...options, integrity: pin.integrity, preferOffline: true },
  )
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

/** Brings deps/<name> to its pin; what is there already is left alone. */
async function fetchSource(name, pin, options) {
  const target = path.join(deps, name)
  const stamp = createHash('sha512')
    .update(JSON.stringify([pin, compiled.source, unpack.toString(), keepListed.toString()]))
    .digest('hex')
  const stampFile = path.join(target, stampName)
  if (existsSync(stampFile) && (await readFile(stampFile, 'utf8')) === stamp) return
  if (!findModule('pacote')) {
    throw new Error(`${target} is incomplete or was changed: install the package again`)
  }
  console.log(`fetching ${name} ${pin.version} from ${pin.package}`)
  await mkdir(deps, { recursive: true })
  const fresh = await mkdtemp(path.join(deps, `.${name}-`))
  try {
    const sources = await unpack(pin, fresh, await options())
    await writeFile(path.join(sources, stampName), stamp)
    await rm(target, { recursive: true, force: true })
    await rename(sources, target)
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}

/** Makes every source tree present; returns their folders by name. */
export async function fetchSources() {
  const pins = JSON.parse(await readFile(path.join(root, 'native/sources.json'), 'utf8'))
  let loaded
  const options = () => (loaded ??= npmOptions())
  const folders = {}
  for (const [name, pin] of Object.entries(pins)) {
    const override = process.env[overrideVariable(name)]
    if (override === undefined || override === '') {
      await fetchSource(name, pin, options)
      folders[name] = path.join(deps, name)
    } else {
      if (!existsSync(override)) throw new Error(`${overrideVariable(name)}: no ${override}`)
      folders[name] = path.resolve(override)
    }
  }
  return folders
}

await runAsProgram(import.meta.url, async () => {
  for (const [name, folder] of Object.entries(await fetchSources()))
    console.log(`${name}: ${folder}`)
})
