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

/** Codecs that only some carriers of sources have. */
const CODECS = ['snappy', 'zlib', 'bzip2']

/** What is said where this build has the option and not that value of it; undefined where it has both. */
function lackOf(name: TuningName, value: OptionValue): string | undefined {
  const { before, rocksdb } = rowOf(name).since ?? {}
  if (missing(name)) return value === before ? undefined : `RocksDB ${rocksdb}`
  const isCodec = name === 'compression' || name === 'bottommostCompression'
  if (isCodec && CODECS.includes(String(value)) && !(String(value) in versions)) {
    return 'compiled without it'
  }
  const isNew = name === 'compatibleWith' && value === '11'
  return isNew && versions.rocksdb.startsWith('9.') ? versions.rocksdb : undefined
}

/** Whether a value of an option is one that this build does not have, and refuses by name. */
export const lacks = (name: TuningName, value: OptionValue): boolean =>
  lackOf(name, value) !== undefined

/** Expects that what this build lacks is refused by name, and why: by `open`, or by `setOptions`. */
export async function expectRefused(
  refusing: Promise<unknown>,
  name: TuningName,
  value: OptionValue,
): Promise<void> {
  await expect(refusing).rejects.toEqual(coded('ERR_INVALID_TUNING', lackOf(name, value)))
  await expect(refusing).rejects.toMatchObject({ option: name })
}

/**
 * Expects of an option that this RocksDB does not have: what it does anyway may be said and is not given to it,
 * and everything else is refused by name.
 */
export async function expectMissing(name: TuningName, value: OptionValue): Promise<void> {
  const opening = openFresh({ tuning: { [name]: value } as Tuning })
  if (lacks(name, value)) return expectRefused(opening, name, value)
  const { value: held, reason, rocksdb } = (await opening).tuning().options[name]
  expect(held).toBe(value)
  expect(reason).toContain(`RocksDB ${rowOf(name).since?.rocksdb}`)
  // Some it has in another form, which says the same.
  expect([undefined, rocksdb.text]).toContain(rocksdb.inForce)
}
