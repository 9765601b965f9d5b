/**
 * Databases that are closed when this environment exits. `process.exit()` runs no destructor, so
 * where the WAL is off only a synchronous close in an `exit` listener saves the memtables.
 */
interface Closable {
  closeSync(): void
}

const open = new Set<Closable>()

/** Closes a database at exit, unless it is closed before. Holds it until then. */
export function closeAtExit(database: Closable): void {
  if (open.size === 0) process.on('exit', closeAll)
  open.add(database)
}

/** Takes back `closeAtExit`. */
export function forgetAtExit(database: Closable): void {
  if (open.delete(database) && open.size === 0) process.off('exit', closeAll)
}

function closeAll(): void {
  for (const database of [...open]) {
    try {
      database.closeSync()
    } catch (error) {
      // A warning would be printed in a later tick, and there is none.
      console.error(error)
    }
  }
}
