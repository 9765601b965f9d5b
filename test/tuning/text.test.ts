/** Values as people write them, and the names of options in variables, flags and files. */
import { TuningError } from '../../lib/base/errors'
import {
  commandLineLayer,
  environmentLayer,
  type OptionValue,
  resolveTuning,
  type TuningLayer,
  type TuningName,
} from '../../lib/tuning'
import { configLayer } from '../../lib/tuning/config-file'
import { FACTS, flag, tomlName, variable } from '../support/layers'

const refusal = (call: () => unknown): TuningError => {
  try {
    call()
  } catch (error) {
    expect(error).toBeInstanceOf(TuningError)
    return error as TuningError
  }
  throw new Error('was not refused')
}

const resolveLayers = (...layers: TuningLayer[]) => resolveTuning({ ...FACTS, layers })
const env = (variables: Record<string, string>, families: string[] = []) =>
  environmentLayer(variables, 'PQPRIV_DB_', families)
const file = (text: string) => configLayer(text, 'node.toml')
const argv = (...words: string[]) => commandLineLayer(words, [])

describe('values as text', () => {
  const TEXTS: [TuningName, string, OptionValue][] = [
    ['writeBufferMb', '256', 256],
    ['writeBufferMb', ' 256 ', 256],
    ['writeBufferMb', '256MB', 256],
    ['writeBufferMb', '256MiB', 256],
    ['writeBufferMb', '256m', 256],
    ['writeBufferMb', '1GiB', 1024],
    ['writeBufferMb', '1 gb', 1024],
    ['writeBufferMb', '1.5G', 1536],
    ['writeBufferMb', '65536KB', 64],
    ['writeBufferMb', '67108864B', 64],
    ['blockSizeKb', '16', 16],
    ['blockSizeKb', '1MB', 1024],
    ['rateLimitMbPerSec', '100MB/s', 100],
    ['rateLimitMbPerSec', '1GiB', 1024],
    ['compressionLevel', '-3', -3],
    ['compressionLevel', 'auto', 'auto'],
    ['memoryBudgetMb', '1GB', 1024],
    ['maxOpenFiles', '-1', -1],
    ['compression', 'LZ4', 'lz4'],
    ['blockCacheType', 'hyper-clock', 'hyper-clock'],
    ['statistics', 'on', 'timers'],
    ['statistics', 'off', 'off'],
    ['statistics', 'histograms', 'histograms'],
    ...(['true', '1', 'on', 'yes', 'ON', 'Yes'].map((text) => ['manualWalFlush', text, true]) as [
      TuningName,
      string,
      boolean,
    ][]),
    ...(['false', '0', 'off', 'no', 'False', 'NO'].map((text) => [
      'compactionDynamic',
      text,
      false,
    ]) as [TuningName, string, boolean][]),
  ]

  it.each(TEXTS)('%s: %p is %p, in every layer of text', (name, text, value) => {
    const layers = [
      env({ [`PQPRIV_DB_${variable(name)}`]: text }),
      file(`[db]\n${tomlName(name)} = ${JSON.stringify(text)}`),
      argv(`--db-${flag(name)}`, text),
      argv(`--db.${flag(name)}=${text}`),
    ]
    for (const layer of layers) {
      expect(resolveLayers(layer).database.settings[name]?.value).toBe(value)
    }
  })

  const WRONG: [TuningName, string][] = [
    ['writeBufferMb', ''],
    ['writeBufferMb', 'much'],
    ['writeBufferMb', '256XB'],
    ['writeBufferMb', '1e3'],
    ['writeBufferMb', '0x100'],
    ['writeBufferMb', '1.5'],
    ['writeBufferMb', '1KB'],
    ['writeBufferMb', '256MB/s'],
    ['writeBufferMb', 'auto'],
    ['writeBufferMb', '99999999999999999999'],
    ['maxBackgroundJobs', '4MB'],
    ['walEnabled', 'maybe'],
    ['walEnabled', '2'],
    ['compression', 'lzma'],
    ['compression', ''],
    ['statistics', 'some'],
  ]

  it.each(WRONG)('%s cannot be %p, from any layer of text', (name, text) => {
    const layers: [() => TuningLayer, string][] = [
      [() => env({ [`PQPRIV_DB_${variable(name)}`]: text }), `environment variable PQPRIV_DB_`],
      [() => file(`[db]\n${tomlName(name)} = ${JSON.stringify(text)}`), 'node.toml: db.'],
      [() => argv(`--db-${flag(name)}=${text}`), 'command-line flag --db-'],
    ]
    for (const [make, source] of layers) {
      // An empty variable counts as unset: see ignored.test.ts.
      if (text === '' && source.startsWith('environment')) continue
      const error = refusal(() => resolveLayers(make()))
      expect(error).toMatchObject({ code: 'ERR_INVALID_TUNING', option: name, value: text })
      expect(error.source).toContain(source)
      expect(error.message).toContain(`Tuning option ${name} (from ${error.source}) must be`)
    }
  })
})

describe('environment variables', () => {
  it.each([
    ['PQPRIV_DB_WRITE_BUFER_MB', 'PQPRIV_DB_WRITE_BUFFER_MB'],
    ['PQPRIV_DB_PRESETS', 'PQPRIV_DB_PRESET'],
    ['PQPRIV_DB_CF_USERS_COMPRESION', 'PQPRIV_DB_CF_USERS_COMPRESSION'],
  ])('%s is unknown, and %s is named', (name, near) => {
    const error = refusal(() => env({ [name]: '1' }, ['users']))
    expect(error).toMatchObject({
      option: name,
      value: '1',
      source: `environment variable ${name}`,
    })
    expect(error.message).toContain(`did you mean "${near}"?`)
  })

  it('under another prefix count only where that is the prefix', () => {
    const variables = { SHOP_DB_WRITE_BUFFER_MB: '32', PQPRIV_DB_NO_SUCH: '1', OTHER: '2' }
    const layer = environmentLayer(variables, 'SHOP_DB_', [])
    expect(layer.values).toEqual([
      {
        name: 'writeBufferMb',
        value: 32,
        source: 'environment variable SHOP_DB_WRITE_BUFFER_MB',
      },
    ])
  })

  it('that are undefined are none', () => {
    expect(environmentLayer({ PQPRIV_DB_NO_SUCH: undefined }, 'PQPRIV_DB_', []).values).toEqual([])
  })

  it('cannot give a family what is the database’s', () => {
    const layer = env({ PQPRIV_DB_CF_USERS_BLOCK_CACHE_MB: '100' }, ['users'])
    const request = { ...FACTS, layers: [layer], columnFamilies: { users: {} } }
    expect(refusal(() => resolveTuning(request)).message).toContain('applies to the whole database')
  })

  it('are cut where a family is that is there', () => {
    const name = 'PQPRIV_DB_CF_OLD_BOTTOMMOST_COMPRESSION'
    const [first] = env({ [name]: 'lz4' }, ['old_bottommost']).families
    expect([first?.family, first?.values[0]?.name]).toEqual(['OLD_BOTTOMMOST', 'compression'])
    const [second] = env({ [name]: 'lz4' }, ['old']).families
    expect([second?.family, second?.values[0]?.name]).toEqual(['OLD', 'bottommostCompression'])
  })
})

describe('the command line', () => {
  it.each([
    [['--db-write-buffer-mb', '32'], { writeBufferMb: 32 }],
    [['--db-write-buffer-mb=32'], { writeBufferMb: 32 }],
    [['--db.write-buffer-mb', '32'], { writeBufferMb: 32 }],
    [['--db.write-buffer-mb=32'], { writeBufferMb: 32 }],
    [['--db-wal', 'off'], { walEnabled: false }],
    [['--db-wal=on'], { walEnabled: true }],
    [['--db-wal-enabled', 'no'], { walEnabled: false }],
    [['--db-manual-wal-flush'], { manualWalFlush: true }],
    [['--db-manual-wal-flush', '-x', 'rest'], { manualWalFlush: true }],
    [['--db-manual-wal-flush', '--', 'rest'], { manualWalFlush: true }],
    [['--db-statistics', '--port', '80'], { statistics: 'timers' }],
    [['--db-compression-level', '-3'], { compressionLevel: -3 }],
    [['serve', '--port', '80', '--db-block-cache-mb', '100', 'x'], { blockCacheMb: 100 }],
    [['--dbname', 'x', '--database=y', '--db', 'z', '-d'], {}],
    [['--', '--db-write-buffer-mb', '32'], {}],
    [['--db-write-buffer-mb', '32', '--', '--db-nonsense'], { writeBufferMb: 32 }],
  ])('%j says %j', (words, expected) => {
    const values = argv(...words).values.map(({ name, value }) => [name, value])
    expect(Object.fromEntries(values)).toEqual(expected)
  })

  it.each([
    ['--db-wal', 'fasle'],
    ['--db-blob-files', 'no!'],
    ['--db-statistics', 'countres'],
    ['--db-manual-wal-flush', 'rest'],
  ])('%s %s is refused, and is not on', (name, word) => {
    for (const words of [[name, word], [`${name}=${word}`]])
      expect(() => argv(...words)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_TUNING' }))
  })

  it.each([
    [['--db-write-bufer-mb', '32'], '--db-write-buffer-mb'],
    [['--db-writeBufferMb=32'], '--db-write-buffer-mb'],
    [['--db.pre-set=production'], '--db-preset'],
  ])('%j is unknown, and %s is named', (words, near) => {
    expect(refusal(() => argv(...words)).message).toContain(`did you mean "${near}"?`)
  })

  it.each([[['--db-write-buffer-mb']], [['--db-compression', '--port']], [['--db-preset']]])(
    '%j lacks a value',
    (words) => expect(refusal(() => argv(...words)).message).toContain('needs a value'),
  )

  it('says the last where it says two things', () => {
    const layer = argv('--db-write-buffer-mb=32', '--db-write-buffer-mb=64')
    expect(resolveLayers(layer).report().options.writeBufferMb.value).toBe(64)
  })
})

describe('the file', () => {
  it('may be short, and holds other things as well', () => {
    const layer = file('title = "node"\n[server]\nport = 1\n[db]\nwrite_buffer_mb = 32\n')
    expect(layer.values).toEqual([
      { name: 'writeBufferMb', value: 32, source: 'node.toml: db.write_buffer_mb' },
    ])
  })

  it('has no short form where it has the long one', () => {
    const layer = file('[db]\nhost = "x"\n[storage.db_tuning]\nwrite_buffer_mb = "64MB"\n')
    expect(layer.values.map(({ value }) => value)).toEqual([64])
  })

  it('that has neither says nothing', () => {
    expect(file('[storage]\npath = "x"')).toMatchObject({ values: [], families: [] })
  })

  it.each([
    ['[db]\nwrite_bufer_mb = 1', 'did you mean "write_buffer_mb"?'],
    ['[db]\nwriteBufferMb = 1', 'did you mean "write_buffer_mb"?'],
    ['[db.column_families.users]\ncompresion = "lz4"', 'did you mean "compression"?'],
    ['[db]\nwrite_buffer_mb = 1.5', 'must be an integer'],
    ['[db]\nwrite_buffer_mb = true', 'must be an integer'],
    ['[db]\nwrite_buffer_mb = [1]', 'must be an integer'],
    ['[db]\nwrite_buffer_mb = 1979-05-27', 'must be an integer'],
    ['[db]\nwal_enabled = 1', 'must be true or false'],
    ['[db]\npreset = 5', 'must be one of'],
    ['db = 5', 'no table'],
    ['[db]\ncolumn_families = 5', 'no table'],
    ['[db.column_families]\nusers = 5', 'no table'],
    ['[db', 'is not TOML'],
  ])('%j is refused: %s', (text, said) => {
    const error = refusal(() => resolveLayers(file(text)))
    expect(error.message).toContain(said)
    expect(error.source).toContain('node.toml')
  })
})
