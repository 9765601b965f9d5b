/** Subscribes to operations, and makes spans and durations of them. */
import {
  type Context,
  context,
  type Histogram,
  type MeterProvider,
  metrics,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'
import { invalidType, oneOf, outOfRange, readOptions } from '../base/arguments'
import { packageVersion } from '../base/package'
import type { Database } from '../database'
import { partsOf } from '../open-database'
import { type OperationContext, operations } from '../traces/operations'
import { runAround } from '../traces/trace'
import { metricAttributes, spanAttributes, spanName } from './attributes'

/** Options of `instrument`. */
export interface InstrumentOptions {
  /** Makes the spans. The global one by default. */
  tracerProvider?: TracerProvider | undefined
  /** Makes the metric. The global one by default. */
  meterProvider?: MeterProvider | undefined
  /**
   * Operations that took less have no span; the metric has all. Transactions and backups always have one, since
   * other spans may be inside. In milliseconds, 0 by default.
   */
  minDurationMs?: number | undefined
  /** `db.namespace`. The database's path by default. */
  namespace?: string | undefined
  /**
   * The kind of the spans. `'internal'` by default, as the conventions allow for what is done inside of the process;
   * with `'client'`, the default of databases that are elsewhere, some tools draw RocksDB as a service of its own.
   */
  spanKind?: 'internal' | 'client' | undefined
}

/** What `instrument` has begun. */
export interface Instrumentation {
  /** Ends it: later operations have no spans. Doing it again is no error. */
  stop(): void
  /** `stop`, for `using`. */
  [Symbol.dispose](): void
}

/** Operations inside of which others may run, whose spans are begun at once. */
const AROUND_OTHERS: readonly string[] = ['transaction', 'backup']

/** Those of the conventions from a millisecond on, and finer ones below, where reads are. In seconds. */
const BUCKETS = [
  0.000001, 0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5,
  10,
]

const OPTIONS = [
  'tracerProvider',
  'meterProvider',
  'minDurationMs',
  'namespace',
  'spanKind',
] as const

/** An operation under way. */
interface Begun {
  startMs: number
  /** Where it was called: the span's parent is in it. */
  parent: Context
  span: Span | undefined
}

/** Milliseconds since 1970, with fractions. */
function nowMs(): number {
  return performance.timeOrigin + performance.now()
}

class Instrumented implements Instrumentation {
  readonly #path: string | undefined
  readonly #tracer: Tracer
  readonly #durations: Histogram
  readonly #minDurationMs: number
  readonly #namespace: string | undefined
  readonly #kind: SpanKind
  readonly #begun = new WeakMap<object, Begun>()
  /** Spans that were begun at once and go on. */
  readonly #open = new Set<Span>()
  readonly #subscribers = {
    start: (message: object) => this.#start(message as OperationContext),
    end: (message: object) => this.#end(message as OperationContext),
    asyncStart: () => {},
    asyncEnd: (message: object) => this.#finish(message as OperationContext),
    error: () => {},
  }
  readonly #stopAround: () => void

  constructor(path: string | undefined, given: Settings) {
    this.#path = path
    const { tracerProvider, meterProvider } = given
    this.#minDurationMs = given.minDurationMs
    this.#namespace = given.namespace
    this.#kind = given.spanKind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL
    this.#tracer = (tracerProvider ?? trace).getTracer('rocksdb-live', packageVersion())
    const meter = (meterProvider ?? metrics).getMeter('rocksdb-live', packageVersion())
    this.#durations = meter.createHistogram('db.client.operation.duration', {
      description: 'Duration of database client operations.',
      unit: 's',
      advice: { explicitBucketBoundaries: BUCKETS },
    })
    operations.subscribe(this.#subscribers)
    this.#stopAround = runAround((operation, run) => {
      const begun = this.#begun.get(operation)
      if (begun?.span === undefined) return run()
      return context.with(trace.setSpan(context.active(), begun.span), run)
    })
  }

  stop(): void {
    operations.unsubscribe(this.#subscribers)
    this.#stopAround()
    for (const span of this.#open) span.end()
    this.#open.clear()
  }

  [Symbol.dispose](): void {
    this.stop()
  }

  #start(operation: OperationContext): void {
    if (this.#path !== undefined && operation.database !== this.#path) return
    const begun: Begun = { startMs: nowMs(), parent: context.active(), span: undefined }
    this.#begun.set(operation, begun)
    if (!AROUND_OTHERS.includes(operation.operation)) return
    begun.span = this.#span(operation, begun)
    this.#open.add(begun.span)
  }

  /** What this thread does is over with its first part. */
  #end(operation: OperationContext): void {
    if (operation.sync) this.#finish(operation)
  }

  #finish(operation: OperationContext): void {
    const begun = this.#begun.get(operation)
    if (begun === undefined) return
    this.#begun.delete(operation)
    const endMs = nowMs()
    const durationMs = endMs - begun.startMs
    const namespace = this.#namespace ?? operation.database
    this.#durations.record(
      durationMs / 1000,
      metricAttributes(operation, namespace),
      begun.span === undefined ? begun.parent : trace.setSpan(begun.parent, begun.span),
    )
    if (begun.span === undefined && durationMs < this.#minDurationMs) return
    const span = begun.span ?? this.#span(operation, begun)
    span.setAttributes(spanAttributes(operation, namespace))
    if ('error' in operation) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end(endMs)
    this.#open.delete(span)
  }

  #span(operation: OperationContext, { startMs, parent }: Begun): Span {
    const attributes = metricAttributes(operation, this.#namespace ?? operation.database)
    const options = { kind: this.#kind, startTime: startMs, attributes }
    return this.#tracer.startSpan(spanName(operation), options, parent)
  }
}

interface Settings {
  tracerProvider: TracerProvider | undefined
  meterProvider: MeterProvider | undefined
  minDurationMs: number
  namespace: string | undefined
  spanKind: 'internal' | 'client'
}

/** A provider is known by what it makes. */
function providerOf<T>(name: string, value: unknown, method: string): T | undefined {
  if (value === undefined) return undefined
  const found = typeof value === 'object' && value !== null && method in value
  if (!found) throw invalidType(name, `an object with ${method}`, value)
  return value as T
}

function durationOf(name: string, value: unknown): number {
  if (value === undefined) return 0
  if (typeof value !== 'number') throw invalidType(name, 'a number', value)
  if (!(value >= 0)) throw outOfRange(name, '>= 0', value)
  return value
}

function readSettings(given: unknown): Settings {
  const options = readOptions('options', given, OPTIONS)
  const { namespace } = options
  if (namespace !== undefined && typeof namespace !== 'string') {
    throw invalidType('options.namespace', 'a string', namespace)
  }
  return {
    tracerProvider: providerOf('options.tracerProvider', options.tracerProvider, 'getTracer'),
    meterProvider: providerOf('options.meterProvider', options.meterProvider, 'getMeter'),
    minDurationMs: durationOf('options.minDurationMs', options.minDurationMs),
    namespace,
    spanKind: oneOf('options.spanKind', options.spanKind, ['internal', 'client'], 'internal'),
  }
}

/**
 * Makes a span of every operation, under the span in which it is called, and records its duration as
 * `db.client.operation.duration`, in seconds, by the names of OpenTelemetry's database conventions. An iterator is one
 * span, a transaction one around those of what it does. There is never a key or a value in them, nor a message of an
 * error: only its code, as `error.type`.
 *
 * Works for this thread, from now on, until it is stopped.
 *
 * @param db The database; without, every database of this thread, their opening among it.
 *
 * @example
 * ```ts
 * using tracing = instrument(db, { minDurationMs: 1 })
 * await tracer.startActiveSpan('sign up', async (span) => {
 *   await users.put('ada', { name: 'Ada' }) // the span `put users`, inside of `sign up`
 *   span.end()
 * })
 * ```
 */
export function instrument(
  // biome-ignore lint/suspicious/noExplicitAny: a database of any families is meant
  db?: Database<any> | undefined,
  options?: InstrumentOptions,
): Instrumentation {
  const settings = readSettings(options)
  const path = db === undefined ? undefined : partsOf(db).connection.path
  return new Instrumented(path, settings)
}
