// Runs jest, then the engine's GoogleTest binary, and prints the totals of both as its last line.
// What follows on the command line goes to jest; then the engine's tests are left out.

import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { buildFolder } from './build-native.mjs'
import { run, runAsProgram, runBin } from './support/project.mjs'
import { addTotals, totalsLine, totalsOf } from './support/totals.mjs'

async function readReport(file) {
  return existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : undefined
}

async function runJest(folder, args) {
  const file = path.join(folder, 'jest.json')
  // A test that runs out of time may leave processes that hold the output open: that must not hold us.
  const status = runBin('jest', ['--forceExit', '--json', `--outputFile=${file}`, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const report = await readReport(file)
  if (!report) return { status: status || 1, totals: totalsOf(0, 1) }
  // A file that could not be loaded has no tests to count, so it counts as one failure.
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites
  const skipped = report.numPendingTests + report.numTodoTests
  return { status, totals: totalsOf(report.numPassedTests, failed, skipped) }
}

async function runEngineTests(folder) {
  const build = buildFolder()
  const binary = process.platform === 'win32' ? 'engine_tests.exe' : 'engine_tests'
  if (!existsSync(path.join(build, binary))) {
    console.warn('SKIPPED: the engine tests were not built (no GoogleTest on this machine?)')
    return { status: 0, totals: totalsOf(0, 0, 1) }
  }
  const file = path.join(folder, 'gtest.json')
  const status = run('ctest', ['--test-dir', build, '--output-on-failure'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, GTEST_OUTPUT: `json:${file}` },
  })
  const report = await readReport(file)
  if (!report) return { status: status || 1, totals: totalsOf(0, 1) }
  const skipped = report.testsuites
    .flatMap((suite) => suite.testsuite)
    .filter((test) => test.result === 'SKIPPED').length
  const passed = report.tests - report.failures - report.disabled - skipped
  return { status, totals: totalsOf(passed, report.failures, report.disabled + skipped) }
}

/** Runs the tests; returns their exit status and totals. */
export async function runTests(jestArgs = []) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rocksdb-live-tests-'))
  try {
    const parts = [await runJest(folder, jestArgs)]
    if (jestArgs.length === 0) parts.push(await runEngineTests(folder))
    const totals = addTotals(...parts.map((part) => part.totals))
    return { status: parts.find((part) => part.status !== 0)?.status ?? 0, totals }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

await runAsProgram(import.meta.url, async (args) => {
  const { status, totals } = await runTests(args)
  console.log(totalsLine(totals))
  return status
})
