/** Opens a database to look at it, beside whoever has it open, and never to write. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { absolutePathOf } from '../base/paths'
import { Database } from '../database'
import { addon } from '../native/addon'
import { call } from '../native/lane'
import type { FamilySpecs, OpenOptions } from '../types/options'

/** What `openToRead` passes on to `Database.open`. */
export interface ReadOptions<F extends FamilySpecs = FamilySpecs>
  extends Pick<
    OpenOptions<F>,
    'columnFamilies' | 'tuning' | 'configFile' | 'env' | 'envPrefix' | 'argv' | 'recovery'
  > {
  /**
   * Whether it is to follow who writes it (`db.catchUp()`). True by default; where it is false, or where
   * nobody writes it, it is opened read-only, which needs no folder of its own.
   */
  follow?: boolean | undefined
}

/** A database that is opened to look at. Dispose of it rather than close `db`. */
export interface OpenedToRead<F extends FamilySpecs = FamilySpecs> {
  readonly db: Database<F>
  /** `catchUp` is for secondaries alone. */
  readonly mode: 'read-only' | 'secondary'
  /**
   * Who has it open to write, such as `another process (12: node service.js)`; undefined where nobody has, or
   * where the system does not tell.
   */
  readonly holder: string | undefined
  /** Closes it, and removes its temporary folder. */
  [Symbol.asyncDispose](): Promise<void>
}

/** Who has a database open to write; undefined where nobody has, or where the system does not tell. */
export async function holderOf(path: string): Promise<string | undefined> {
  const directory = absolutePathOf('path', path)
  const place = { path: directory }
  const holder = await call('open', place, (id) => addon.holder(id, directory))
  return holder === '' ? undefined : (holder as string)
}

/**
 * Opens a database to read one exact state of it, with rows that no table has yet: as a secondary where
 * somebody writes it, read-only otherwise. It takes no lock and writes nothing into the database's directory.
 * A secondary gets a temporary folder. Fails as `Database.open` does, where there is no database as well.
 */
// biome-ignore lint/complexity/noBannedTypes: {} is "no family but the default one is named"
export async function openToRead<const F extends FamilySpecs = {}>(
  path: string,
  { follow = true, ...options }: ReadOptions<F> = {},
): Promise<OpenedToRead<F>> {
  const holder = await holderOf(path)
  const folder =
    follow && holder !== undefined ? mkdtempSync(join(tmpdir(), 'rocksdb-live-read-')) : undefined
  const remove = () => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
  try {
    const mode = folder === undefined ? 'read-only' : { secondary: folder }
    const db = await Database.open<F>(path, { ...options, mode } as OpenOptions<F>)
    return {
      db,
      mode: folder === undefined ? 'read-only' : 'secondary',
      holder,
      [Symbol.asyncDispose]: () => db.close().finally(remove),
    }
  } catch (error) {
    remove()
    throw error
  }
}
