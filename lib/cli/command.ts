/** The interface of a command. */

/** Where text goes. */
export interface Output {
  write(text: string): unknown
  /** Whether it is a terminal, and how wide. */
  isTTY?: boolean
  columns?: number
}

/** A command's input and output besides its arguments. */
export interface Surroundings {
  stdout: Output
  stderr: Output
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

/** The command line is invalid. */
export class UsageError extends Error {}
