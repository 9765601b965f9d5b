// Command lines of the benchmark's programs: what is wrong in one is said in a line, without a stack.
import { parseArgs } from 'node:util'

/** What is wrong with the command line, or missing to follow it. */
export class UsageError extends Error {}

/** The flags of this process by `parseArgs`'s options; throws a UsageError. */
export function readFlags(options) {
  try {
    return parseArgs({ options }).values
  } catch (error) {
    throw new UsageError(error.message)
  }
}

/** A flag as a whole number from `least` to `most`; throws a UsageError. */
export function wholeNumber(flags, name, { least = 1, most = 1e9 } = {}) {
  const value = Number(flags[name])
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new UsageError(
    `--${name} must be a whole number from ${least} to ${most}, not ${JSON.stringify(flags[name])}`,
  )
}

/** Runs a program; a UsageError is printed and ends it with 2. */
export async function runProgram(main) {
  try {
    await main()
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(error.message)
    process.exitCode = 2
  }
}
