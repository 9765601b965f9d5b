/** Profiles, the memory budget, and how many files may be open. */
import { OPTIONS, PROFILES, type ProfileName, type TuningName } from '../../lib/tuning'
import { optionsOf, refusal, resolve } from '../support/asked'
import { resolveSaid } from '../support/layers'

let warn: jest.SpyInstance
beforeEach(() => {
  warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
})
afterEach(() => warn.mockRestore())

describe('profiles', () => {
  const names = Object.keys(PROFILES) as ProfileName[]

  it('are the row’s words', () => expect(names).toEqual(OPTIONS.profile.choices))

  it.each(names)('%s sets its rows, within their ranges', (profile) => {
    const options = optionsOf({ tuning: { profile }, strict: true })
    for (const [name, value] of Object.entries(PROFILES[profile])) {
      expect(options[name as TuningName]).toMatchObject({
        value,
        layer: 'preset',
        source: `profile '${profile}' (from tuning.profile)`,
      })
    }
  })

  it('give way to what is said explicitly, in any layer', () => {
    const { options } = resolveSaid([
      { layer: 'commandLine', name: 'profile', value: 'scan' },
      { layer: 'code', name: 'blockSizeKb', value: 8 },
    ]).report()
    expect(options.blockSizeKb).toMatchObject({ value: 8, layer: 'code' })
    expect(options.targetFileSizeMb.value).toBe(128)
  })

  it('of a family set what a family can have, below what is said of the database', () => {
    const { report, families } = resolve({
      tuning: { profile: 'point-lookup', compression: 'none' },
      columnFamilies: { log: { tuning: { profile: 'bulk-load' } }, other: {} },
    })
    const own = report().columnFamilies['log']
    expect(own?.writeBufferMb).toMatchObject({ value: 256 })
    expect(own?.compression).toBeUndefined()
    expect(families['log']?.columnFamily['compression']).toBe('kNoCompression')
    expect(report().options.maxBackgroundJobs.value).toBe(4)
    expect(families['other']?.table['data_block_index_type']).toBe('kDataBlockBinaryAndHash')
    expect(report().columnFamilies['other']).toEqual({})
  })
})

describe('the memory budget', () => {
  const sixteen = Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`f${i}`, {}]))

  it('is split into the cache, and write buffers that are charged to it', () => {
    const resolved = resolve({ tuning: { memoryBudgetMb: 1000 }, columnFamilies: sixteen })
    const { options } = resolved.report()
    expect(options.blockCacheMb).toMatchObject({
      value: 750,
      given: 256,
      reason: 'memoryBudgetMb is 1000 (from tuning.memoryBudgetMb)',
    })
    expect(options.dbWriteBufferMb).toMatchObject({ value: 250, given: 0 })
    expect(options.cacheIndexAndFilterBlocks.value).toBe(true)
    expect(resolved.shared).toMatchObject({
      block_cache_bytes: String(750 * 2 ** 20),
      write_buffer_bytes: String(250 * 2 ** 20),
      charge_write_buffers: 'true',
      allow_stall: 'false',
    })
  })

  it('stalls only where that was asked for', () => {
    const tuning = { memoryBudgetMb: 1000, allowStall: true }
    expect(resolve({ tuning }).shared['allow_stall']).toBe('true')
  })

  it.each([
    [16 * 2 ** 30, 6553],
    [2 ** 30, 409],
  ])('auto is two fifths of %d bytes', (memoryLimitBytes, value) => {
    const options = optionsOf({ tuning: { memoryBudgetMb: 'auto' }, memoryLimitBytes })
    expect(options.memoryBudgetMb).toMatchObject({ value, given: 'auto' })
    expect(options.memoryBudgetMb.reason).toContain(`${memoryLimitBytes / 2 ** 20} MiB`)
    expect(options.blockCacheMb.value).toBe(Math.floor(value * 0.75))
  })

  it.each([
    [1, 86, 85],
    [16, 256, 255],
    [100, 1600, 1599],
  ])('of %d families is at least %d, and %d is refused with the arithmetic', (count, ok, small) => {
    const existingFamilies = Array.from({ length: count - 1 }, (_, i) => `f${i}`)
    const asked = (memoryBudgetMb: number) => ({ tuning: { memoryBudgetMb }, existingFamilies })
    expect(optionsOf(asked(ok)).memoryBudgetMb.value).toBe(ok)
    const error = refusal(asked(small))
    expect(error).toMatchObject({ option: 'memoryBudgetMb', value: small })
    const { message } = error
    expect(message).toContain(`too small for ${count} column families`)
    expect(message).toContain(`Of ${small} MiB, ${Math.floor(small * 0.75)} are for the cache`)
    expect(message).toContain(`${Math.floor(small / 4)} are for write buffers`)
    expect(message).toContain(`${(Math.floor(small / 4) / count).toFixed(1)} for each family`)
    expect(message).toContain(`at least ${ok} MiB`)
  })

  it('auto that is too small is refused as well', () => {
    const error = refusal({ tuning: { memoryBudgetMb: 'auto' }, memoryLimitBytes: 2 ** 27 })
    expect(error).toMatchObject({ option: 'memoryBudgetMb', value: 'auto' })
  })

  it('of an operator wins over a cache of the code', () => {
    const { options } = resolveSaid([
      { layer: 'code', name: 'blockCacheMb', value: 1024 },
      { layer: 'environment', name: 'memoryBudgetMb', value: 1000 },
    ]).report()
    expect(options.blockCacheMb).toMatchObject({ value: 750, given: 1024, layer: 'code' })
  })

  it('is not contradicted by a higher layer, which can turn it off', () => {
    const said = [
      { layer: 'code', name: 'memoryBudgetMb', value: 1000 },
      { layer: 'environment', name: 'blockCacheMb', value: 100 },
    ] as const
    expect(() => resolveSaid(said)).toThrow(/Set memoryBudgetMb to 0/)
    const off = { layer: 'environment', name: 'memoryBudgetMb', value: 0 } as const
    expect(resolveSaid([...said, off]).report().options.blockCacheMb.value).toBe(100)
  })

  it('wants to know the families on the disk', () => {
    expect(resolve({ tuning: { memoryBudgetMb: 1000 } }).needsFamilies).toBe(true)
    expect(resolve().needsFamilies).toBe(false)
  })
})

describe('maxOpenFiles', () => {
  it('auto says what it follows from', () => {
    expect(optionsOf({}).maxOpenFiles).toMatchObject({
      value: 768,
      given: 'auto',
      reason: 'the process may have 1024 descriptors, which its open databases share',
    })
    expect(optionsOf({ openFileLimit: 0 }).maxOpenFiles.value).toBe(-1)
  })
})
