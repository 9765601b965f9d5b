/**
 * The end of the process. `process.exit()` and an uncaught exception run no destructor of ours, but
 * those of RocksDB's own statics, while our threads may still be at work in it; and with the WAL off,
 * only a close saves the memtables. So all that is open is closed when this environment exits.
 */
import { addon } from './native'

let listening = false

/** Closes every database of this environment when it exits. */
export function closeAllAtExit(): void {
  if (listening) return
  listening = true
  process.on('exit', () => {
    for (const failure of addon.closeAll()) process.emitWarning(failure)
  })
}
