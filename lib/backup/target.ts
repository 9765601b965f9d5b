/** Where backups go: the five methods that a store of objects has. */

/** When an object may be put. */
export interface PutCondition {
  /** Only where there is no object of this key. */
  ifNoneMatch?: '*' | undefined
  /** Only where the object of this key has this tag. */
  ifMatch?: string | undefined
}

/** Options of `BackupTarget.put`. */
export interface PutOptions extends PutCondition {
  /** Length of the body in bytes. */
  size: number
  /** Ends it; what was sent may be there or not, but never a part of it under its key. */
  signal?: AbortSignal | undefined
}

/** Options of `BackupTarget.get`. */
export interface GetOptions {
  /** Ends it, also while the body is read. */
  signal?: AbortSignal | undefined
}

/** An object, as `get` gives it. */
export interface TargetObject {
  /** Its length in bytes. */
  size: number
  /** What tells its contents from those of the same key at other times. */
  etag: string
  /** Its bytes. Read once. */
  body: AsyncIterable<Uint8Array>
}

/** What is known of an object without reading it. */
export interface TargetEntry {
  key: string
  /** Its length in bytes. */
  size: number
}

/**
 * A store of objects for backups. `directory()` and `s3()` are two; any other can be given that keeps what
 * is said here, which `checkTarget` tries out. Keys are of `a-z`, `A-Z`, `0-9`, `-`, `_`, `.` and `/`; no part begins with a dot.
 *
 * Each method may be called many times at once. It rejects where the store fails, after having tried again
 * as often as is sensible there: the error goes to the user as the cause of an `ERR_BACKUP_TARGET`.
 */
export interface BackupTarget {
  /** For messages: which place it is, without secrets. */
  readonly name: string
  /**
   * Whether `ifMatch` and `ifNoneMatch` are kept. Without, two databases that write to one target are
   * not told from each other.
   */
  readonly conditional: boolean
  /**
   * Stores a whole object: it is there with all its bytes, durably, once this resolves, and is never seen
   * in part. Resolves to its tag, or to undefined, with nothing changed, where the condition does not hold. `body`
   * gives the bytes of the object; called again, it gives them from the start.
   */
  put(
    key: string,
    body: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options: PutOptions,
  ): Promise<string | undefined>
  /** The object, or undefined where there is none. */
  get(key: string, options?: GetOptions): Promise<TargetObject | undefined>
  /**
   * Copies an object into a new file, where that is faster than `get`; resolves to false where there is no
   * such object. A target without it is read by `get`.
   */
  fetch?(key: string, path: string, options?: GetOptions): Promise<boolean>
  /** All objects whose keys begin with this, in any order, as they are after every `put` that has resolved. */
  list(prefix: string, options?: GetOptions): AsyncIterable<TargetEntry>
  /** Removes an object. Resolves where there is none, too. */
  delete(key: string, options?: GetOptions): Promise<void>
  /** What is known of an object, or undefined where there is none. */
  head(key: string, options?: GetOptions): Promise<{ size: number; etag: string } | undefined>
}
