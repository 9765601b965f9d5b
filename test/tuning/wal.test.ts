/** Consequences of turning the write-ahead log off. */
import { TuningError } from '../../lib/base/errors'
import { resolveTuning, type TuningRequest } from '../../lib/tuning'

type Asked = Partial<TuningRequest>

const FACTS = {
  openFileLimit: 0,
  libraries: { rocksdb: '11.8.1', snappy: '1.1.10', zlib: '1.3.2', bzip2: '1.0.8' },
  zstdDictionaryTraining: false,
  memoryLimitBytes: 2 ** 34,
}

const resolve = (asked: Asked = {}) => resolveTuning({ ...FACTS, ...asked })

/** The error that refuses a request. */
function refusal(asked: Asked): TuningError {
  try {
    resolve(asked)
  } catch (error) {
    expect(error).toBeInstanceOf(TuningError)
    return error as TuningError
  }
  throw new Error('was not refused')
}

describe('without the WAL', () => {
  it('flushes are atomic and writes not pipelined, even where that was asked for', () => {
    const resolved = resolve({ tuning: { walEnabled: false, enablePipelinedWrite: true } })
    expect(resolved.db).toMatchObject({ atomic_flush: 'true', enable_pipelined_write: 'false' })
    const report = resolved.report()
    expect(report.options.enablePipelinedWrite).toMatchObject({
      value: false,
      given: true,
      layer: 'code',
      reason: expect.stringContaining('walEnabled is off'),
    })
    expect(report.forced.map(({ option, text }) => [option, text])).toEqual([
      ['atomic_flush', 'true'],
      ['enable_pipelined_write', 'false'],
    ])
  })

  it('nothing is said of pipelined writes that were off', () => {
    const tuning = { walEnabled: false, enablePipelinedWrite: false }
    const report = resolve({ tuning }).report()
    expect(report.forced.map(({ option }) => option)).toEqual(['atomic_flush'])
    expect(report.options.enablePipelinedWrite).not.toHaveProperty('reason')
  })

  it.each([
    [{ atomic_flush: false }, 'atomic_flush'],
    [{ atomic_flush: '0' }, 'atomic_flush'],
    [{ enable_pipelined_write: true }, 'enable_pipelined_write'],
  ])('%p cannot be passed through', (db, option) => {
    const error = refusal({ tuning: { walEnabled: false }, rocksdb: { db } })
    expect(error).toMatchObject({ option, source: `rocksdb.db.${option}` })
    expect(error.message).toContain('walEnabled is off')
  })

  it('what agrees can be passed through', () => {
    const db = { atomic_flush: 1, enable_pipelined_write: '0' }
    expect(resolve({ tuning: { walEnabled: false }, rocksdb: { db } }).db).toMatchObject({
      atomic_flush: '1',
      enable_pipelined_write: '0',
    })
  })

  it('and with it, nothing is forced', () => {
    const resolved = resolve()
    expect(resolved.report().forced).toEqual([])
    expect(resolved.db).not.toHaveProperty('atomic_flush')
  })
})
