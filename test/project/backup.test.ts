/** The programs in docs/backup.md print what it says, its drill was run, and its table of errors is right. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from 'rocksdb-live'
import { type BackupTarget, backup, directory, restore, startBackups } from 'rocksdb-live/backup'
import { openFresh, useTempDirectory } from '../support/database'
import { blocksOf, brokenLinks, Home, root } from '../support/documents'
import { compileInto, programsOf, testGuide } from '../support/guide'

const dir = useTempDirectory()
const page = readFileSync(join(root, 'docs/backup.md'), 'utf8')
const litestream = readFileSync(join(root, 'docs/coming-from-litestream.md'), 'utf8')

testGuide(page, ['stream', 'once', 'own'], ['data', 'backup'])

it('has a page for those who know Litestream, whose links lead somewhere', () => {
  expect(brokenLinks(litestream, 'docs')).toEqual([])
})

describe('its restore drill', () => {
  const section = page.slice(page.indexOf('\n## The restore drill\n'))
  const blocks = blocksOf(section)
  const commands = blocks.flatMap(({ language, text }, at) =>
    language === 'sh' ? [{ text, output: blocks[at + 1] }] : [],
  )
  const SEED = `
    import { directory, startBackups } from 'rocksdb-live/backup'
    import { db, users } from './open.mjs'
    await users.put('ada', 'Ada')
    await db.flush()
    const stream = await startBackups(db, directory('backup/shop'))
    await stream.flushed()
    await users.put('grace', 'Grace')
    await stream.stop()
    await db.close()`

  /** Names, times and sizes are of the day on which it was run. */
  const plain = (text: string) =>
    text
      .replace(/[0-9a-f]{32}-\d+/g, 'ID')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replace(/\S+\/data\/drill/g, 'PATH')
      .replace(/[\d.]+ (bytes|kB)/g, 'SIZE')
      .replace(/ {2,}/g, '  ')

  const onPosix = process.platform === 'win32' ? it.skip : it
  onPosix(
    'prints what it says, step by step',
    () => {
      expect(commands).toHaveLength(4)
      const home = new Home()
      try {
        const programs = programsOf(page)
        compileInto(home, programs)
        home.write('seed.mjs', SEED)
        home.node('seed.mjs')
        for (const { text, output } of commands) {
          expect(output?.language).toBe('console')
          const said = home.shell(`PATH="$PWD/node_modules/.bin:$PATH"\n${text}`)
          expect(plain(said)).toBe(plain(output?.text ?? ''))
        }
        const drill = programs.find(({ name }) => name === 'drill')
        expect(home.node('drill.mjs')).toBe(drill?.output?.text)
      } finally {
        home.remove()
      }
    },
    60_000,
  )
})

describe('its table of errors', () => {
  const LIVE = { tuning: { changesRetainMb: 16 } } as const

  /** A failing call for each code. */
  const FAILURES: Record<string, () => Promise<unknown>> = {
    ERR_BACKUP_TARGET: async () => {
      const away = () => Promise.reject(new Error('away'))
      const inner = directory(dir('target'))
      const target: BackupTarget = {
        name: 'away',
        conditional: true,
        put: away,
        get: away,
        list: (prefix) => inner.list(prefix),
        delete: away,
        head: away,
      }
      return backup(await openFresh(), target)
    },
    ERR_BACKUP_DAMAGED: async () => {
      const db = await openFresh()
      await db.default.put('key', 'value')
      await db.flush()
      await backup(db, directory(dir('target')))
      const [name = ''] = readdirSync(dir('target', 'sst'))
      writeFileSync(dir('target', 'sst', name), 'else')
      return restore(directory(dir('target')), dir('new'))
    },
    ERR_BACKUP_FENCED: async () => {
      const target = directory(dir('target'))
      const db = await openFresh(LIVE)
      await backup(db, target)
      await restore(target, dir('new'))
      const restored = await Database.open(dir('new'), LIVE)
      try {
        await (await startBackups(restored, target)).stop()
      } finally {
        await restored.close()
      }
      return backup(db, target)
    },
    ERR_BACKUP_MISMATCH: async () => {
      const target = directory(dir('target'))
      await backup(await openFresh(), target)
      return backup(await openFresh(), target)
    },
    ERR_BACKUP_NOT_FOUND: async () => restore(directory(dir('none')), dir('new')),
  }
  const table = page.slice(page.indexOf('\n## Errors\n'))
  const codes = [...table.matchAll(/^\| `(ERR_\w+)` \|/gm)].map(([, code = '']) => code)

  it('has each of them', () => {
    expect([...codes].sort()).toEqual(Object.keys(FAILURES).sort())
  })

  it.each(codes)('%s', async (code) => {
    rmSync(dir('target'), { recursive: true, force: true })
    const error = await FAILURES[code]?.().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code, retryable: code === 'ERR_BACKUP_TARGET' })
  })
})
