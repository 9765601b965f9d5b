/** Rows in from other stores, and out again. */
import { kindOf, STDIN } from './detect'
import { failure } from './errors'
import { openJson } from './json-source'
import { openLevel } from './level'
import { openLmdb } from './lmdb'
import { openRocks } from './rocksdb'
import type { Source, SourceKind, SourceOptions } from './rows'

export { STDIN } from './detect'
export { type ExportOptions, type ExportReport, exportRows } from './export'
export { type ImportOptions, type ImportReport, importRows, type TransferProgress } from './import'
export { FORMS, type Form } from './json-lines'
export { KINDS, type Source, type SourceKind, type SourceOptions } from './rows'

const OPENERS = { level: openLevel, rocksdb: openRocks, lmdb: openLmdb, jsonl: openJson } as const

/**
 * Opens a source: what `from` says, or what its files look like. Fails with `ERR_INVALID_ARGUMENT` where there is none
 * or one of another kind, with `ERR_LOCKED` where it is open elsewhere and must not be, with `ERR_CORRUPTION` where it
 * is damaged, and with `ERR_NOT_SUPPORTED` where the package that reads it is not installed.
 */
export async function openSource(
  path: string,
  from: SourceKind | undefined,
  options: SourceOptions = {},
): Promise<Source> {
  const kind = from ?? kindOf(path)
  if (kind !== undefined && (path !== STDIN || kind === 'jsonl'))
    return OPENERS[kind](path, options)
  const message =
    path === STDIN
      ? 'standard input can be read as JSON lines alone: --from jsonl'
      : `${path} holds nothing that can be imported: no LevelDB, RocksDB or LMDB`
  throw failure('ERR_INVALID_ARGUMENT', message)
}
