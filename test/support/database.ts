/**
 * Databases for tests: each in a temporary directory of its own, closed after the test, which fails
 * if anything of them is still open then.
 */
import { mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database, type OpenOptions } from 'rocksdb-live'
import type { FamilySpecs } from '../../lib/types/options'

/** What `close` needs; `Database<F>` of any families. */
interface Closable {
  close(): Promise<void>
}

let directory: string | undefined
let opened: Closable[] = []

/**
 * Makes a directory before each test of this file and removes it afterwards. Returns a function
 * that joins names to its path. Databases opened with `openFresh` and `openAt`, or passed to
 * `track`, are closed first; after that this process must have no file of the directory open.
 */
export function useTempDirectory(): (...names: string[]) => string {
  beforeEach(() => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), 'rocksdb-live-')))
  })
  afterEach(async () => {
    const databases = opened
    opened = []
    await Promise.all(databases.map((database) => database.close()))
    const path = temporary()
    directory = undefined
    const left = openFiles(path)
    rmSync(path, { recursive: true, force: true })
    expect(left).toEqual([])
  })
  return (...names) => join(temporary(), ...names)
}

/** Opens a new database, in its own directory below the test's. */
// biome-ignore lint/complexity/noBannedTypes: {} is "no family but the default one is named"
export async function openFresh<const F extends FamilySpecs = {}>(
  options?: OpenOptions<F>,
): Promise<Database<F>> {
  return openAt(mkdtempSync(join(temporary(), 'db-')), options)
}

/** Opens the database at a path. */
// biome-ignore lint/complexity/noBannedTypes: see above
export async function openAt<const F extends FamilySpecs = {}>(
  path: string | URL,
  options?: OpenOptions<F>,
): Promise<Database<F>> {
  return track(await Database.open(path, options))
}

/** Closes the database, and opens it again. */
// biome-ignore lint/complexity/noBannedTypes: see above
export async function reopen<const F extends FamilySpecs = {}>(
  database: Closable & { readonly path: string },
  options?: OpenOptions<F>,
): Promise<Database<F>> {
  await database.close()
  return openAt(database.path, options)
}

/** Closes a database after the test. */
export function track<D extends Closable>(database: D): D {
  opened.push(database)
  return database
}

/** The files below a directory that this process has open; only Linux can tell. */
export function openFiles(path: string): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc/self/fd')
    .map((descriptor) => {
      try {
        return readlinkSync(`/proc/self/fd/${descriptor}`)
      } catch {
        return '' // the descriptor of this listing
      }
    })
    .filter((target) => target === path || target.startsWith(`${path}/`))
}

function temporary(): string {
  if (directory === undefined) throw new Error('useTempDirectory() is missing, or no test runs')
  return directory
}
