// Runs clang-tidy over our own C++, where it is installed. Needs a build, for its compile commands.

import { spawnSync } from 'node:child_process'
import { buildFolder } from './build-native.mjs'
import { nativeFiles } from './format-native.mjs'
import { run, runAsProgram } from './support/project.mjs'

await runAsProgram(import.meta.url, (args) => {
  const tidy = process.env.CLANG_TIDY || 'clang-tidy'
  if (spawnSync(tidy, ['--version']).error) {
    console.warn(`SKIPPED: no ${tidy} on this machine, our C++ was not linted`)
    return 0
  }
  const files = args.length > 0 ? args : nativeFiles(/(engine|binding)\/[^/]+\.cc$|addon\.cc$/)
  return run(tidy, ['-p', buildFolder(), '--quiet', ...files])
})
