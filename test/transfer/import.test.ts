/** `rocksdb-live import` of JSON lines, and what every import does: goes on where it was cut, or says why not. */
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { Database } from 'rocksdb-live'
import { openAt, useTempDirectory } from '../support/database'
import {
  cutShort,
  lineOf,
  MANY,
  makeLevel,
  makeLines,
  makeRocks,
  rows,
  sorted,
  textsOf,
} from './made'
import { exportWell, importWell, itWithPackages, run } from './support'

const dir = useTempDirectory()

describe('from JSON lines', () => {
  it('export and import are inverse, through a file, gzip and a pipe', async () => {
    await makeRocks(dir('rocks'))
    const lines = exportWell([dir('rocks'), '--value', 'json,sessions=hex', '--key', 'base64'])
    expect(
      run([
        'export',
        dir('rocks'),
        '--value',
        'json,sessions=hex',
        '--key',
        'base64',
        '--to',
        dir('out'),
      ]).status,
    ).toBe(0)
    expect(readFileSync(dir('out'), 'utf8')).toBe(lines)
    expect(readdirSync(dir()).sort()).toEqual(['out', 'rocks'])
    expect(run(['export', dir('rocks'), '--to', dir('out')]).stderr).toContain(
      'is there already: --overwrite',
    )
    writeFileSync(dir('packed'), gzipSync(lines))
    const whole = exportWell([dir('rocks')])
    importWell([dir('file'), dir('out'), '--verify'])
    importWell([dir('gzip'), dir('packed'), '--verify'])
    importWell([dir('pipe'), '-'], gzipSync(lines))
    for (const name of ['file', 'gzip', 'pipe']) expect(exportWell([dir(name)])).toBe(whole)
  }, 60_000)

  it('counts lines whose key comes again', async () => {
    const lines = ['a', 'b', 'a'].map((key, at) => lineOf([key, `${at}`])).join('')
    writeFileSync(dir('lines'), `\n${lines}\n`)
    const made = importWell([dir('db'), dir('lines'), '--verify', '--into', 'f'])
    expect(made).toMatchObject({ rowsRead: 3, rowsReplaced: 1, rowsCompared: 3 })
    expect(await textsOf(dir('db'), 'f')).toEqual([
      ['a', '2'],
      ['b', '1'],
    ])
  }, 60_000)

  it.each([
    ['text', 'hello\n', 'line 1 of '],
    ['one that is cut off', `${lineOf(['a', 'b'])}{"key":"c","va`, 'line 2 of .* is cut off'],
    [
      'a long line',
      `{"key":"${'k'.repeat(2 << 20)}"`,
      'line 1 of .* is longer than 1 MiB: --max-line-mb',
    ],
    ['bytes', Buffer.from([123, 255, 10]), 'line 1 of .* is no UTF-8'],
    [
      'packed ones that are cut off',
      gzipSync(lineOf(['a', 'b'])).subarray(0, 25),
      'is damaged: .*gzip',
    ],
    [
      'rows that expire where none do',
      '{"key":"a","value":"b","expiresAt":5}\n',
      'expire.*"expires":true',
    ],
  ])(
    '%s is refused',
    (_, content, said) => {
      writeFileSync(dir('lines'), content)
      const ran = run(['import', dir('db'), dir('lines'), '--from', 'jsonl', '--max-line-mb', '1'])
      expect(ran).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(said) })
      const piped = run(['import', dir('piped'), '-', '--max-line-mb', '1'], content)
      expect(piped).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(said) })
    },
    60_000,
  )

  it('goes on with what is piped to it, if that is the same', async () => {
    const lines = rows(2500).map(lineOf)
    const cut = run(['import', dir('db'), '-'], `${lines.slice(0, 2100).join('')}{`)
    expect(cut.stderr).toContain('line 2101 of standard input is cut off')
    const other = run(['import', dir('db'), '-'], ['{"key":"z","value":"z"}\n', ...lines].join(''))
    expect(other.stderr).toContain('standard input is not what the import began with')
    const made = importWell([dir('db'), '-'], lines.join(''))
    expect(made).toMatchObject({ rowsRead: 2500, rowsResumed: 2000, runs: 3 })
    expect(await textsOf(dir('db'))).toEqual(sorted(rows(2500)))
  }, 60_000)
})

describe('an import', () => {
  it('ends in order at a signal, and goes on', async () => {
    makeLines(dir('lines'), MANY)
    const words = ['import', dir('db'), dir('lines'), '--json']
    let ran = await cutShort(words, dir('db'), 'SIGINT')
    while (ran.status === 0) {
      await Database.destroy(dir('db'))
      ran = await cutShort(words, dir('db'), 'SIGINT')
    }
    expect(ran).toMatchObject({ status: 130, stdout: '' })
    expect(ran.stderr).toMatch(
      /ended by SIGINT; what is written stays, and the same command goes on/,
    )
    const made = importWell([dir('db'), dir('lines'), '--verify'])
    expect(made).toMatchObject({ rowsRead: MANY, rowsCompared: MANY, runs: 2 })
  }, 120_000)

  it('is one of one source, with the same flags, into rows of its own', async () => {
    makeLines(dir('lines'), 2500)
    appendFileSync(dir('lines'), 'cut')
    expect(run(['import', dir('db'), dir('lines')]).status).toBe(1)
    makeLines(dir('other'), 1)
    const refused = (words: string[], said: RegExp) =>
      expect(run(['import', ...words])).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(said),
      })
    refused(
      [dir('db'), dir('other')],
      /has a part of another import, from jsonl .*lines: .*--restart/,
    )
    refused([dir('db'), dir('lines'), '--value', 'json'], /begun with other flags/)
    refused([dir('more'), dir('db')], /is the target of an import that has not ended/)
    expect(run(['export', dir('db')]).stderr).toContain('has not ended')
    makeLines(dir('lines'), 2500)
    refused([dir('db'), dir('lines')], /has changed since .*--restart/)
    expect(importWell([dir('db'), dir('lines'), '--restart'])).toMatchObject({
      rowsRead: 2500,
      runs: 1,
    })
    refused([dir('db'), dir('lines')], /"default" of .* has rows already.*--into-existing/)
    // What was refused has left nothing.
    expect(await Database.listColumnFamilies(dir('db'))).toEqual(['default'])
    writeFileSync(dir('other'), lineOf(['key 7', 'changed']))
    importWell([dir('db'), dir('other'), '--into-existing', '--verify'])
    expect(importWell([dir('db'), dir('other'), '--into', 'own']).families).toEqual([
      { name: 'own', read: 1, found: 1 },
    ])
    const texts = new Map(await textsOf(dir('db')))
    expect([texts.size, texts.get('key 7'), texts.get('key 8')]).toEqual([
      2500,
      'changed',
      'value 8',
    ])
  }, 120_000)

  it('is refused where the target is open elsewhere, is the source, or is a LevelDB', async () => {
    makeLines(dir('lines'), 1)
    const db = await openAt(dir('db'))
    expect(run(['import', dir('db'), dir('lines')])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/has it open/),
    })
    await db.close()
    expect(run(['import', dir('db'), dir('db')]).stderr).toContain('is the source itself')
  }, 60_000)

  it.each([
    [[], 'import takes <path> <source>'],
    [['a', 'b', '--from', 'leveldb'], '--from must be one of level, rocksdb, lmdb, jsonl'],
    [['a', 'b', '--from', 'level', '--value', 'json'], '--value is for --from jsonl'],
    [['a', '-', '--verify'], 'standard input cannot'],
    [['a', 'b', '--families', 'a,'], 'names with commas'],
    [['a', 'b', '--max-line-mb', '0'], 'from 1 to 400'],
  ])('%j is misused: %s', (words, said) => {
    expect(run(['import', ...words])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(said),
    })
  })

  it('does not wait for the writer of a pipe that has a name', () => {
    if (process.platform === 'win32') return
    spawnSync('mkfifo', [dir('pipe')])
    const ran = run(['import', dir('db'), dir('pipe')])
    expect(ran).toMatchObject({ status: 1, stderr: expect.stringContaining('is no file: pipe it') })
  })

  it('names what is no source', () => {
    mkdirSync(dir('empty'))
    makeLines(dir('lines'), 1)
    for (const [source, from, said] of [
      ['none', undefined, 'there is no source at'],
      ['empty', undefined, 'holds nothing that can be imported'],
      ['empty', 'level', 'is not a LevelDB: it is an empty directory'],
      ['empty', 'lmdb', 'is not an LMDB environment'],
      ['empty', 'rocksdb', 'is not a RocksDB database'],
      ['lines', 'level', 'is not a LevelDB, but a file of JSON lines: --from jsonl reads it'],
      ['lines', 'lmdb', 'is not an LMDB environment, but'],
    ] as const) {
      const words = from === undefined ? [] : ['--from', from]
      const ran = run(['import', dir('db'), dir(source), ...words])
      expect(ran).toMatchObject({ status: 1, stderr: expect.stringContaining(said) })
    }
    expect(readdirSync(dir()).sort()).toEqual(['empty', 'lines'])
  })

  itWithPackages(
    'tells kinds from each other',
    async () => {
      await (await makeLevel(dir('level'), 3)).close()
      await makeRocks(dir('rocks'), 3)
      const say = (source: string, from: string) =>
        run(['import', dir('db'), dir(source), '--from', from]).stderr
      expect(say('level', 'rocksdb')).toContain('but a LevelDB: --from level reads it')
      expect(say('rocks', 'level')).toContain('but a RocksDB database: --from rocksdb reads it')
      expect(say('rocks', 'lmdb')).toContain('but a RocksDB database: --from rocksdb reads it')
      expect(say('rocks', 'jsonl')).toContain('but a RocksDB database: --from rocksdb reads it')
    },
    60_000,
  )
})
