// Rust's registry as a carrier of sources. `cargo fetch --locked` of native/crates downloads crates and
// checks them against the checksums of its lock file; nothing of them is compiled or run.

import { spawnSync } from 'node:child_process'
import { cp, readdir } from 'node:fs/promises'
import path from 'node:path'
import { root } from './project.mjs'

const manifest = path.join(root, 'native/crates/Cargo.toml')

/** The crates are not available on this machine now. Another carrier may have sources instead. */
export class CratesUnavailable extends Error {}

/** Gives up within seconds on a registry that does not answer; keeps the user's own settings. */
const patience = { CARGO_NET_RETRY: '1', CARGO_HTTP_TIMEOUT: '15', CARGO_TERM_COLOR: 'never' }

// A download that differs from the lock file, or a lock file that differs from the manifest:
// falling back on another carrier must not hide these.
const wrong = /checksum|--locked was passed/i

/** cargo's description of a failure: its error, and the innermost cause. */
function reasonOf(text) {
  const lines = text.split('\n').map((line) => line.trim())
  const first = lines.find((line) => line.startsWith('error')) ?? lines.find(Boolean) ?? 'no output'
  const causes = lines.slice(lines.indexOf('Caused by:') + 1).filter(Boolean)
  const last = lines.includes('Caused by:') ? causes.at(-1) : undefined
  return [first.replace(/^error:?\s*/, ''), last].filter(Boolean).join(': ')
}

/** Starts cargo; returns what it prints. */
function cargo(...args) {
  const { error, status, stdout, stderr } = spawnSync(
    'cargo',
    [...args, '--manifest-path', manifest],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28, env: { ...patience, ...process.env } },
  )
  if (error?.code === 'ENOENT') throw new CratesUnavailable('there is no cargo on the PATH')
  if (error) throw new CratesUnavailable(`cargo cannot be started: ${error.message}`)
  if (status === 0) return stdout
  const reason = reasonOf(stderr)
  if (wrong.test(stderr)) throw new Error(`cargo ${args[0]} refused: ${reason}`)
  throw new CratesUnavailable(`cargo ${args[0]} failed: ${reason}`)
}

let folders

/** The folders of the fetched crates, by `name@version`. */
export function fetchCrates() {
  if (folders) return folders
  cargo('fetch', '--locked')
  const text = cargo('metadata', '--locked', '--offline', '--format-version', '1')
  const { packages } = JSON.parse(text)
  folders = new Map(
    packages.map(({ name, version, manifest_path: file }) => [
      `${name}@${version}`,
      path.dirname(file),
    ]),
  )
  return folders
}

/** Copies the files of a pinned crate that `wanted` takes, by their paths in it, into `fresh`. */
export async function copyCrate(pin, fresh, wanted) {
  const crate = fetchCrates().get(pin.crate)
  if (!crate) throw new Error(`native/crates/Cargo.lock does not have ${pin.crate}`)
  for (const entry of await readdir(crate, { recursive: true, withFileTypes: true })) {
    const full = path.join(entry.parentPath ?? entry.path, entry.name)
    const file = path.relative(crate, full)
    if (entry.isFile() && wanted(file.replaceAll(path.sep, '/')))
      await cp(full, path.join(fresh, file))
  }
}
