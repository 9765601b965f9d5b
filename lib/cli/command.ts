/** The interface of a command. */

/** Where text goes. */
export interface Output {
  /** False where it should be waited for 'drain'. */
  write(text: string | Uint8Array): unknown
  on?(event: string, listener: () => void): unknown
  off?(event: string, listener: () => void): unknown
  /** Whether it is a terminal, and how wide. */
  isTTY?: boolean
  columns?: number
}

/** A command's input and output besides its arguments. */
export interface Surroundings {
  stdout: Output
  stderr: Output
  /** What is piped to the command. */
  stdin?: AsyncIterable<unknown>
  env: Readonly<Record<string, string | undefined>>
}

/** One command: returns its exit status, or throws. */
export interface Command {
  /** One line that says what it does. */
  summary: string
  /** Every flag. */
  help(): string
  run(words: readonly string[], surroundings: Surroundings): Promise<number>
}

/** The exit statuses: done; failed; an invalid command line; what was asked for is not there. */
export const DONE = 0
export const FAILED = 1
export const MISUSED = 2
export const ABSENT = 3

/** The command line is invalid. */
export class UsageError extends Error {}
