/** What the RocksDB of this build has: both that the project compiles are tested with the same files. */
import { type Tuning, type TuningEntry, versions } from 'rocksdb-live'
import { type OptionValue, rowOf, type TuningName } from '../../lib/tuning'
import { isMissing } from '../../lib/tuning/since'
import { openFresh } from './database'
import { coded } from './expectations'

/** Whether the RocksDB of this build is too old for an option. */
export const missing = (name: TuningName): boolean =>
  isMissing(rowOf(name), { libraries: { ...versions } })

/** Whether RocksDB is given no more read-ahead than the disk can read at once: before 9.9 it did not see to it. */
export const cutsReadahead = versions.rocksdb.startsWith('9.7.')

/** Expects what `readaheadMb` gave to RocksDB: so many bytes, or what the disk reads where that is less. */
export function expectReadahead({ reason, rocksdb }: TuningEntry<number>, bytes: number): void {
  const given = Number(rocksdb.inForce)
  expect(rocksdb.inForce).toBe(rocksdb.text)
  if (cutsReadahead && given !== bytes) {
    expect(given).toBeLessThan(bytes)
    expect(given).toBeGreaterThan(0)
    expect(reason).toContain(`reads ${given / 1024} KiB at once`)
  } else {
    expect(given).toBe(bytes)
    expect(reason).toBeUndefined()
  }
}

/**
 * Expects of an option that this RocksDB does not have: what it does anyway may be said and is not given to it,
 * and everything else is refused by name, with the version that has it and the one that is linked.
 */
export async function expectMissing(name: TuningName, value: OptionValue, beside: Tuning = {}) {
  const { before, rocksdb } = rowOf(name).since ?? {}
  const opening = openFresh({ tuning: { ...beside, [name]: value } as Tuning })
  if (value !== before) {
    await expect(opening).rejects.toEqual(coded('ERR_INVALID_TUNING', `RocksDB ${rocksdb}`))
    await expect(opening).rejects.toMatchObject({
      option: name,
      message: expect.stringContaining(versions.rocksdb),
    })
    return
  }
  const entry = (await opening).tuning().options[name]
  expect(entry).toMatchObject({ value, reason: expect.stringContaining(`RocksDB ${rocksdb}`) })
  // Some it has in another form, which says the same.
  expect([undefined, entry.rocksdb.text]).toContain(entry.rocksdb.inForce)
}
