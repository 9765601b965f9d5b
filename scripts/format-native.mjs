// Formats our C and C++ with the pinned clang-format; --check only reports what it would change.

import { readdirSync } from 'node:fs'
import path from 'node:path'
import { root, runAsProgram, runBin } from './support/project.mjs'

/** Every C and C++ file of this project, relative to its folder. */
export function nativeFiles(pattern = /\.(cc|h|c)$/) {
  return ['native', path.join('bench', 'native')]
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true }).map((file) =>
        path.join(folder, file),
      ),
    )
    .filter((file) => pattern.test(file))
    .sort()
}

await runAsProgram(import.meta.url, (args) => {
  const mode = args.includes('--check') ? ['--dry-run', '-Werror'] : ['-i']
  return runBin('clang-format', [...mode, '--style=file', ...nativeFiles()])
})
