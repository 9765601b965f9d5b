/** What a command of the command line is. */

/** Where a command writes, and what it reads besides its words. */
export interface Surroundings {
  stdout: { write(text: string): unknown }
  stderr: { write(text: string): unknown }
  env: Readonly<Record<string, string | undefined>>
}

/** One command: returns its exit status, and throws what went wrong. */
export interface Command {
  /** One line: what it does. */
  summary: string
  /** Every flag. */
  help(): string
  run(words: readonly string[], surroundings: Surroundings): Promise<number>
}

/** The words on the command line make no sense. */
export class UsageError extends Error {}
