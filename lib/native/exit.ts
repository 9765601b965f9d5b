/**
 * The end of the process. `process.exit()` and an uncaught exception run no destructors of ours,
 * but those of RocksDB's statics, while our threads may still be using it. And with the WAL off,
 * only a close saves the memtables. So everything that is open is closed when this environment
 * exits.
 */
import { writeSync } from 'node:fs'
import { addon } from './addon'

let listening = false

/** Closes every database of this environment when it exits. */
export function closeAllAtExit(): void {
  if (listening) return
  listening = true
  process.on('exit', () => {
    // A warning would be emitted in a later turn, and there is none.
    for (const failure of addon.closeAll()) say(`(rocksdb-live) Warning: ${failure}\n`)
  })
}

/** If standard error is closed or full, nobody can be told. */
function say(line: string): void {
  try {
    writeSync(2, line)
  } catch {}
}
