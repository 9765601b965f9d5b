/** Warnings of files in a database's directory that are not its own. */

/** The code of these process warnings. */
export const STRANGERS_WARNING = 'ROCKSDB_LIVE_STRANGERS'

/** Named in a warning; more are counted. */
const NAMED = 5

/** What was warned of already: a program that opens a directory again and again is told once. */
const warned = new Set<string>()

/** Names the files, once in a process for each directory and each set of files. */
export function warnOfStrangers(path: string, strangers: readonly string[]): void {
  if (strangers.length === 0) return
  const more = strangers.length > NAMED ? ` and ${strangers.length - NAMED} more` : ''
  const names = `${strangers.slice(0, NAMED).join(', ')}${more}`
  const message = `Files of others are in the directory of the database ${path}: ${names}. They are left alone; a directory of its own is safer`
  if (warned.has(message)) return
  warned.add(message)
  process.emitWarning(message, { type: 'DirectoryWarning', code: STRANGERS_WARNING })
}
