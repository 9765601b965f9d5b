// Makes package-lock.json the same wherever it was written (npm run lock). A mirror may lack the binary
// packages of other platforms; npm then leaves them out of the lock file, and npm ci refuses it. This
// names them with their version and platform, which is what npm ci needs to pass over them, and drops
// the addresses of the registry used.

import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { root, runAsProgram } from './support/project.mjs'

const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64', 'wasm32']

/** The content of a platform package's manifest, derived from its name. */
function platformEntry(name, version) {
  const parts = name.split(/[/-]/)
  const os = parts.filter((part) => systems.includes(part))
  const cpu = parts.filter((part) => processors.includes(part))
  if (os.length === 0 && cpu.length === 0) return undefined
  const entry = { version, cpu, dev: true, optional: true }
  if (os.length > 0) entry.os = os
  return entry
}

function missingEntries(packages) {
  const missing = {}
  for (const { optionalDependencies = {} } of Object.values(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const key = `node_modules/${name}`
      const entry = /^\d/.test(version) && platformEntry(name, version)
      if (entry && !Object.keys(packages).some((have) => have.endsWith(key))) missing[key] = entry
    }
  }
  return missing
}

await runAsProgram(import.meta.url, async () => {
  const file = path.join(root, 'package-lock.json')
  const lock = JSON.parse(await readFile(file, 'utf8'))
  const { '': project, ...rest } = lock.packages
  const entries = Object.entries({ ...rest, ...missingEntries(lock.packages) })
  entries.sort(([a], [b]) => a.localeCompare(b, 'en'))
  for (const [, entry] of entries) delete entry.resolved
  lock.packages = { '': project, ...Object.fromEntries(entries) }
  await writeFile(file, `${JSON.stringify(lock, null, 2)}\n`)
})
