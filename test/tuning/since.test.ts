/** Options that an older RocksDB does not have. */
import { TuningError } from '../../lib/base/errors'
import {
  resolveTuning,
  rowOf,
  TUNING_NAMES,
  type TuningName,
  type TuningRequest,
} from '../../lib/tuning'
import { FACTS } from '../support/layers'

const NEWER: TuningName[] = TUNING_NAMES.filter((name) => rowOf(name).since !== undefined)

const resolve = (rocksdb: string, asked: Partial<TuningRequest> = {}) =>
  resolveTuning({ ...FACTS, libraries: { rocksdb }, ...asked })

/** The names that RocksDB receives, for the database and its families. */
function given({ db, defaults }: ReturnType<typeof resolve>): string[] {
  const { columnFamily, table } = defaults
  return [...Object.keys(db), ...Object.keys(columnFamily), ...Object.keys(table)]
}

const optionOf = (name: TuningName) => rowOf(name).target.option

/** A value that differs from what an older RocksDB does anyway. */
function another(name: TuningName): unknown {
  const row = rowOf(name)
  if (row.type === 'boolean') return !row.since?.before
  if (row.type === 'integer') return row.max
  return row.choices.find((choice) => choice !== row.since?.before)
}

describe('a RocksDB without the option', () => {
  it('is what 9.7.4 is for some, and 11.8.1 for none', () => {
    expect(NEWER.length).toBeGreaterThan(5)
    const [old, new_] = [given(resolve('9.7.4')), given(resolve('11.8.1'))]
    expect(NEWER.filter((name) => old.includes(optionOf(name)))).toEqual([])
    const read = NEWER.filter((name) => rowOf(name).target.map === 'read')
    expect(NEWER.filter((name) => !new_.includes(optionOf(name)))).toEqual(read)
  })

  it.each([
    ['10.1.9', false],
    ['10.2.0', true],
    ['10.10.1', true],
    ['11.0', true],
    ['9.12', false],
  ])('numbers are compared as numbers: %s', (version, has) => {
    const { columnFamily } = resolve(version).defaults
    expect('memtable_op_scan_flush_trigger' in columnFamily).toBe(has)
  })

  it.each(NEWER)('%s is refused where it is asked for, by name and with both versions', (name) => {
    const { rocksdb } = rowOf(name).since ?? {}
    const tuning = { flushAfterScanSkips: 0, [name]: another(name) }
    try {
      resolve('9.7.4', { tuning })
    } catch (error) {
      expect(error).toBeInstanceOf(TuningError)
      expect(error).toMatchObject({ option: name, source: `tuning.${name}` })
      expect(error).toHaveProperty('message', expect.stringContaining(`RocksDB ${rocksdb}`))
      expect(error).toHaveProperty('message', expect.stringContaining('9.7.4'))
      return
    }
    throw new Error('was not refused')
  })

  it.each(NEWER)('%s may be said to be as it is there', (name) => {
    const { before } = rowOf(name).since ?? {}
    const entry = resolve('9.7.4', { tuning: { [name]: before } }).report().options[name]
    expect(entry).toMatchObject({ value: before, layer: 'code' })
    expect(entry).not.toHaveProperty('given')
    expect(entry.reason).toContain('RocksDB')
  })

  it.each(NEWER)('%s is reported as what is done, with the reason', (name) => {
    const preset = rowOf(name).presets.default
    const { before, rocksdb } = rowOf(name).since ?? {}
    const entry = resolve('9.7.4').report().options[name]
    const reason = `it needs RocksDB ${rocksdb}, and this build has 9.7.4`
    expect(entry).toMatchObject({ value: before, layer: 'preset', reason })
    if (preset === before) expect(entry).not.toHaveProperty('given')
    else expect(entry).toHaveProperty('given', preset)
    expect(resolve('11.8.1').report().options[name]).not.toHaveProperty('reason')
  })

  it('is no less missing for one family', () => {
    const columnFamilies = { queue: { tuning: { flushAfterScanSkips: 1000 } } }
    const source = 'columnFamilies.queue.tuning.flushAfterScanSkips'
    expect(() => resolve('9.7.4', { columnFamilies })).toThrow(expect.objectContaining({ source }))
    const { families } = resolve('11.8.1', { columnFamilies })
    expect(families['queue']?.columnFamily['memtable_op_scan_flush_trigger']).toBe('1000')
  })
})
