import { inspect } from 'node:util'
import { ChangesGapError, fromNative, RocksDBError, TuningError } from '../../lib/base/errors'

describe('RocksDBError', () => {
  it('carries what is given and calm defaults for the rest', () => {
    const cause = new Error('disk')
    const full = new RocksDBError('no', {
      code: 'ERR_NO_SPACE',
      severity: 'hard',
      retryable: true,
      outcome: 'unknown',
      cause,
    })
    expect(full).toMatchObject({
      code: 'ERR_NO_SPACE',
      severity: 'hard',
      retryable: true,
      outcome: 'unknown',
      cause,
      message: 'no',
    })
    const bare = new RocksDBError('no', { code: 'ERR_BUSY' })
    expect(bare).toMatchObject({ code: 'ERR_BUSY', severity: 'none', retryable: false })
    expect('outcome' in bare).toBe(false)
    expect('cause' in bare).toBe(false)
  })

  it('is an Error with its own name in stacks and none among its fields', () => {
    const error = new RocksDBError('gone', { code: 'ERR_CLOSED' })
    expect(error).toBeInstanceOf(Error)
    expect(error.stack).toMatch(/^RocksDBError: gone\n/)
    expect(Object.keys(error).sort()).toEqual(['code', 'retryable', 'severity'])
    expect(inspect(error)).toContain("code: 'ERR_CLOSED'")
  })
})

describe('TuningError', () => {
  it('is a RocksDBError that names option, value and source', () => {
    const error = new TuningError('bad', { option: 'x', value: 7, source: 'tuning.x' })
    expect(error).toBeInstanceOf(RocksDBError)
    expect(error).toMatchObject({
      code: 'ERR_INVALID_TUNING',
      option: 'x',
      value: 7,
      source: 'tuning.x',
    })
    expect(error.stack).toMatch(/^TuningError: bad\n/)
  })
})

describe('ChangesGapError', () => {
  it('says from where on changes are missing, as native told', () => {
    const message = 'the WAL is gone (wanted 5, oldest 18446744073709551615)'
    const error = fromNative('ERR_CHANGES_GAP', message, 0, false, 0)
    expect(error).toBeInstanceOf(ChangesGapError)
    expect(error).toBeInstanceOf(RocksDBError)
    expect(error).toMatchObject({
      code: 'ERR_CHANGES_GAP',
      message,
      wanted: 5n,
      oldest: 18446744073709551615n,
    })
    expect(error.stack).toMatch(/^ChangesGapError: the WAL is gone/)
  })
})

describe('fromNative', () => {
  it.each([
    ['ERR_INVALID_ARG_TYPE', TypeError],
    ['ERR_INVALID_ARG_VALUE', TypeError],
    ['ERR_OUT_OF_RANGE', RangeError],
    ['ERR_CORRUPTION', RocksDBError],
    ['ERR_CLOSED', RocksDBError],
  ])('makes of %s the right class', (code, type) => {
    const error = fromNative(code, 'text', 0, false, 0)
    expect(error.constructor).toBe(type)
    expect(error).toMatchObject({ code, message: 'text' })
  })

  it.each([
    [0, 'none'],
    [1, 'soft'],
    [2, 'hard'],
    [3, 'fatal'],
    [4, 'unrecoverable'],
    [9, 'none'],
  ])('reads severity %d as %s', (number, severity) => {
    expect(fromNative('ERR_IO', '', number, false, 0)).toHaveProperty('severity', severity)
  })

  it.each([
    [0, undefined],
    [1, 'notApplied'],
    [2, 'unknown'],
  ])('reads outcome %d as %s', (number, outcome) => {
    const error = fromNative('ERR_IO', '', 0, true, number) as RocksDBError
    expect(error.outcome).toBe(outcome)
    expect(error.retryable).toBe(true)
  })
})
