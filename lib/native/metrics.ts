/** The part of the boundary (`addon.ts`) for metrics and events. */

/** Figures of one family, named as in `metrics/catalog.ts`. */
export interface NativeFamilyFigures {
  name: string
  figures: Record<string, number>
  /** By level. */
  levelFiles: number[]
  levelBytes: number[]
  /** Counts as text, named as in the map property `rocksdb.cf-write-stall-stats`. */
  stalls: Record<string, string>
}

/** What `gather` delivers. */
export interface NativeFigures {
  /**
   * Named as in `metrics/catalog.ts`; plus `write_buffer_manager_stops`, and
   * `transaction_conflicts_` with each kind.
   */
  figures: Record<string, number>
  families: NativeFamilyFigures[]
  /** Named places from which changes are kept; `lost` is 0 or 1. */
  places: { name: string; lagBytes: number; ageSeconds: number; lost: number }[]
  /**
   * Named as in the catalog: the count of each bucket, the count above all buckets, and the sum. In
   * nanoseconds, operations or bytes. Empty if nothing is recorded.
   */
  histograms: Record<string, number[]>
  /** RocksDB's tickers by name; empty without statistics. */
  tickers: Record<string, number>
  /**
   * RocksDB's histograms by name: median, 95th and 99th percentile, sum, count. Empty without
   * statistics.
   */
  summaries: Record<string, number[]>
}

/** RocksDB's histogram, in RocksDB's unit. */
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

/** RocksDB's counters and histograms, by name. */
export interface NativeStatistics {
  tickers: Record<string, number>
  histograms: Record<string, NativeHistogram>
}

/** What a session reports about itself. */
export interface NativeMetricsSession {
  /** Delivers NativeFigures, gathered on a thread. */
  gather(id: number): void
  /**
   * From now on measures, in new histograms, what has bounds: ascending bounds of buckets, in
   * nanoseconds, operations or bytes, named as in native/engine/watch/recorder.h. Times one in
   * `readSample` point reads; 0 means none.
   */
  record(bounds: Readonly<Record<string, readonly number[]>>, readSample: number): void
  /** Ends the measuring; harmless after close. */
  endRecord(): void
  /**
   * Call once: delivers events to `hooks.deliverEvent` with this number, until the session closes.
   */
  listen(listener: number): void
}

/** Receives events; see `listen`. */
export interface NativeEventHooks {
  /** `dropped`: how many events were not delivered, since `listen`. */
  deliverEvent(
    listener: number,
    type: string,
    fields: Record<string, string | number>,
    dropped: number,
  ): void
}
