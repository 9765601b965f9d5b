/** The node as a program: the commands in its README, its flags and its signals. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { useTempDirectory } from '../support/database'
import { brokenLinks, root } from '../support/documents'

const dir = useTempDirectory()
const readme = readFileSync(join(root, 'examples', 'devnet-node', 'README.md'), 'utf8')
const folder = join(root, 'dist-examples', 'devnet-node')
const LISTEN = ['--listen', '127.0.0.1:0']
const running: ChildProcess[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map(end))
})

function run(file: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, file), ...args], {
    encoding: 'utf8',
    cwd: dir(),
  })
  return { status, stdout, stderr }
}

const devnet = (...args: string[]) => run('main.mjs', args)

function runWell(...args: string[]): string {
  const { status, stdout, stderr } = devnet(...args)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

/** A running node, once it serves. */
async function startNode(...args: string[]) {
  const child = spawn(process.execPath, [join(folder, 'main.mjs'), ...LISTEN, ...args], {
    cwd: dir(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.push(child)
  let stdout = ''
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      const match = /^serving (\S+)$/m.exec(stdout)
      if (match !== null) resolve(match[1] as string)
    })
    child.once('close', (code) => reject(new Error(`ended with ${code}: ${stdout}`)))
  })
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, stdout }))
  return { url, child, ended }
}

async function heightOf(url: string): Promise<number> {
  const tip = (await (await fetch(`${url}/chain/tip`)).json()) as { height: number }
  return tip.height
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

it('mines, and has the same chain when it is started again', async () => {
  const tuning = ['--db.write-buffer-mb', '128', '--db.block-cache-mb', '256']
  const said = runWell('--devnet', '--mine', '--target-blocks', '100', ...tuning, ...LISTEN)
  expect(said).toContain('block 100 of 100')
  const [, tip] = /^chain at block 100, ([0-9a-f]{64}), work 404$/m.exec(said) ?? []
  const { url, child, ended } = await startNode('--devnet', '--no-mine', ...tuning)
  const answer = await fetch(`${url}/chain/tip`)
  expect(await answer.json()).toMatchObject({ height: 100, hash: tip })
  const metrics = await (await fetch(`${url}/metrics`)).text()
  for (const name of [
    'size_bytes',
    'write_batch_ms_count',
    'compaction_jobs',
    'wal_synced_total',
  ]) {
    expect(metrics).toMatch(new RegExp(`^node_db_${name}{db="chain"} \\d`, 'm'))
  }
  expect(metrics).toMatch(/^node_db_block_cache_capacity_bytes{db="chain"} 268435456$/m)
  child.kill('SIGTERM')
  expect(await ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/\nclosed\n$/) })
  // What is reached already is not mined again.
  const again = runWell('--devnet', '--mine', '--target-blocks', '100', ...LISTEN)
  expect(again).toContain(`chain at block 100, ${tip}, work 404`)
  expect(runWell('--verify')).toMatch(/^100 blocks and \d+ unspent outputs agree/)
})

it('has a README with its flags, and with links that lead somewhere', () => {
  const own = runWell('--help').matchAll(/^ {2}(--(?!db-)[a-z-]+)/gm)
  for (const [, flag = ''] of own) expect(readme).toContain(`\`${flag}`)
  expect(brokenLinks(readme, 'examples/devnet-node')).toEqual([])
})

it.each(['SIGINT', 'SIGTERM'] as const)('closes cleanly at %s while it mines', async (signal) => {
  const { url, child, ended } = await startNode('--devnet', '--mine', '--target-blocks', '1000000')
  let height = 0
  while (height < 20) height = await heightOf(url)
  child.kill(signal)
  const { code, stdout } = await ended
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/\nclosed\n$/) })
  expect(runWell('--verify')).toContain('agree')
})

it('mines a block at once and then one a second, where no number is given', async () => {
  const { url, child, ended } = await startNode('--devnet', '--mine')
  let height = 0
  while (height < 2) height = await heightOf(url)
  child.kill('SIGINT')
  expect(await ended).toMatchObject({ code: 0 })
})

it('makes snapshots, lists them, and restores one', () => {
  const mined = ['--devnet', '--mine', '--target-blocks', '50', '--snapshot-interval', '20']
  runWell(...mined, '--snapshot-keep', '1', ...LISTEN)
  const listed = runWell('--list-snapshots')
  const [, path] = /^(\S+): block 40, [0-9a-f]{64}, \d+ files of \d+\.\d MB\n$/.exec(listed) ?? []
  expect(runWell('--restore', path as string, '--data-dir', 'other')).toMatch(/^restored block 40,/)
  expect(runWell('--verify', '--data-dir', 'other')).toMatch(/^40 blocks/)
  const onto = devnet('--restore', path as string)
  expect(onto).toMatchObject({ status: 1, stderr: expect.stringContaining('is not empty') })
})

describe('tuning', () => {
  it.each([
    [['--db.write-buffer-mb', '64', '--db-compression', 'lz4', '--db-wal', 'off']],
    [
      [
        '--db-write-buffer-mb=64',
        '--db.compression=lz4',
        '--db.wal=off',
        '--db-preset',
        'production',
      ],
    ],
    [['--db-cf-utxo-write-buffer-mb', '32', '--db.cf-blocks-compression=none']],
    [['--config', 'node.toml', '--seed', '9', '--sync']],
  ])('is taken: %j', (flags) => {
    writeFileSync(dir('node.toml'), '[storage.db_tuning]\nwrite_buffer_mb = 64\n')
    runWell('--devnet', '--mine', '--target-blocks', '5', ...LISTEN, ...flags)
    expect(runWell('--verify')).toMatch(/^5 blocks/)
  })

  it.each([
    [['--db-write-buffer-mb', 'much'], '--db-write-buffer-mb'],
    [['--config', 'none.toml'], 'none.toml'],
    [['--db-wal', 'off', '--sync'], 'sync'],
  ])('that is wrong is said: %j', (flags, said) => {
    const { status, stderr } = devnet('--devnet', ...LISTEN, ...flags)
    expect(status).toBe(1)
    expect(stderr).toContain(said)
  })
})

it.each([
  [['--devnet', '--bogus'], "unknown option '--bogus'"],
  [['--devnet', '--db-nonsense', '5'], "unknown option '--db-nonsense'"],
  [['--devnet', '--db-cf-users-compression', 'lz4'], "unknown option '--db-cf-users-compression'"],
  [['--devnet', '--db-wal', 'maybe'], "'maybe' is invalid"],
  [['--devnet', 'word'], 'too many arguments'],
  [['--mine'], 'say --devnet'],
  [['--devnet', '--target-blocks', '5'], '--target-blocks is for --mine'],
  [['--devnet', '--mine', '--target-blocks', '-1'], '--target-blocks'],
  [['--devnet', '--seed', '1.5'], '--seed'],
  [['--devnet', '--listen', '9090'], '--listen'],
  [['--devnet', '--listen', 'localhost:99999'], '--listen'],
  [['--devnet', '--snapshot-keep', '0'], '--snapshot-keep'],
])('%j is misused: %s', (args, said) => {
  const { status, stdout, stderr } = devnet(...args)
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toContain(said)
  expect(readdirSync(dir())).toEqual([])
})

it('says in one line what else is wrong', async () => {
  mkdirSync(dir('data', 'devnet'), { recursive: true })
  const { url } = await startNode('--devnet')
  const locked = devnet('--devnet', ...LISTEN)
  expect(locked).toMatchObject({ status: 1, stderr: expect.stringContaining('another process') })
  const address = ['--listen', `127.0.0.1:${new URL(url).port}`]
  const taken = devnet('--devnet', '--data-dir', 'other', ...address)
  expect(taken).toMatchObject({ status: 1, stderr: expect.stringContaining('EADDRINUSE') })
  for (const { stderr } of [locked, taken]) expect(stderr.trim().split('\n')).toHaveLength(1)
})

it('the benchmark mines the same chain on every store', () => {
  const { status, stdout, stderr } = run('bench.mjs', ['--blocks', '60', '--repeats', '1'])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(
    /^\| 60 blocks, .*memory \| RocksDB, default \| .*production \| .*development \|$/m,
  )
  expect(stdout).toMatch(/^\| blocks a second \|( \d+ \|){4}$/m)
  expect(stdout).toMatch(/^Every chain ends in [0-9a-f]{64}\.$/m)
})
