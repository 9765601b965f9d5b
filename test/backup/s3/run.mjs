/**
 * s3() against a real server, with a proxy between that breaks things. Builds the server when first needed, which
 * takes two minutes and the Go module proxy.
 *
 *   npm run test:s3
 *   npm run test:s3 -- -t 'lost answers'   # what follows goes to jest
 *
 * Where Go is missing it says so and skips; with CI set that is a failure.
 */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { runAsProgram, runBin } from '../../../scripts/support/project.mjs'
import { build, missing } from './server.mjs'

const config = fileURLToPath(new URL('./jest.config.cjs', import.meta.url))

await runAsProgram(import.meta.url, async (args) => {
  const lacking = missing()
  if (lacking !== undefined) {
    console.error(`SKIPPED: the S3 server that the tests need is built with ${lacking}`)
    return process.env.CI ? 1 : 0
  }
  process.env.S3_SERVER = await build()
  return runBin('jest', ['--config', path.relative(process.cwd(), config), ...args])
})
