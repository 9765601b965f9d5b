// Whether npm runs a script because of its name. npm runs `prebuild` before every `npm run build`,
// and does not tell the script so; but npm's process title contains its own command.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** The parent of a process and its command line; undefined where the system does not say. */
function processOf(id) {
  if (existsSync('/proc/self/stat')) {
    try {
      const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]
      const title = readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ')
      return { parent: Number(parent), title }
    } catch {
      return undefined
    }
  }
  const ps = spawnSync('ps', ['-o', 'ppid=,args=', '-p', String(id)], { encoding: 'utf8' })
  const match = /^\s*(\d+)\s+(.*)/.exec(ps.stdout ?? '')
  return match ? { parent: Number(match[1]), title: match[2] } : undefined
}

/** The titles of this process's ancestors, nearest first: a shell, perhaps, then npm. */
function* titles() {
  // There, the title is the console's, which npm has set.
  if (process.platform === 'win32') yield process.title
  let id = process.ppid
  for (let depth = 0; depth < 4 && id > 1; depth += 1) {
    const found = processOf(id)
    if (!found) return
    yield found.title
    id = found.parent
  }
}

/** The script that npm was asked to run, such as 'build'; undefined if npm did not start this. */
export function scriptAskedOfNpm() {
  for (const title of titles()) {
    const script = /(?:^|\s)npm (?:run|run-script|rum|urn) (\S+)/.exec(title)?.[1]
    if (script) return script
  }
  return undefined
}
