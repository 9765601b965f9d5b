/** Runs a program of another test to its end. Those of test/lifecycle print lines of JSON. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const HANGS_AFTER_MS = 300_000

/** How it ended, and what it printed. `file` is below test/. */
export async function runProgram(file, args, { node = [], env = {} } = {}) {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url))
  const child = spawn(process.execPath, [...node, path, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => {
      output[name] += text
    })
  }
  let hangs = false
  const hang = setTimeout(() => {
    hangs = true
    child.kill('SIGKILL')
  }, HANGS_AFTER_MS)
  const [code, signal] = await once(child, 'close')
  clearTimeout(hang)
  return { code, signal, hangs, ...output }
}

/** Runs one of test/lifecycle/programs that must end well; the lines that it said. */
export async function runLifecycle(run, name, args, options) {
  const ended = await runProgram(`lifecycle/programs/${name}.cjs`, [JSON.stringify(args)], options)
  if (ended.code !== 0 || ended.stderr !== '') {
    const { code, signal, hangs, stderr } = ended
    run.fail(`${name} ${JSON.stringify(args)}`, hangs ? 'it hangs' : `${signal ?? code} ${stderr}`)
    return []
  }
  return ended.stdout
    .split('\n')
    .filter((line) => line.endsWith(']'))
    .map((line) => JSON.parse(line))
}
