/** Shared by the tests of monitoring: the documents, the names of series, and Prometheus. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { METRICS } from '../../lib/metrics/catalog'
import { root } from '../support/documents'
import { hasProgram, where } from '../support/tools'

export const monitoring = join(root, 'docs', 'monitoring')

/** A file of docs/monitoring. */
export const read = (name: string): string => readFileSync(join(monitoring, name), 'utf8')

/** `it`, if Prometheus and its promtool are installed. */
export const withPrometheus = where(
  hasProgram('promtool', '--version') && hasProgram('prometheus', '--version'),
  'checks of rules, dashboards and scrapes need Prometheus (Debian: apt-get install --no-install-recommends prometheus)',
)

/** Runs promtool, which must succeed; returns its output. */
export function promtool(...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { encoding: 'utf8' })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`promtool ${args.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

/** The metric of `rocksdb-live serve` that collectMetrics does not have. */
export const CAUGHT_UP = 'node_db_caught_up_timestamp_seconds'

/** The names of a metric's series. */
function seriesOf({ name, type }: (typeof METRICS)[number]): string[] {
  const full = `node_db_${name}`
  return type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => full + end) : [full]
}

/** The names of all series that may be exported. */
export const SERIES: ReadonlySet<string> = new Set([...METRICS.flatMap(seriesOf), CAUGHT_UP])

/** The names of a database's series in a text that has no other words with this prefix. */
export function seriesIn(text: string): string[] {
  return [...new Set(text.match(/\bnode_db_\w+/g))]
}

/** A Prometheus that scrapes one target five times a second. */
export class Prometheus {
  readonly #process: ChildProcess
  readonly #url: string

  private constructor(child: ChildProcess, url: string) {
    this.#process = child
    this.#url = url
  }

  /** Starts one on a free loopback port, with its data in the directory. */
  static async start(directory: string, target: string): Promise<Prometheus> {
    const config = join(directory, 'prometheus.yml')
    writeFileSync(
      config,
      `global: { scrape_interval: 200ms, evaluation_interval: 200ms }
rule_files: [${JSON.stringify(join(monitoring, 'alerts.yml'))}]
scrape_configs:
  - job_name: shop
    static_configs: [{ targets: [${JSON.stringify(target)}] }]
`,
    )
    const child = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        '--web.listen-address=127.0.0.1:0',
        '--log.format=json',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    let said = ''
    const port = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
        said += `${line}\n`
        const found = /"address":"127\.0\.0\.1:(\d+)".*"msg":"Listening on"/.exec(line)
        if (found?.[1] !== undefined) resolve(found[1])
      })
      child.once('exit', (code) => reject(new Error(`prometheus ended with ${code}\n${said}`)))
    })
    return new Prometheus(child, `http://127.0.0.1:${port}`)
  }

  /** The values of an instant query by label `db` (or by all labels if there is none). */
  async query(expr: string): Promise<Record<string, number>> {
    const { result } = await this.get<{ result: Sample[] }>('query', { query: expr })
    return Object.fromEntries(
      result.map(({ metric, value }) => [metric['db'] ?? JSON.stringify(metric), Number(value[1])]),
    )
  }

  /** Queries its HTTP API. */
  async get<T>(path: string, parameters: Record<string, string> = {}): Promise<T> {
    const response = await fetch(`${this.#url}/api/v1/${path}?${new URLSearchParams(parameters)}`)
    // Right after the start it is not ready, and answers in plain text.
    if (response.status === 503) return { result: [] } as T
    const { status, data, error } = (await response.json()) as Reply<T>
    if (status !== 'success') throw new Error(`${path}: ${error}`)
    return data
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await ended
  }
}

interface Reply<T> {
  status: string
  data: T
  error?: string
}

interface Sample {
  metric: Record<string, string>
  value: [number, string]
}
