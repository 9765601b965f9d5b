/** Warnings about foreign files in a database's directory. */

/** The code of these process warnings. */
export const STRANGERS_WARNING = 'ROCKSDB_LIVE_STRANGERS'

/** How many files a warning names; the others are counted. */
const NAMED = 5

/** Warnings already given: a program that opens a directory repeatedly is warned once. */
const warned = new Set<string>()

/** Warns of the files, once in a process for each directory and each set of files. */
export function warnOfStrangers(path: string, strangers: readonly string[]): void {
  if (strangers.length === 0) return
  const more = strangers.length > NAMED ? ` and ${strangers.length - NAMED} more` : ''
  const names = `${strangers.slice(0, NAMED).join(', ')}${more}`
  const message = `Files of others are in the directory of the database ${path}: ${names}. They are left alone; a directory of its own is safer`
  if (warned.has(message)) return
  warned.add(message)
  process.emitWarning(message, { type: 'DirectoryWarning', code: STRANGERS_WARNING })
}
