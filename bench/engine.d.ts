/**
 * What an engine is to the benchmark. `bench/engines/rocksdb-live.mjs` and each file of
 * `bench/peers/adapters/` export one `Engine` as default. A method that an engine lacks is left out;
 * why, it says in `absent`, and the cell of the table is empty.
 */

/** What is opened; the same for all engines, as far as they have it. */
export interface Settings {
  /** MiB of memory before a file is written. */
  writeBufferMb: number
  /** MiB of the block cache (or what the engine has in its place). */
  blockCacheMb: number
  /** Bits a key in the bloom filter of each file. */
  bloomBitsPerKey: number
  /** Flushes and compactions at a time. */
  maxBackgroundJobs: number
  /** MiB of a file after which the system is told to write it out. */
  bytesPerSyncMb: number
  compression: 'none' | 'lz4' | 'zstd'
  /** Write the log; no workload but the durable ones waits for the disk. */
  wal: boolean
  /** MiB of a cache of whole rows; 0: none. An engine without one ignores it and says so in `notes`. */
  rowCacheMb: number
  /** Read files past the system's page cache. */
  directReads: boolean
  /** Number of further families (tables) beside the first: 0 or 1. */
  families: number
  /** A preset of rocksdb-live, in place of all of the above. */
  preset?: 'default' | 'production' | 'development'
  /**
   * What keys and values are in JavaScript. `buffer`: Buffers. `utf8`: strings, all ASCII here.
   * `json`: keys are strings, values are plain objects. `tuple`: keys are a string and a bigint, whose bytes are as
   * many as a key's, and values are Buffers.
   */
  codec: 'buffer' | 'utf8' | 'json' | 'tuple'
  /** Collect metrics, where the ability `metrics` is there; false where absent. */
  metrics?: boolean
  /** An upper bound on the bytes of the data, for engines that reserve address space. */
  expectedBytes: number
}

/** Which rows a scan walks. */
export interface Range {
  reverse: boolean
  /** The first key of the range (greater or equal); all where absent. Never given with `reverse`. */
  from?: Buffer
  /** At most so many rows. */
  limit?: number
}

/**
 * What a scan saw. `checksum` is the sum, over all rows, of `key[0] + key[last] + value[0] +
 * value[last] + key.length + value.length`: a plain number, compared with what the generator says.
 */
export interface Walked {
  rows: number
  checksum: number
}

/** Nothing, or a promise that is awaited. */
export type Done = undefined | Promise<unknown>

/** Bytes that were read; valid until the next call of the engine, at least. */
export type Bytes = Uint8Array

/** An open database. Every method takes the engine's fastest documented way, and owns its loop. */
export interface Opened {
  /**
   * Writes rows `from` to `to` (exclusive) of the arrays as one atomic batch. Returns a promise only
   * where the engine has no synchronous way, or it is slower.
   */
  writeBatch(keys: Buffer[], values: Buffer[], from: number, to: number): Done
  /** The same, off the JavaScript thread where the engine can. */
  writeBatchAsync?(keys: Buffer[], values: Buffer[], from: number, to: number): Promise<unknown>
  /** One atomic batch in which even indices go to the first family and odd ones to the second. */
  writeTwoFamilies?(keys: Buffer[], values: Buffer[], from: number, to: number): Done

  /** Done, without fsync, when it returns. */
  putSync?(key: Buffer, value: Buffer): void
  /** Done, without fsync, when the promise resolves. */
  put?(key: Buffer, value: Buffer): Promise<unknown>
  /** On the disk (fsync or fdatasync) when it returns or resolves: the faster one for one at a time. */
  putDurable?(key: Buffer, value: Buffer): Done
  /** The same for many at once: it returns a promise, and calls may overlap. */
  putDurableAsync?(key: Buffer, value: Buffer): Promise<unknown>

  /** `undefined` where the key is absent. With codec `utf8` a string, with `json` an object. */
  getSync?(key: Buffer): Bytes | undefined
  get?(key: Buffer): Promise<Bytes | undefined>
  /** The values in the order of the keys; all of them stay valid together. */
  getMany?(keys: Buffer[]): (Bytes | undefined)[] | Promise<(Bytes | undefined)[]>
  /** Copies the value into `target`, which is large enough, and returns its length. */
  getInto?(key: Buffer, target: Buffer): number

  /**
   * Walks rows without making an object for each, where the engine has such a form. Where it has
   * none, leave this out: the row of the table then shows `scanEntries`, and says so.
   */
  scanPages?(range: Range): Walked
  scanPagesAsync?(range: Range): Promise<Walked>
  /** Walks rows as keys and values that the caller could keep, and touches both. */
  scanEntries?(range: Range): Walked
  scanEntriesAsync?(range: Range): Promise<Walked>

  /**
   * Moves an amount from one account to another in one transaction: reads both values, which begin
   * with the balance as a signed 32-bit number, little-endian, and writes both. Again and again until
   * it is committed. Calls may overlap.
   */
  transfer?(from: Buffer, to: Buffer, amount: number): Promise<unknown>
  /** The same, done when it returns. */
  transferSync?(from: Buffer, to: Buffer, amount: number): void
  /** Writes `next` where the value is `current`, in one atomic step; whether it did. */
  compareAndWrite?(key: Buffer, current: Buffer, next: Buffer): Promise<boolean>
  /** The same, done when it returns. */
  compareAndWriteSync?(key: Buffer, current: Buffer, next: Buffer): boolean
  /**
   * Begins a transaction and reads a key in it; what it returns ends the transaction, and throws
   * where it had ended before. Writes beside it must be possible.
   */
  holdTransaction?(key: Buffer): () => Done

  /** Writes memory to files; nothing where there is no such thing. */
  flush?(): Done
  /** Compacts everything; nothing where there is no such thing. */
  compact?(): Done
  /** RocksDB's options in force, by its own names: of the database, the first family, its tables. */
  options?(): Record<'db' | 'columnFamily' | 'table', Record<string, string>>
  /** Closes; afterwards the directory can be opened again or removed. */
  close(): Done
}

/** Names of the methods and abilities a row of the table may need. */
export type Ability =
  | Exclude<keyof Opened, 'close' | 'options'>
  | 'families' // Settings.families: 1
  | 'walOff' // Settings.wal: false
  | 'lz4' // Settings.compression
  | 'zstd'
  | 'rowCache' // Settings.rowCacheMb
  | 'directReads' // Settings.directReads
  | 'utf8' // Settings.codec
  | 'tuple' // Settings.codec
  | 'json'
  | 'presets' // Settings.preset
  | 'workers' // one directory open in several threads of one process at a time
  | 'metrics' // rocksdb-live/metrics
  | 'smallCache' // Settings.blockCacheMb really bounds what is cached in the process

/** One engine. */
export interface Engine {
  /** The name on the command line and of the adapter's file. */
  id: string
  /** `rocksdb` and `leveldb` are of our kind: nothing of theirs may be ahead of us. */
  kind: 'rocksdb' | 'leveldb' | 'other'
  /** The version of the package, and what is in it: "1.2.3 (RocksDB 11.8.1)". */
  version: string
  /** Differences that cannot be avoided, each one a sentence; printed below the table. */
  notes: string[]
  /** What it can do beside its methods: the abilities that are not names of methods. */
  abilities: Ability[]
  /** Why a method or an ability is missing. */
  absent?: Partial<Record<Ability, string>>
  /** Opens the directory, and makes a database in it where there is none. */
  open(directory: string, settings: Settings): Opened | Promise<Opened>
}
