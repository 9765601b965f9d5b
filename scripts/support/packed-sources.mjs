// Makes of deps/ what the npm package has in its place: deps.br with the sources, and licenses/ with the
// licence texts of each, to be read without tools.

import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { root } from './project.mjs'
import { writeArchive } from './source-archive.mjs'

const deps = path.join(root, 'deps')
const licenses = path.join(root, 'licenses')

const isLicense = (file) => /^[\w-]+\/(LICENSE[^/]*|COPYING)$/.test(file)

/** The files of these sources that the package has, as paths below deps/. */
async function packedFiles(names) {
  const { unpacked } = JSON.parse(await readFile(path.join(root, 'native/sources.json'), 'utf8'))
  const leftOut = unpacked.map((pattern) => new RegExp(pattern))
  const files = []
  for (const name of names) {
    const options = { recursive: true, withFileTypes: true }
    for (const entry of await readdir(path.join(deps, name), options)) {
      if (!entry.isFile()) continue
      const folder = path.relative(deps, entry.parentPath ?? entry.path)
      const file = path.join(folder, entry.name).replaceAll(path.sep, '/')
      if (!leftOut.some((pattern) => pattern.test(file))) files.push(file)
    }
  }
  return files
}

/** Writes deps.br and licenses/ of the sources with these names; `quality` is as for writeArchive. */
export async function packSources(names, options) {
  const files = await packedFiles(names)
  await writeArchive(files, deps, path.join(root, 'deps.br'), options)
  await rm(licenses, { recursive: true, force: true })
  for (const file of files.filter(isLicense)) {
    await mkdir(path.join(licenses, path.dirname(file)), { recursive: true })
    await copyFile(path.join(deps, file), path.join(licenses, file))
  }
}
