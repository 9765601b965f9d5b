// The npm registry as a carrier of sources: a package's tarball, checked against its sha512. No package's
// script is run.

import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { findModule } from './project.mjs'

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

let loaded

/** Unpacks the files of a pinned package that `wanted` takes, by their paths in it, into `fresh`. */
export async function unpackPackage(pin, fresh, wanted) {
  const [{ default: pacote }, tar] = await Promise.all([import('pacote'), import('tar')])
  loaded ??= npmOptions()
  const filter = (file) => wanted(file.slice('package/'.length))
  await pacote.tarball.stream(
    pin.package,
    (stream) => pipeline(stream, tar.x({ cwd: fresh, strip: 1, filter })),
    { ...(await loaded), integrity: pin.integrity, preferOffline: true },
  )
}
