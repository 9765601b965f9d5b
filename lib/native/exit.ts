/**
 * The end of the process. `process.exit()` and an uncaught exception run no destructor of ours, but
 * those of RocksDB's own statics, while our threads may still be at work in it; and with the WAL off,
 * only a close saves the memtables. So all that is open is closed when this environment exits.
 */
import { writeSync } from 'node:fs'
import { addon } from './addon'

let listening = false

/** Closes every database of this environment when it exits. */
export function closeAllAtExit(): void {
  if (listening) return
  listening = true
  process.on('exit', () => {
    // A warning would come in a later turn, and there is none.
    for (const failure of addon.closeAll()) say(`(rocksdb-live) Warning: ${failure}\n`)
  })
}

/** Where standard error is closed or full, nobody can be told. */
function say(line: string): void {
  try {
    writeSync(2, line)
  } catch {}
}
