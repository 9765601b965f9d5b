/** The layers above the code: every option from each, which one wins, and what is refused. */
import { TuningError } from '../../lib/base/errors'
import {
  commandLineLayer,
  environmentLayer,
  FAMILY_NAMES,
  OPTIONS,
  type OptionValue,
  resolveTuning,
  rowOf,
  TUNING_NAMES,
  type TuningLayer,
} from '../../lib/tuning'
import { configLayer } from '../../lib/tuning/config-file'
import {
  COMPANIONS,
  FACTS,
  FAMILY,
  LAYERS,
  resolveSaid,
  samples,
  sourceOf,
} from '../support/layers'

const OVER_PRESET = LAYERS.slice(1)

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

describe('every option works from every layer', () => {
  const cases = TUNING_NAMES.flatMap((name) => LAYERS.map((layer) => [name, layer] as const))

  it.each(cases)('%s from the layer %s', (name, layer) => {
    const [value] = samples(name) as [OptionValue]
    const companions = COMPANIONS[name] ?? {}
    const said = layer === 'preset' ? [] : [{ layer, name, value }]
    const resolved = resolveSaid(said, { companions })
    const expected = layer === 'preset' ? rowOf(name).presets.default : value
    const entry = resolved.report().options[name]
    if (name === 'maxOpenFiles' && layer === 'preset') {
      expect(entry).toMatchObject({ value: 768, given: 'auto', layer })
    } else {
      expect([entry.value, entry.layer]).toEqual([expected, layer])
    }
    expect(entry.source).toBe(sourceOf({ layer, name, value }))
    const { map, option } = OPTIONS[name].target
    if (map === 'db') expect(resolved.db[option]).toBe(entry.rocksdb.text)
    if (map === 'shared') expect(resolved.shared[option]).toBe(entry.rocksdb.text)
    if (map === 'columnFamily' || map === 'table') {
      expect(resolved.defaults[map][option]).toBe(entry.rocksdb.text)
    }
  })

  const own = FAMILY_NAMES.flatMap((name) => OVER_PRESET.map((layer) => [name, layer] as const))

  it.each(own)('%s of one family from the layer %s', (name, layer) => {
    const [value] = samples(name) as [OptionValue]
    const companions = COMPANIONS[name] ?? {}
    const resolved = resolveSaid([{ layer, name, value, family: true }], { companions })
    const { options, columnFamilies } = resolved.report()
    expect(columnFamilies[FAMILY]?.[name]).toMatchObject({
      value,
      layer,
      source: sourceOf({ layer, name, value, family: true }),
    })
    expect(options[name].layer).toBe('preset')
  })
})

describe('precedence', () => {
  const pairs = OVER_PRESET.flatMap((higher, index) =>
    LAYERS.slice(0, index + 1).map((lower) => [higher, lower] as const),
  )

  it('has every pair of layers', () => expect(pairs).toHaveLength(10))

  it.each(pairs)('%s wins over %s, for every option', (higher, lower) => {
    for (const name of TUNING_NAMES) {
      const [first, second] = samples(name) as [OptionValue, OptionValue]
      const said = [
        { layer: lower, name, value: first },
        { layer: higher, name, value: second },
      ].filter(({ layer }) => layer !== 'preset')
      const companions = COMPANIONS[name] ?? {}
      const entry = resolveSaid(said, { companions }).report().options[name]
      expect([name, entry.value, entry.layer]).toEqual([name, second, higher])
      expect(entry.source).toBe(sourceOf({ layer: higher, name, value: second }))
    }
  })

  it('each layer says its own where all speak of different options', () => {
    const { options } = resolveSaid([
      { layer: 'code', name: 'writeBufferMb', value: 32 },
      { layer: 'file', name: 'blockCacheMb', value: 100 },
      { layer: 'environment', name: 'compression', value: 'lz4' },
      { layer: 'commandLine', name: 'maxBackgroundJobs', value: 3 },
    ]).report()
    const layers = [
      options.writeBufferMb,
      options.blockCacheMb,
      options.compression,
      options.maxBackgroundJobs,
      options.readaheadMb,
    ].map(({ layer }) => layer)
    expect(layers).toEqual(['code', 'file', 'environment', 'commandLine', 'preset'])
  })

  it('what is said of a family wins over what is said of the database, from whatever layer', () => {
    const { families, defaults } = resolveSaid([
      { layer: 'code', name: 'compression', value: 'lz4', family: true },
      { layer: 'commandLine', name: 'compression', value: 'none' },
    ])
    expect(families[FAMILY]?.columnFamily['compression']).toBe('kLZ4Compression')
    expect(defaults.columnFamily['compression']).toBe('kNoCompression')
  })
})

describe('the preset', () => {
  const LAYERED: [string, TuningLayer, string][] = [
    [
      'file',
      file('[storage.db_tuning]\npreset = "production"'),
      'node.toml: storage.db_tuning.preset',
    ],
    [
      'environment',
      env({ PQPRIV_DB_PRESET: 'production' }),
      'environment variable PQPRIV_DB_PRESET',
    ],
    ['command line', argv('--db-preset', 'production'), 'command-line flag --db-preset'],
  ]

  it.each(LAYERED)('can be named in the %s', (_, layer, presetSource) => {
    const resolved = resolveTuning({ ...FACTS, preset: 'development', layers: [layer] })
    expect(resolved.report()).toMatchObject({ preset: 'production', presetSource })
    expect(resolved.report().options.blockCacheMb.value).toBe(512)
  })

  it('is the highest layer’s', () => {
    const layers = [
      file('[db]\npreset = "development"'),
      env({ PQPRIV_DB_PRESET: 'production' }),
      argv('--db.preset=default'),
    ]
    expect(resolveLayers(...layers).report().preset).toBe('default')
    expect(resolveLayers(...layers.slice(0, 2)).report().preset).toBe('production')
  })

  it('is refused with its source where it is none', () => {
    const error = refusal(() => resolveLayers(env({ PQPRIV_DB_PRESET: 'prod' })))
    expect(error).toMatchObject({ option: 'preset', value: 'prod' })
    expect(error.message).toContain('environment variable PQPRIV_DB_PRESET')
  })
})

describe('families that are tuned and not there', () => {
  const layer = () => file('[db.column_families.usres]\ncompression = "lz4"')
  const columnFamilies = { users: {} }
  let warn: jest.SpyInstance
  beforeEach(() => {
    warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  })
  afterEach(() => warn.mockRestore())

  it('are warned of once they could be known, with the nearest name', () => {
    const request = { ...FACTS, layers: [layer()], columnFamilies }
    expect(resolveTuning(request).needsFamilies).toBe(true)
    expect(warn).not.toHaveBeenCalled()
    resolveTuning({ ...request, existingFamilies: ['default'] })
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('did you mean "users"?'), {
      type: 'TuningWarning',
      code: 'ROCKSDB_LIVE_TUNING_UNKNOWN_FAMILY',
    })
  })

  it('are refused with strict', () => {
    const request = { ...FACTS, layers: [layer()], columnFamilies, existingFamilies: [] }
    const error = refusal(() => resolveTuning({ ...request, strict: true }))
    expect(error).toMatchObject({ option: 'compression', value: 'lz4' })
  })

  it('are tuned when they are made', () => {
    const resolved = resolveTuning({ ...FACTS, layers: [layer()], columnFamilies })
    expect(resolved.addFamily('usres', {}).columnFamily['compression']).toBe('kLZ4Compression')
    expect(resolved.addFamily('others', {}).columnFamily['compression']).toBe('kZSTD')
  })

  it('and those on the disk are tuned without being named in code', () => {
    const resolved = resolveTuning({
      ...FACTS,
      layers: [layer()],
      existingFamilies: ['default', 'usres', 'more'],
    })
    expect(Object.keys(resolved.families)).toEqual(['usres'])
    expect(warn).not.toHaveBeenCalled()
  })
})
