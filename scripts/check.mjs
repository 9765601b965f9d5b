// The complete gate: format, lint, types, build, package, tests, in this order; it stops at the
// first failure. Then the smoke set on every platform that this one can run, and on the RocksDB of
// the other carrier of sources. Its last line is the totals of all tests, even if none were run.

import { thisPlatform } from './build-native.mjs'
import { fetchSources, otherCarriers } from './fetch-sources.mjs'
import { runSmoke } from './smoke.mjs'
import { run, runAsProgram } from './support/project.mjs'
import { addTotals, totalsLine } from './support/totals.mjs'
import { runTests } from './test.mjs'

const steps = [
  'format:check',
  'lint',
  'lint:rooms',
  'lint:workflows',
  'typecheck',
  'build',
  'lint:native',
  'check:package',
  'size',
]
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

// Wine and qemu need Linux on x64; elsewhere the smoke set runs on this machine's platform.
const smokePlatforms =
  thisPlatform === 'linux-x64' ? ['linux-x64', 'win32-x64', 'linux-arm64'] : [thisPlatform]

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
  const { status, totals } = await runTests()
  const parts = [totals]
  for (const platform of smokePlatforms) {
    console.log(`--- smoke set: ${platform}`)
    parts.push(await runSmoke(platform))
  }
  for (const sources of otherCarriers((await fetchSources()).carrier)) {
    console.log(`--- smoke set: sources of ${sources}`)
    parts.push(await runSmoke(thisPlatform, { sources }))
  }
  const all = addTotals(...parts)
  return { status: status || (all.failed > 0 ? 1 : 0), totals: all }
}

await runAsProgram(import.meta.url, async () => {
  const { status, totals } = await check()
  console.log(totalsLine(totals))
  return status
})
