/**
 * A page that shows an open database in a browser: its health, where its keys are, its rows, its tuning, and
 * what it does at the moment.
 *
 * @module rocksdb-live/studio
 */
import type { Database } from '../database'
import { partsOf } from '../open-database'
import { handlerOf, type StudioHandler } from './handler'
import {
  readServeOptions,
  readStudioOptions,
  type ServeStudioOptions,
  type StudioOptions,
} from './options'
import { type StudioServer, serve } from './server'
import { openSubject } from './subject'

export type { StudioHandler } from './handler'
export type { ServeStudioOptions, StudioOptions } from './options'
export { type StudioServer, StudioServerError } from './server'

// biome-ignore lint/suspicious/noExplicitAny: databases of any families are meant
type AnyDatabase = Database<any>

/**
 * Returns a function that answers the requests of browsers, for a server of the service's own. Rows are decoded by
 * the codecs of their families. Nothing is read while nobody looks.
 *
 * The page is given to who asks on this machine's own names or on `hosts`; data to who has the token as well. Mount
 * it behind a path that ends with a slash.
 *
 * Fails with `ERR_CLOSED` where the database is closed. When it closes later, open pages say so.
 *
 * @example
 * ```ts
 * const studio = studioHandler(db, { basePath: '/studio' })
 * createServer(studio).listen(7070, '127.0.0.1')
 * console.log(`http://127.0.0.1:7070/studio/#token=${studio.token}`)
 * ```
 */
export function studioHandler(db: AnyDatabase, options?: StudioOptions): StudioHandler {
  const request = readStudioOptions(options)
  return handlerOf(subjectOf(db, request.write), request)
}

/**
 * Serves the page on a port of its own. Resolves once it listens, and rejects with a `StudioServerError` where it
 * cannot. The server keeps the process alive until it is closed.
 *
 * @example
 * ```ts
 * await using studio = await serveStudio(db, { port: 7070 })
 * console.log(studio.url) // http://127.0.0.1:7070/#token=…
 * ```
 */
export async function serveStudio(
  db: AnyDatabase,
  options?: ServeStudioOptions,
): Promise<StudioServer> {
  const request = readServeOptions(options)
  return serve(subjectOf(db, request.write), request)
}

function subjectOf(db: AnyDatabase, write: boolean) {
  const reads = partsOf(db).connection.tuning.request.reader === true
  return openSubject(db, {
    mode: reads ? 'read-only' : 'read-write',
    write: write && !reads,
    whyNot: reads
      ? 'the database was opened to read only'
      : 'the service has not allowed it (studioHandler’s option write)',
  })
}
