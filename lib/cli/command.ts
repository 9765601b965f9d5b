/** The interface of a command. */

/** A command's input and output besides its arguments. */
export interface Surroundings {
  stdout: { write(text: string): unknown }
  stderr: { write(text: string): unknown }
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
