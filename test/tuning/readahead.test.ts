/**
 * The read-ahead of compactions, if the linked RocksDB does not respect the disk's largest read.
 */
import { resolveTuning, type TuningRequest } from '../../lib/tuning'
import { openFresh, useTempDirectory } from '../support/database'
import { FACTS } from '../support/layers'

useTempDirectory()

const MIB = 2 ** 20
const entryOf = (asked: Partial<TuningRequest>) => {
  const tuning = resolveTuning({ ...FACTS, ...asked })
  return [tuning.report().options.readaheadMb, tuning.db['compaction_readahead_size']] as const
}
const DISK = 1280 * 1024

describe('readaheadMb', () => {
  it.each([
    ['8.6.0', DISK],
    ['9.7.4', DISK],
    ['9.8.1', DISK],
    ['8.5.3', 4 * MIB],
    ['9.9.0', 4 * MIB],
    ['11.8.1', 4 * MIB],
  ])('with RocksDB %s gives it %d bytes of a disk that reads 1280 KiB', (rocksdb, bytes) => {
    const [entry, text] = entryOf({
      preset: 'production',
      libraries: { rocksdb },
      // The newest version that the oldest of them can write.
      tuning: { compatibleWith: '8' },
      largestReadBytes: DISK,
    })
    expect(text).toBe(String(bytes))
    expect(entry).toMatchObject({ value: 4, rocksdb: { text: String(bytes) } })
    if (bytes === DISK) expect(entry.reason).toContain('1280 KiB')
    else expect(entry.reason).toBeUndefined()
    expect(entry).not.toHaveProperty('text')
  })

  it.each([
    [{ largestReadBytes: 0 }, 4 * MIB],
    [{ tuning: { readaheadMb: 1 } }, MIB],
    [{ tuning: { readaheadMb: 0 } }, 0],
    [{ rocksdb: { db: { compaction_readahead_size: 8 * MIB } } }, 8 * MIB],
  ])('leaves alone what needs no bound: %j', (asked, bytes) => {
    const facts = { preset: 'production', libraries: { rocksdb: '9.7.4' }, largestReadBytes: DISK }
    expect(entryOf({ ...facts, ...asked })[1]).toBe(String(bytes))
  })

  it('says what was asked for and what is in force', async () => {
    const db = await openFresh({ tuning: { readaheadMb: 64 } })
    const { value, rocksdb } = db.tuning().options.readaheadMb
    expect(value).toBe(64)
    expect(rocksdb.inForce).toBe(rocksdb.text)
  })
})
