/**
 * Spans and metrics of OpenTelemetry for the operations of databases. Needs the package `@opentelemetry/api`.
 *
 * @module rocksdb-live/otel
 */
export { type Instrumentation, type InstrumentOptions, instrument } from './instrument'
