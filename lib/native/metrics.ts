/** The part of the boundary (`addon.ts`) that metrics and events use. */

/** Figures of one family, by the names of `metrics/catalog.ts`. */
export interface NativeFamilyFigures {
  name: string
  figures: Record<string, number>
  /** By level. */
  levelFiles: number[]
  levelBytes: number[]
  /** Counts as text, by the names of the map property `rocksdb.cf-write-stall-stats`. */
  stalls: Record<string, string>
}

/** What `gather` delivers. */
export interface NativeFigures {
  /** By the names of `metrics/catalog.ts`; `write_buffer_manager_stops`, and `transaction_conflicts_` and what of. */
  figures: Record<string, number>
  families: NativeFamilyFigures[]
  /** By the names of the catalog: the count of each bucket, of what is above all, and the sum. Nanoseconds, operations or bytes. Empty where nothing is recorded. */
  histograms: Record<string, number[]>
  /** RocksDB's tickers by its names; empty without statistics. */
  tickers: Record<string, number>
  /** RocksDB's histograms by its names: median, 95th and 99th percentile, sum, count. Empty without statistics. */
  summaries: Record<string, number[]>
}

/** RocksDB's histogram, in its unit for it. */
export interface NativeHistogram {
  count: number
  sum: number
  min: number
  max: number
  average: number
  median: number
  p95: number
  p99: number
  standardDeviation: number
}

/** RocksDB's counters and histograms, by its names. */
export interface NativeStatistics {
  tickers: Record<string, number>
  histograms: Record<string, NativeHistogram>
}

/** What a session can tell of itself. */
export interface NativeMetricsSession {
  /** Delivers NativeFigures, gathered on a thread. */
  gather(id: number): void
  /**
   * Measures from now on, in new histograms, what has bounds: ascending ones of buckets, in nanoseconds,
   * operations or bytes, by the names of native/engine/watch/recorder.h. Of point reads one in
   * `readSample` is measured; none for 0.
   */
  record(bounds: Readonly<Record<string, readonly number[]>>, readSample: number): void
  /** Measures nothing any more; harmless after close. */
  endRecord(): void
  /** Once: has events delivered by `hooks.deliverEvent` under this number, until the session closes. */
  listen(listener: number): void
}

/** Told of events; see `listen`. */
export interface NativeEventHooks {
  /** `dropped`: events that were not delivered, since `listen`. */
  deliverEvent(
    listener: number,
    type: string,
    fields: Record<string, string | number>,
    dropped: number,
  ): void
}
