/** `rocksdb-live serve`: serves the metrics of a database that another process may have open. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database } from '../database'
import { ENV_PREFIX, splitCommandLine } from '../tuning'
import { type Command, type Surroundings, UsageError } from './command'
import { helpOf, parseFlags, SHARED, wholeNumber } from './flags'
import { follow } from './follow'
import { loadMetrics, METRICS_FLAGS, type MetricsAsked, readMetricsFlags } from './metrics-flags'

const FLAGS = {
  'metrics-port': {
    type: 'string',
    argument: '<port>',
    help: 'The port; 0 takes any free one (default: 9090).',
  },
  ...METRICS_FLAGS,
  'catch-up-seconds': {
    type: 'string',
    argument: '<n>',
    help: 'How often to take over what the other process has written (default: 10).',
  },
  doctor: { type: 'boolean', help: 'Serve the findings of the doctor as JSON on /doctor as well.' },
  config: SHARED.config,
  'env-prefix': SHARED['env-prefix'],
  help: SHARED.help,
} as const

interface Asked extends MetricsAsked {
  path: string
  port: number
  catchUpMs: number
  doctor: boolean
  configFile: string | undefined
  envPrefix: string
  argv: readonly string[]
}

/** Whether the other metrics are current; only in the registry of this command. */
const CAUGHT_UP = {
  name: 'node_db_caught_up_timestamp_seconds',
  help: 'Time at which rocksdb-live serve last took over what the primary had written.',
}

/** The signals that end the command. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export const serveCommand: Command = {
  summary: 'Serve the metrics of a database to Prometheus, beside the process that writes it.',
  help,
  async run(words, surroundings) {
    const asked = read(words)
    if (asked === undefined) {
      surroundings.stdout.write(help())
      return 0
    }
    const directory = mkdtempSync(join(tmpdir(), 'rocksdb-live-serve-'))
    try {
      await serve(asked, directory, surroundings)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
    return 0
  },
}

/** Serves until a signal ends it. */
async function serve(asked: Asked, directory: string, surroundings: Surroundings): Promise<void> {
  const { path, port, host, catchUpMs, doctor, metrics, configFile, envPrefix, argv } = asked
  const { env, stdout, stderr } = surroundings
  const ended = untilSignal()
  const { collectMetrics, serveMetrics, Gauge, Registry } = loadMetrics()
  const sources = { configFile, env, envPrefix, argv }
  await using db = await Database.open(path, { ...sources, mode: { secondary: directory } })
  const register = new Registry()
  const { labels } = collectMetrics(db, { ...metrics, register })
  const labelNames = Object.keys(labels)
  const caughtUp = new Gauge({ ...CAUGHT_UP, labelNames, registers: [register] })
  await using _follower = follow(db, {
    everyMs: catchUpMs,
    onDone: () => caughtUp.setToCurrentTime(labels),
    onError: (error) => stderr.write(`rocksdb-live: ${error.message}\n`),
  })
  await using server = await serveMetrics({ port, host, register, databases: [db], doctor })
  stdout.write(`serving ${server.url}/metrics for ${db.path}\n`)
  await ended
}

/** Listens before anything is opened, so that everything gets closed. */
async function untilSignal(): Promise<void> {
  const controller = new AbortController()
  const { signal } = controller
  await Promise.race(SIGNALS.map((name) => once(process, name, { signal })))
  controller.abort()
}

/** undefined if help is requested. */
function read(argv: readonly string[]): Asked | undefined {
  const { values, positionals } = parseFlags(splitCommandLine(argv, []).rest, FLAGS)
  if (values.help) return undefined
  const [path] = positionals
  if (path === undefined || positionals.length > 1) {
    throw new UsageError(`serve takes one path, not ${positionals.length}`)
  }
  return {
    path,
    port: wholeNumber('metrics-port', values['metrics-port'], [0, 65_535], 9090),
    catchUpMs: 1000 * wholeNumber('catch-up-seconds', values['catch-up-seconds'], [1, 86_400], 10),
    doctor: values.doctor ?? false,
    ...readMetricsFlags(values),
    configFile: values.config,
    envPrefix: values['env-prefix'] ?? ENV_PREFIX,
    argv,
  }
}

function help(): string {
  return `Usage: rocksdb-live serve <path> [flags]

Opens the database as a secondary, beside the process that has it open, and serves its metrics
on /metrics and its health on /health until SIGINT, SIGTERM or SIGHUP. It writes nothing to the
database; what a secondary needs to write goes to a temporary directory that it removes at the end.
Needs the package prom-client.

A secondary knows what is in the files: sizes, files and bytes by level, keys, live data, blobs, read
amplification. What the primary counts in its own memory it does not know: times of writes, WAL
syncs, compactions and flushes, stalls, cache, cursors, snapshots, background errors. Those series
tell of the secondary itself; for them the primary exports its own, with collectMetrics.

Flags:
${helpOf(FLAGS)}

The flags of tuning, as shown by \`rocksdb-live tuning --help\`, and the environment apply to the
secondary: its cache is its own.
`
}
