/** Opens the user's browser. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PROGRAMS: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}

/**
 * Opens an address that has a secret, by a file that only this user can read: the words of a command line are for
 * everyone on the machine. Returns what removes the file. Where there is no browser, nothing happens.
 */
export function openInBrowser(url: string): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'rocksdb-live-studio-'))
  const file = join(folder, 'open.html')
  const safe = url.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
  writeFileSync(file, `<!doctype html><meta http-equiv="refresh" content="0;url=${safe}">\n`, {
    mode: 0o600,
  })
  const [program, ...words] = PROGRAMS[process.platform] ?? ['xdg-open']
  const child = spawn(program, [...words, file], { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
  return () => rmSync(folder, { recursive: true, force: true })
}
