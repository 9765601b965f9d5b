// The one gate: format, lint, types, build, package, tests, in this order, stopping at the first that
// fails. Its last line is the totals of the tests, also when it never came to run them.

import { run, runAsProgram } from './support/project.mjs'
import { runTests, totalsLine } from './test.mjs'

const steps = [
  'format:check',
  'lint',
  'lint:workflows',
  'typecheck',
  'build',
  'check:package',
  'size',
]
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

function runStep(name) {
  const started = Date.now()
  console.log(`--- ${name}`)
  const status = run(npm, ['run', '--silent', name], {
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  console.log(`--- ${name}: ${status === 0 ? 'passed' : `FAILED (${status})`} in ${seconds} s`)
  return status
}

async function check() {
  for (const step of steps) {
    const status = runStep(step)
    if (status !== 0) return { status, totals: { passed: 0, failed: 0, skipped: 0 } }
  }
  console.log('--- test')
  return runTests()
}

await runAsProgram(import.meta.url, async () => {
  const { status, totals } = await check()
  console.log(totalsLine(totals))
  return status
})
