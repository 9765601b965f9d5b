/** What RocksDB tells while a database is open: for listeners, and on diagnostics channels. */
import { channel } from 'node:diagnostics_channel'
import { EventEmitter } from 'node:events'
import { invalidType, oneOf } from '../base/arguments'
import type { ErrorSeverity } from '../base/errors'
import type { NativeSession } from './session'

/** What every event has. */
export interface DatabaseEvent {
  /** The real, absolute path of the database's directory. */
  path: string
  /** Events of this database so far that were not delivered, because this thread was busy for long. */
  droppedEvents: number
}

/** A memtable was written to an SST file. */
export interface FlushEvent extends DatabaseEvent {
  columnFamily: string
  /** RocksDB's `FlushReason`, in its words: `'Manual Flush'`, `'Write Buffer Full'`, … */
  reason: string
  /** Path of the SST file. */
  file: string
  /** Entries in it: puts, deletes and merges. */
  entries: number
  /** Bytes of its data, index and filter. */
  bytes: number
  /** Bytes of blob files that were written with it. */
  blobBytes: number
}

/** A compaction ended. */
export interface CompactionEvent extends DatabaseEvent {
  columnFamily: string
  /** RocksDB's `CompactionReason`, in its words: `'LevelL0FilesNum'`, `'ManualCompaction'`, … */
  reason: string
  /** The uppermost level it read from. */
  inputLevel: number
  /** The level it wrote to. */
  outputLevel: number
  inputFiles: number
  outputFiles: number
  inputBytes: number
  outputBytes: number
  inputEntries: number
  outputEntries: number
  durationMs: number
  /** Why it failed; absent where it did not. */
  error?: string
}

/** RocksDB began or ended to slow writes down, or to stop them. */
export interface StallEvent extends DatabaseEvent {
  /** The family whose memtables, files or pending bytes are the reason. */
  columnFamily: string
  state: 'normal' | 'delayed' | 'stopped'
  previous: 'normal' | 'delayed' | 'stopped'
}

/** A flush, a compaction or a write failed in a way that concerns the database; see `db.health`. */
export interface BackgroundErrorEvent extends DatabaseEvent {
  /** What failed. */
  reason: 'flush' | 'compaction' | 'write' | 'memtable' | 'manifest' | 'other'
  severity: Exclude<ErrorSeverity, 'none'>
  /** RocksDB's text. */
  message: string
}

/**
 * An SST file made elsewhere became part of the database (RocksDB's `IngestExternalFile`, which no
 * function of this package calls).
 */
export interface IngestEvent extends DatabaseEvent {
  columnFamily: string
  /** Path of the file outside of the database. */
  externalFile: string
  /** Path of the file in the database. */
  file: string
  entries: number
  /** Bytes of its data, index and filter. */
  bytes: number
}

/** The events of a database, by name. */
export interface DatabaseEvents {
  flush: FlushEvent
  compaction: CompactionEvent
  stall: StallEvent
  backgroundError: BackgroundErrorEvent
  ingest: IngestEvent
}

const TYPES = ['flush', 'compaction', 'stall', 'backgroundError', 'ingest'] as const

const channels = new Map<string, ReturnType<typeof channel>>(
  TYPES.map((type) => [type, channel(`rocksdb-live:${type}`)]),
)

/** Where events of a database come from. */
interface Origin {
  readonly path: string
  readonly closed: boolean
  readonly session: NativeSession
}

const sources = new Map<number, WeakRef<EventSource>>()
const abandoned = new FinalizationRegistry<number>((number) => void sources.delete(number))
let lastNumber = 0

/** The events of one opening of a database. */
export class EventSource {
  readonly #emitter = new EventEmitter()
  readonly #origin: Origin

  constructor(origin: Origin) {
    this.#origin = origin
    const number = ++lastNumber
    // Native knows the number alone, so that an abandoned database can be collected.
    sources.set(number, new WeakRef(this))
    abandoned.register(this, number)
    origin.session.listen(number)
  }

  on(event: unknown, listener: unknown): void {
    this.#emitter.on(typeOf(event), functionOf(listener))
  }

  once(event: unknown, listener: unknown): void {
    this.#emitter.once(typeOf(event), functionOf(listener))
  }

  off(event: unknown, listener: unknown): void {
    this.#emitter.off(typeOf(event), functionOf(listener))
  }

  /** What a listener throws goes to whoever called: to native, which makes it an uncaught exception. */
  deliver(type: string, fields: Record<string, string | number>, droppedEvents: number): void {
    const { path, closed } = this.#origin
    if (closed) return
    const listened = this.#emitter.listenerCount(type) > 0
    const published = channels.get(type)?.hasSubscribers ?? false
    if (!listened && !published) return
    const event = { path, ...fields, droppedEvents }
    if (published) channels.get(type)?.publish(event)
    this.#emitter.emit(type, event)
  }
}

/** The hook of metrics.ts. */
export function deliverEvent(
  listener: number,
  type: string,
  fields: Record<string, string | number>,
  dropped: number,
): void {
  sources.get(listener)?.deref()?.deliver(type, fields, dropped)
}

function typeOf(event: unknown): string {
  if (event === undefined) throw invalidType('event', 'a string', event)
  return oneOf('event', event, TYPES, 'flush')
}

function functionOf(listener: unknown): () => void {
  if (typeof listener !== 'function') throw invalidType('listener', 'a function', listener)
  return listener as () => void
}
