/** `rocksdb-live replica`: runs a node of a replicated database, or makes a plain database of it. */
import { once } from 'node:events'
import type { BackupTarget } from '../backup'
import { quote } from '../base/arguments'
import { detachReplica, openReplica } from '../replica'
import { ENV_PREFIX, splitCommandLine } from '../tuning'
import { TARGET_FLAGS, TARGET_HELP, withTarget } from './backup-target'
import { type Command, type Surroundings, UsageError } from './command'
import { helpOf, parseFlags, SHARED, wholeNumber, wordsOf } from './flags'
import { interruptible } from './interrupt'
import { loadMetrics, METRICS_FLAGS, type MetricsAsked, readMetricsFlags } from './metrics-flags'
import { type LogAsked, logOf, NATS_HELP, readLogFlags } from './nats'
import { tellOf } from './replica-events'

const FLAGS = {
  nats: {
    type: 'string',
    argument: '<servers>',
    help: 'Addresses of NATS servers, with commas between them: nats://a:4222,nats://b:4222.',
  },
  stream: { type: 'string', argument: '<name>', help: 'The JetStream stream that is the log.' },
  target: {
    type: 'string',
    argument: '<target>',
    help: 'Where its snapshots are; without it a node begins with the first record, which must be there still.',
  },
  role: {
    type: 'string',
    argument: '<role>',
    help: 'follower (default), or auto: takes over where nobody writes.',
  },
  node: {
    type: 'string',
    argument: '<name>',
    help: 'Its name for others (default: of the host and the process).',
  },
  url: {
    type: 'string',
    argument: '<url>',
    help: 'Where others find what is served beside it (default: none).',
  },
  'lease-ms': {
    type: 'string',
    argument: '<n>',
    help: 'After how long without a sign of the writer others take over; the same for all nodes (default: 10000).',
  },
  replicas: {
    type: 'string',
    argument: '<n>',
    help: 'On how many servers each record is: 1, 3 or 5 (default: 3).',
  },
  port: {
    type: 'string',
    argument: '<port>',
    help: 'The port of /metrics and /health; 0 takes any free one (default: 9090).',
  },
  ...METRICS_FLAGS,
  'max-staleness-ms': {
    type: 'string',
    argument: '<n>',
    help: '/health answers 503 where it may be further behind (default: no limit).',
  },
  detach: {
    type: 'boolean',
    help: 'Make a plain database of the directory, which must not be open, and end.',
  },
  config: SHARED.config,
  'env-prefix': SHARED['env-prefix'],
  ...TARGET_FLAGS,
  help: SHARED.help,
} as const

type Values = ReturnType<typeof parseFlags<typeof FLAGS>>['values']

interface Asked extends MetricsAsked {
  path: string
  log: LogAsked
  role: 'auto' | 'follower'
  node: string | undefined
  url: string | undefined
  leaseMs: number | undefined
  port: number
  maxStalenessMs: number | undefined
  sources: { configFile: string | undefined; envPrefix: string; argv: readonly string[] }
}

export const replicaCommand: Command = {
  summary: 'Run a node of a replicated database, or detach one.',
  help,
  async run(words, surroundings) {
    const { values, positionals } = parseFlags(splitCommandLine(words, []).rest, FLAGS)
    if (values.help) {
      surroundings.stdout.write(help())
      return 0
    }
    const [path] = wordsOf('replica', positionals, ['path'])
    if (values.detach) return detach(path, values, surroundings)
    const asked = read(path, values, words)
    return interruptible(surroundings, (signal) =>
      withSnapshots(values, surroundings, async (target) => {
        await follow(asked, target, surroundings, signal)
        return 0
      }),
    )
  },
}

async function detach(path: string, values: Values, { stdout }: Surroundings): Promise<number> {
  const others = Object.keys(values).filter((name) => name !== 'detach')
  if (others.length > 0) throw new UsageError(`--detach and --${others[0]} exclude each other`)
  const was = await detachReplica(path)
  const now = was ? 'is a plain database now' : 'is a plain database, and was no replica'
  stdout.write(`${path} ${now}\n`)
  return 0
}

function withSnapshots<T>(
  values: Values,
  surroundings: Surroundings,
  use: (target: BackupTarget | undefined) => Promise<T>,
): Promise<T> {
  const { target } = values
  return target === undefined ? use(undefined) : withTarget(target, values, surroundings, use)
}

/** Runs the node until the signal. */
async function follow(
  asked: Asked,
  snapshots: BackupTarget | undefined,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<void> {
  const { path, role, node: name, url, leaseMs, port, host, metrics, maxStalenessMs } = asked
  const { env, stdout, stderr } = surroundings
  const { collectMetrics, serveMetrics, Registry } = loadMetrics()
  const log = await logOf(asked.log, surroundings)
  const own = { log, snapshots, role, node: name, url, leaseMs }
  await using node = await openReplica(path, { ...asked.sources, ...own, env, signal })
  const say = (text: string) => void stderr.write(`${new Date().toISOString()} ${text}\n`)
  tellOf(node, say)
  const register = new Registry()
  collectMetrics(node, { ...metrics, register })
  await using server = await serveMetrics({
    port,
    host,
    register,
    databases: [node],
    maxStalenessMs,
  })
  stdout.write(`serving ${server.url}/metrics for ${node.path}\n`)
  if (!signal.aborted) await once(signal, 'abort')
  say(node.role === 'writer' ? 'ends, and hands over' : 'ends')
}

function read(path: string, values: Values, argv: readonly string[]): Asked {
  const { role = 'follower' } = values
  if (role !== 'auto' && role !== 'follower') {
    throw new UsageError(`--role must be follower or auto, not ${quote(role)}`)
  }
  for (const flag of ['node', 'url', 'target'] as const) {
    if (values[flag] === '') throw new UsageError(`--${flag} must not be empty`)
  }
  const given = Object.keys(TARGET_FLAGS).find((name) => name in values)
  if (values.target === undefined && given !== undefined) {
    throw new UsageError(`--${given} is for a --target that begins with s3://`)
  }
  const limits = [0, 2 ** 31 - 1] as const
  return {
    path,
    log: readLogFlags(values),
    role,
    node: values.node,
    url: values.url,
    leaseMs: wholeNumber('lease-ms', values['lease-ms'], [100, 86_400_000], undefined),
    port: wholeNumber('port', values.port, [0, 65_535], 9090),
    maxStalenessMs: wholeNumber('max-staleness-ms', values['max-staleness-ms'], limits, undefined),
    ...readMetricsFlags(values),
    sources: {
      configFile: values.config,
      envPrefix: values['env-prefix'] ?? ENV_PREFIX,
      argv,
    },
  }
}

function help(): string {
  return `Usage: rocksdb-live replica <path> --nats <servers> --stream <name> [--target <target>] [flags]
       rocksdb-live replica <path> --detach

Runs a node of a replicated database in the directory: it begins with a snapshot of the target where there is
none, applies what the others write, and serves its metrics on /metrics and its health on /health, until
SIGINT, SIGTERM or SIGHUP. Changes of its role and what goes wrong are lines of standard error. With
--role auto it takes over where nobody writes; at its end everything is in the log, and another node writes.
Needs the packages @nats-io/transport-node, @nats-io/jetstream, @nats-io/kv and prom-client.

--detach makes a plain database of the directory of a replica that is not open: it keeps its rows, forgets its
place in the log, and can be written by anybody.

${NATS_HELP}

${TARGET_HELP}

Flags:
${helpOf(FLAGS)}

The flags of tuning, as shown by \`rocksdb-live tuning --help\`, and the environment apply to it as to any
database.
`
}
