/** The commands and the program in docs/import.md print what it says, and imports that are killed lose nothing. */
import { readFileSync, realpathSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from '../../lib'
import { type ImportReport, KINDS } from '../../lib/transfer'
import { randomOf, seedOfRun } from '../lifecycle/children'
import { blocksOf, brokenLinks, Home, root } from '../support/documents'
import { compileInto, programsOf } from '../support/guide'
import { type LevelPackage, type LmdbPackage, lineOf, rows } from '../transfer/made'
import { exportWell, itWithPackages, load, packages, start } from '../transfer/support'
import { killsOfRun } from './kills/drill'

const page = readFileSync(join(root, 'docs/import.md'), 'utf8')

it('has links that lead somewhere', () => {
  expect(brokenLinks(page, 'docs')).toEqual([])
})

async function makeSources(home: Home): Promise<void> {
  const { ClassicLevel } = load<LevelPackage>('classic-level')
  const level = new ClassicLevel(home.file('old-level'))
  await level.put('hello', 'a row of the root')
  for (const name of ['ada', 'ben']) await level.sublevel('users').put(name, `user ${name}`)
  await level.close()
  const rocks = await Database.open(home.file('old-rocks'), {
    columnFamilies: { users: {}, sessions: { expires: true } },
  })
  await rocks.default.put('hello', 'row')
  await rocks.columnFamily('users').put('ada', '{"name":"Ada"}')
  await rocks.columnFamily('sessions').put('s1', 'ada', { ttlMs: 3_600_000 })
  await rocks.close()
  const lmdb = load<LmdbPackage>('lmdb').open({ path: home.file('old-lmdb') })
  await lmdb.put('hello', ['row'])
  await lmdb.openDB('users').put(['ada', 1], { name: 'Ada' })
  await lmdb.flushed
  await lmdb.close()
}

/** Without what differs from run to run: how long it took. */
const steady = (text: string) => text.replace(/ in \d+\.\d s$/gm, ' in 0.1 s')

itWithPackages(
  'its commands and its program print what it says',
  async () => {
    const home = new Home()
    try {
      for (const name of ['classic-level', 'lmdb']) {
        symlinkSync(join(packages, 'node_modules', name), home.file('node_modules', name), 'dir')
      }
      for (const name of ['msgpackr', 'ordered-binary']) home.install(name)
      await makeSources(home)
      const programs = programsOf(page)
      expect(programs.map(({ name }) => name)).toEqual(['lists'])
      compileInto(home, programs)
      const blocks = blocksOf(page)
      let run = 0
      for (const [at, { language, text }] of blocks.entries()) {
        if (language !== 'sh' && language !== 'ts') continue
        const said =
          language === 'ts'
            ? home.node('lists.mjs')
            : home.shell(text.replaceAll('npx rocksdb-live', 'node_modules/.bin/rocksdb-live'))
        expect(steady(said).replaceAll(`${realpathSync(home.path)}/`, '')).toBe(
          blocks[at + 1]?.text,
        )
        run++
      }
      expect(run).toBe(5)
    } finally {
      home.remove()
    }
  },
  120_000,
)

/** Rows of the sources whose imports are killed. */
const ROWS = 20_000
const { kills, onKill } = killsOfRun()

async function makeLarge(home: Home): Promise<void> {
  const all = rows(ROWS)
  home.write('jsonl', all.map(lineOf).join(''))
  const rocks = await Database.open(home.file('rocksdb'))
  const batch = rocks.batch()
  for (const [key, value] of all) batch.put(rocks.default, key, value)
  await batch.write()
  await rocks.close()
  const { ClassicLevel } = load<LevelPackage>('classic-level')
  const level = new ClassicLevel(home.file('level'))
  await level.batch(all.map(([key, value]) => ({ type: 'put', key, value })))
  await level.close()
  const coding = { keyEncoding: 'binary', encoding: 'binary' }
  const lmdb = load<LmdbPackage>('lmdb').open({ path: home.file('lmdb'), ...coding })
  for (const [key, value] of all) lmdb.put(Buffer.from(key), Buffer.from(value))
  await lmdb.flushed
  await lmdb.close()
}

itWithPackages(
  `imports killed ${kills} times bring every row, each once`,
  async () => {
    const seed = seedOfRun()
    const random = randomOf(seed)
    const home = new Home()
    try {
      await makeLarge(home)
      const expected = exportWell([home.file('rocksdb')])
      const resumed = { rows: 0, imports: 0 }
      let longestMs = 0
      const whole = new Map(KINDS.map((kind) => [kind, 0]))
      const unfinished = () => KINDS.find((kind) => whole.get(kind) === 0)
      let killed = 0
      /** Whose last import was killed. */
      const cut = new Set<string>()
      while (killed < kills || unfinished() !== undefined) {
        const some = KINDS[random(KINDS.length)] ?? 'jsonl'
        const kind = killed < kills ? some : (unfinished() ?? some)
        const target = home.file(`of-${kind}`)
        const words = ['import', target, home.file(kind), '--json', '--quiet']
        if (random(6) === 0) words.push('--restart')
        const begun = performance.now()
        const { child, ended: end } = start(words)
        const isLeft = longestMs === 0 || killed >= kills
        const timer = isLeft
          ? undefined
          : setTimeout(() => child.kill('SIGKILL'), random(longestMs))
        const { status, stdout, stderr } = await end
        clearTimeout(timer)
        if (status === null) {
          killed++
          cut.add(kind)
          onKill?.(killed - 1, { problems: [], kind, ms: Math.round(performance.now() - begun) })
          continue
        }
        longestMs = Math.max(longestMs, Math.round(performance.now() - begun))
        // Killed once it had ended, and before it said so: then every row is there.
        const ended = status === 1 && cut.has(kind) && stderr.includes('has rows already')
        if (!ended) {
          expect({ seed, status, stderr }).toEqual({ seed, status: 0, stderr: '' })
          const report = JSON.parse(stdout) as ImportReport
          expect(report).toMatchObject({ rowsRead: ROWS, rowsWritten: ROWS, problems: [] })
          resumed.rows += report.rowsResumed
          if (report.rowsResumed > 0) resumed.imports++
        }
        cut.delete(kind)
        expect(exportWell([target]) === expected).toBe(true)
        whole.set(kind, (whole.get(kind) ?? 0) + 1)
        await Database.destroy(target)
      }
      onKill?.(killed, { problems: [], whole: [...whole], resumed })
    } finally {
      home.remove()
    }
  },
  240_000 + kills * 10_000,
)
