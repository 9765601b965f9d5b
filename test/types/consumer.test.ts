/** The published declarations, compiled by the oldest and the newest supported TypeScript. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from '../support/documents'

const PROGRAM = `
import { once } from 'node:events'
import { type Codec, Database, json, type Operation, RocksDBError, versions, watchTuning } from 'rocksdb-live'
import { collectMetrics, serveMetrics } from 'rocksdb-live/metrics'

interface User { name: string }
const dates: Codec<Date> = { encode: (date) => date.toISOString(), decode: (bytes) => new Date(bytes.toString()) }

export async function main(): Promise<string> {
  const db = await Database.open('x', {
    tuning: { blockCacheMb: 64 },
    columnFamilies: { users: { key: 'utf8', value: json<User>() }, days: { key: 'uint32', value: dates } },
  })
  try {
    const users = db.columnFamily('users')
    const operations: Operation<typeof users>[] = [{ type: 'delete', columnFamily: users, key: 'bob' }]
    await db.write([...operations, { type: 'put', columnFamily: users, key: 'ada', value: { name: 'Ada' } }])
    const user: User | undefined = await users.get('ada', { signal: new AbortController().signal })
    for await (const [key, { name }] of users.entries({ prefix: 'a' })) console.log(key.length, name)
    const day: Date | undefined = db.columnFamily('days').getSync(7)
    const stream = users.writable()
    stream.end(['ada', { name: 'Ada' }])
    await once(stream, 'finish')
    using snapshot = db.snapshot()
    db.on('flush', ({ bytes }) => console.log(bytes, snapshot.released))
    watchTuning(db).close()
    collectMetrics(db, { labels: { service: 'x' } }).close()
    await (await serveMetrics({ port: 0 })).close()
    const mib: number = db.tuning().options.blockCacheMb.value
    return \`\${user?.name} \${day?.getTime()} \${mib} \${versions.rocksdb}\`
  } catch (error) {
    return error instanceof RocksDBError ? error.code : ''
  } finally {
    await db.close()
  }
}
`

const WRONG = `
import { Database, json } from 'rocksdb-live'
export async function main(): Promise<void> {
  const db = await Database.open('x', { columnFamilies: { users: { key: 'utf8', value: json<string>() } } })
  db.columnFamily('typo')
  await db.write([{ type: 'put', columnFamily: db.columnFamily('users'), key: 7, value: 'x' }])
}
`

/** By package name: the module kinds of each, and how they are resolved. */
const COMPILERS = {
  'typescript-5.4': [
    ['commonjs', 'node10'],
    ['node16', 'node16'],
    ['esnext', 'bundler'],
  ],
  typescript: [
    ['commonjs', 'bundler'],
    ['node16', 'node16'],
    ['esnext', 'bundler'],
  ],
} as const

const cases = Object.entries(COMPILERS).flatMap(([compiler, modules]) =>
  modules.map(([module, moduleResolution]) => ({ compiler, module, moduleResolution })),
)

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rocksdb-live-consumer-'))
  writeFileSync(join(folder, 'program.ts'), PROGRAM)
  writeFileSync(join(folder, 'wrong.ts'), WRONG)
  for (const name of ['@types/node', 'prom-client', 'rocksdb-live']) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    const target = name === 'rocksdb-live' ? root : join(root, 'node_modules', name)
    symlinkSync(target, link, 'junction')
  }
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/**
 * The compiler's output for both programs, its own libraries and all declarations that it reads.
 */
function compile(compiler: string, module: string, moduleResolution: string): string {
  const compilerOptions = {
    target: 'es2022',
    lib: ['es2022', 'esnext.disposable'],
    module,
    moduleResolution,
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  }
  const project = join(folder, 'tsconfig.json')
  writeFileSync(project, JSON.stringify({ compilerOptions, files: ['program.ts', 'wrong.ts'] }))
  const tsc = join(root, 'node_modules', compiler, 'bin', 'tsc')
  const args = [tsc, '--pretty', 'false', '--project', project]
  return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' }).stdout
}

it.each(cases)(
  '$compiler compiles $module with $moduleResolution',
  (given) => {
    const said = compile(given.compiler, given.module, given.moduleResolution)
    const places = [...said.matchAll(/^(\S+)\(.*: error/gm)].map(([, file]) => file)
    const lines = [...said.matchAll(/^wrong\.ts\((\d+),/gm)].map(([, line]) => line)
    expect([new Set(places), lines, said]).toEqual([new Set(['wrong.ts']), ['5', '6'], said])
  },
  120_000,
)

it('is what README says', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const manifest = readFileSync(join(root, 'package.json'), 'utf8')
  const { devDependencies } = JSON.parse(manifest) as { devDependencies: Record<string, string> }
  const [oldest, newest] = ['typescript-5.4', 'typescript'].map((name) =>
    /(\d+\.\d+)\.\d+$/.exec(devDependencies[name] ?? '')?.at(1),
  )
  const [, ...said] = /TypeScript ([\d.]+) to ([\d.]+),/.exec(readme) ?? []
  expect(said).toEqual([oldest, newest])
})
