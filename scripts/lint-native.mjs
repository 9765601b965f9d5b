// Runs clang-tidy over our own C++: over the files given, all (--all), or those that changed since the last commit but
// one, or since the commit in LINT_SINCE, with the ones that include a header that did. Needs a build, for its compile
// commands.

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { buildFolder } from './build-native.mjs'
import { nativeFiles } from './format-native.mjs'
import { findTool, read, root, runAsProgram } from './support/project.mjs'

const ours = /(engine|binding)\/.*\.cc$|addon\.cc$/

/** Git's output as lines; empty if git fails, as in an unpacked archive. */
function git(...args) {
  try {
    return read('git', args, { stdio: 'pipe' }).split('\n').filter(Boolean)
  } catch {
    return []
  }
}

/** Our files that changed, and those that include them. */
function changedFiles() {
  const since = process.env.LINT_SINCE || 'HEAD~1'
  const changed = new Set(git('diff', '--name-only', since, '--', 'native'))
  const includes = [...changed]
    .filter((file) => file.endsWith('.h'))
    .map((file) => `#include "${path.posix.relative('native', file)}"`)
  return nativeFiles(ours).filter((file) => {
    if (changed.has(file)) return true
    const text = includes.length > 0 ? readFileSync(path.join(root, file), 'utf8') : ''
    return includes.some((include) => text.includes(include))
  })
}

/** Checks files one after another, from a list that all workers share. */
async function work(tidy, files) {
  let worst = 0
  for (let file = files.shift(); file !== undefined; file = files.shift()) {
    const args = ['-p', buildFolder(), '--quiet', file]
    const child = spawn(tidy, args, { cwd: root, stdio: ['ignore', 'inherit', 'ignore'] })
    const status = await new Promise((resolve) => child.on('close', resolve))
    worst ||= status ?? 1
  }
  return worst
}

await runAsProgram(import.meta.url, async (args) => {
  const tidy = process.env.CLANG_TIDY || findTool('clang-tidy')
  if (tidy === undefined) {
    console.warn('SKIPPED: our C++ was not linted, there is no clang-tidy (Debian: clang-tidy-19)')
    return 0
  }
  const named = args.filter((arg) => arg !== '--all')
  const all = args.includes('--all') ? nativeFiles(ours) : changedFiles()
  const files = named.length > 0 ? named : all
  console.log(`clang-tidy: ${files.length} files`)
  const workers = Array.from({ length: os.availableParallelism() }, () => work(tidy, files))
  return Math.max(...(await Promise.all(workers)))
})
