/** The command replica, run as a program. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Database } from 'rocksdb-live'
import { directory } from 'rocksdb-live/backup'
import { jetstream, openReplica } from 'rocksdb-live/replica'
import { openAt, track, useTempDirectory } from '../support/database'
import { root } from '../support/documents'
import { MemoryLog } from '../support/memory-log'
import { startCluster, type TestCluster } from '../support/nats/cluster'
import { withServers } from '../support/nats/program'
import { eventually } from '../support/tools'

const main = join(root, 'dist', 'cli', 'main.js')

// Before the directory is removed.
const children = new Set<ChildProcess>()
const clusters = new Set<TestCluster>()
afterEach(async () => {
  for (const child of children) {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
  }
  children.clear()
})
const dir = useTempDirectory()
afterEach(async () => {
  for (const cluster of clusters) await cluster.stop()
  clusters.clear()
})

function run(args: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'replica', ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  })
  return { status, stdout, stderr }
}

const LOG = ['--nats=nats://127.0.0.1:1', '--stream=shop']

it.each([
  [[], 'replica takes <path>, not nothing'],
  [['a', 'b'], 'replica takes <path>, not "a" "b"'],
  [['a'], '--nats <servers> is missing'],
  [['a', '--nats=x'], '--stream <name> is missing'],
  [['a', '--nats=x,', '--stream=s'], '--nats must be addresses with commas between'],
  [['a', '--nats=x', '--stream=a b'], '--stream must be 1 to 200 letters'],
  [['a', ...LOG, '--replicas=2'], '--replicas must be 1, 3 or 5'],
  [['a', ...LOG, '--role=writer'], '--role must be follower or auto, not "writer"'],
  [['a', ...LOG, '--lease-ms=1'], '--lease-ms must be a whole number from 100'],
  [['a', ...LOG, '--port=65536'], '--port must be a whole number from 0 to 65535'],
  [['a', ...LOG, '--host='], '--host must be an address'],
  [['a', ...LOG, '--node='], '--node must not be empty'],
  [['a', ...LOG, '--target='], '--target must not be empty'],
  [['a', ...LOG, '--target=ftp://x'], 'is no directory, and does not begin with s3://'],
  [['a', ...LOG, '--s3-path-style'], '--s3-path-style is for a --target'],
  [['a', ...LOG, '--metrics-groups=x'], '--metrics-groups must be of core'],
  [['a', ...LOG, '--max-staleness-ms=x'], '--max-staleness-ms must be a whole number'],
  [['a', '--detach', '--role=auto'], '--detach and --role exclude each other'],
  [['a', '--nonsense'], '--nonsense'],
])('%j: %s', (args, said) => {
  const { status, stdout, stderr } = run(args)
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toContain(said)
})

it('shows no credentials', () => {
  const args = [dir('node'), '--stream=s', '--nats=nats://me:secret@127.0.0.1:1']
  const { status, stdout, stderr } = run(args)
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toContain('NATS_PASSWORD')
  expect(stderr).not.toContain('secret')
  const missing = run([dir('node'), ...LOG, '--port=0'], { NATS_CREDS: dir('creds') })
  expect([missing.status, missing.stderr]).toEqual([1, expect.stringContaining('NATS_CREDS: ')])
  const bytes = 'secret that is no file of credentials'
  writeFileSync(dir('creds'), bytes)
  const bad = run([dir('node'), ...LOG, '--port=0'], { NATS_CREDS: dir('creds') })
  expect([bad.status, bad.stderr]).toEqual([1, expect.stringContaining('is no file of creden')])
  expect(bad.stderr).not.toContain('secret')
}, 60_000)

it('--help has every flag', () => {
  const { status, stdout } = run(['--help'])
  expect([status, stdout]).toEqual([0, expect.stringContaining('Usage: rocksdb-live replica')])
  for (const flag of [
    'nats',
    'stream',
    'target',
    'role',
    'detach',
    'port',
    's3-endpoint',
    'host',
  ]) {
    expect(stdout).toContain(`  --${flag}`)
  }
  expect(stdout).toContain('NATS_TOKEN')
})

it('makes a plain database of a replica', async () => {
  const node = track(await openReplica(dir('node'), { log: new MemoryLog('cli') }))
  await node.db.default.put('key', 'value')
  const open = run([dir('node'), '--detach'])
  expect([open.status, open.stderr]).toEqual([1, expect.stringContaining('has it open')])
  await node.close()
  const [first, second] = [run([dir('node'), '--detach']), run([dir('node'), '--detach'])]
  expect(first).toEqual({
    status: 0,
    stdout: `${dir('node')} is a plain database now\n`,
    stderr: '',
  })
  expect(second.stdout).toBe(`${dir('node')} is a plain database, and was no replica\n`)
  const db = await openAt(dir('node'))
  expect(String(await db.default.get('key'))).toBe('value')
  expect(run([dir('nothing'), '--detach']).status).toBe(1)
}, 60_000)

/** A node as a process, and what it says. */
class Command {
  readonly child: ChildProcess
  readonly lines: string[] = []
  readonly ended: Promise<unknown[]>
  url = ''

  private constructor(args: string[]) {
    this.child = spawn(process.execPath, [main, 'replica', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] },
    })
    children.add(this.child)
    this.ended = once(this.child, 'close')
    const errors = createInterface({ input: this.child.stderr as NodeJS.ReadableStream })
    errors.on('line', (line) => this.lines.push(line))
  }

  /** Resolves once it serves. */
  static async start(...args: string[]): Promise<Command> {
    const command = new Command(args)
    const lines = createInterface({ input: command.child.stdout as NodeJS.ReadableStream })
    const ended = command.ended.then(() => [`it has ended: ${command.lines.join('\n')}`])
    const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string]
    command.url = /^serving (\S+)\/metrics for /.exec(line)?.[1] ?? ''
    expect([line, command.url]).toEqual([line, expect.stringMatching(/^http/)])
    return command
  }

  async health(): Promise<{ role: string; writer: { node: string } | null } | undefined> {
    const response = await fetch(`${this.url}/health`).catch(() => undefined)
    const body = (await response?.json()) as { databases: { replica: never }[] } | undefined
    return body?.databases[0]?.replica
  }

  /** Ends it in order. */
  async end(): Promise<unknown> {
    this.child.kill('SIGTERM')
    return (await this.ended)[0]
  }
}

withServers(
  'follows, serves what it knows, takes over, and hands over at its end',
  async () => {
    const cluster = await startCluster(1)
    clusters.add(cluster)
    const columnFamilies = { users: { key: 'utf8', value: 'utf8' } } as const
    const writer = track(
      await openReplica(dir('writer'), {
        log: jetstream({ servers: cluster.urls, stream: 'shop', replicas: 1 }),
        snapshots: directory(dir('target')),
        columnFamilies,
        node: 'first',
        url: 'http://first',
        leaseMs: 2000,
      }),
    )
    await writer.db.columnFamily('users').put('ada', 'Ada')
    const log = ['--nats', cluster.urls.join(','), '--stream=shop', '--replicas=1', '--port=0']
    const rest = ['--target', dir('target'), '--lease-ms=2000', '--node=second', '--role=auto']
    const command = await Command.start(dir('second'), ...log, ...rest)
    expect(await command.health()).toMatchObject({
      role: 'follower',
      writer: { node: 'first', url: 'http://first' },
    })
    const metrics = await (await fetch(`${command.url}/metrics`)).text()
    expect(metrics).toMatch(/^node_db_replica_role\{db="second"\} 1$/m)
    expect(command.lines.join('\n')).toMatch(
      /^\S+Z node second: follower in epoch \d+: first writes at http:\/\/first$/m,
    )
    expect(await writer.stepDown()).toEqual({ node: 'second', url: undefined })
    await eventually('a role', async () =>
      (await command.health())?.role === 'writer' ? true : undefined,
    )
    expect(await command.end()).toBe(0)
    expect(command.lines.join('\n')).toMatch(/^\S+Z writer in epoch \d+$/m)
    expect(command.lines.join('\n')).toMatch(/^\S+Z ends, and hands over$/m)
    await eventually('the first again', () => (writer.role === 'writer' ? true : undefined))
    expect(await writer.db.columnFamily('users').get('ada')).toBe('Ada')
    await expect(Database.open(dir('second'))).rejects.toMatchObject({ code: 'ERR_NOT_SUPPORTED' })
    const copy = await openAt(dir('second'), { mode: 'read-only', columnFamilies })
    expect(await copy.columnFamily('users').get('ada')).toBe('Ada')
  },
  120_000,
)
