/** What the page is of: an open database, or one that could not be opened. */
import { RocksDBError } from '../base/errors'
import { packageVersion } from '../base/package'
import type { Connection } from '../connection/connection'
import type { Database } from '../database'
import type { FormatNames } from '../formats/remembered'
import { partsOf } from '../open-database'
import { versions } from '../versions'
import { Live } from './live'
import type { About, Failure, Findings, StudioMode } from './protocol'
import { PAGE_ROWS } from './rows'
import { Shapes } from './shapes'

/** An open database, and how it may be used. */
export interface OpenSubject {
  db: Database
  connection: Connection
  shapes: Shapes
  live: Live
  mode: StudioMode
  write: boolean
  whyNot: string | undefined
  holder: string | undefined
}

/** A database that did not open. */
export interface FailedSubject {
  path: string
  failure: Failure
  /** What the doctor makes of its directory. */
  findings: () => Promise<Findings>
}

export type Subject = OpenSubject | FailedSubject

/** How a database was opened; `formats` are those of families that declare none. */
export interface Opening {
  mode: StudioMode
  write: boolean
  whyNot?: string | undefined
  holder?: string | undefined
  formats?: FormatNames
}

/** A database as the subject of a page. */
export function openSubject(db: Database, opening: Opening): OpenSubject {
  const { mode, write, whyNot, holder, formats = {} } = opening
  const { connection } = partsOf(db)
  connection.assertOpen('studioHandler')
  return {
    db,
    connection,
    shapes: new Shapes(db, formats),
    live: new Live(db, connection),
    mode,
    write,
    whyNot,
    holder,
  }
}

/** The answer of `about`. */
export function aboutOf(subject: Subject): About {
  const common = {
    versions: { package: packageVersion(), rocksdb: versions.rocksdb },
    pageRows: PAGE_ROWS,
  }
  if ('failure' in subject) {
    const { path, failure } = subject
    const nothing = { mode: 'read-only', write: false, holder: undefined, families: 0 } as const
    return { ...common, ...nothing, path, whyNot: 'it could not be opened', failure }
  }
  const { db, mode, write, whyNot, holder } = subject
  const families = db.closed ? 0 : db.columnFamilies().length
  return { ...common, path: db.path, mode, write, whyNot, holder, families, failure: undefined }
}

/** The open database; throws why there is none. */
export function opened(subject: Subject): OpenSubject {
  if ('failure' in subject) throw new RocksDBError(subject.failure.message, { code: 'ERR_IO' })
  subject.connection.assertOpen('studio')
  return subject
}
