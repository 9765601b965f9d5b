// Downloads the pinned packages that carry the sources of RocksDB, lz4 and zstd, and unpacks what is
// compiled into deps/. Every tarball is checked against its sha512; no package's script is run.

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { findModule, root, runAsProgram } from './support/project.mjs'

const deps = path.join(root, 'deps')
const stampName = '.source-stamp'
const compiled = /\.(h|c|cc|S|mk)$|(^|\/)(LICENSE[^/]*|COPYING|CMakeLists\.txt)$/

/** The environment variable that names a source tree to compile in place of the pinned one. */
export const overrideVariable = (name) => `${name.toUpperCase()}_SOURCE_DIR`

/** npm's own configuration (registry, cache, proxy, certificates, credentials of a mirror). */
async function npmOptions() {
  const { default: Config } = await import('@npmcli/config')
  const { default: shape } = await import('@npmcli/config/lib/definitions/index.js')
  const npmPath = path.dirname(findModule('@npmcli/config/package.json'))
  const env = { ...process.env }
  const config = new Config({ ...shape, npmPath, env, argv: [process.execPath, ''], warn: false })
  await config.load()
  return config.flat
}

/** Unpacks what is compiled of the package's folder into `target`. */
async function unpack(pin, target, options) {
  const [{ default: pacote }, tar] = await Promise.all([import('pacote'), import('tar')])
  const prefix = `package/${pin.folder}/`
  const skip = pin.skip.map((pattern) => new RegExp(pattern))
  const wanted = (file) => {
    if (!file.startsWith(prefix)) return false
    const inside = file.slice(prefix.length)
    return compiled.test(inside) && !skip.some((pattern) => pattern.test(inside))
  }
  const strip = prefix.split('/').length - 1
  await pacote.tarball.stream(
    pin.package,
    (stream) => pipeline(stream, tar.x({ cwd: target, strip, filter: wanted })),
    { ...options, integrity: pin.integrity, preferOffline: true },
  )
}

/** Brings deps/<name> to its pin; what is there already is left alone. */
async function fetchSource(name, pin, options) {
  const target = path.join(deps, name)
  const stamp = createHash('sha512')
    .update(JSON.stringify([pin, compiled.source]))
    .digest('hex')
  const stampFile = path.join(target, stampName)
  if (existsSync(stampFile) && (await readFile(stampFile, 'utf8')) === stamp) return
  console.log(`fetching ${name} ${pin.version} from ${pin.package}`)
  await mkdir(deps, { recursive: true })
  const fresh = await mkdtemp(path.join(deps, `.${name}-`))
  try {
    await unpack(pin, fresh, await options())
    await writeFile(path.join(fresh, stampName), stamp)
    await rm(target, { recursive: true, force: true })
    await rename(fresh, target)
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
