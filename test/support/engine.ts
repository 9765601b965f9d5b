/**
 * Features of this build's RocksDB: the same tests run with both RocksDBs that the project
 * compiles.
 */
import { type Tuning, type TuningEntry, versions } from 'rocksdb-live'
import { type OptionValue, rowOf, type TuningName } from '../../lib/tuning'
import { isMissing } from '../../lib/tuning/since'
import { openFresh } from './database'
import { coded } from './expectations'

/** Whether this build's RocksDB is too old for an option. */
export const missing = (name: TuningName): boolean =>
  isMissing(rowOf(name), { libraries: { ...versions } })

/**
 * Whether RocksDB gets no more read-ahead than the disk reads at once: before 9.9 it did not limit
 * that itself.
 */
export const cutsReadahead = versions.rocksdb.startsWith('9.7.')

/**
 * Expects what `readaheadMb` made of RocksDB's option: this many bytes, or the disk's largest read
 * if that is less.
 */
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

/** The error if this build has the option but not this value; undefined if it has both. */
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

/** Whether this build lacks a value of an option, and refuses it by name. */
export const lacks = (name: TuningName, value: OptionValue): boolean =>
  lackOf(name, value) !== undefined

/**
 * Expects that `open` or `setOptions` refuses what this build lacks, by name and with the reason.
 */
export async function expectRefused(
  refusing: Promise<unknown>,
  name: TuningName,
  value: OptionValue,
): Promise<void> {
  await expect(refusing).rejects.toEqual(coded('ERR_INVALID_TUNING', lackOf(name, value)))
  await expect(refusing).rejects.toMatchObject({ option: name })
}

/**
 * Expects of an option that this RocksDB lacks: the value of its actual behaviour is accepted but
 * not passed on, and every other value is refused by name.
 */
export async function expectMissing(name: TuningName, value: OptionValue): Promise<void> {
  const opening = openFresh({ tuning: { [name]: value } as Tuning })
  if (lacks(name, value)) return expectRefused(opening, name, value)
  const { value: held, reason, rocksdb } = (await opening).tuning().options[name]
  expect(held).toBe(value)
  expect(reason).toContain(`RocksDB ${rowOf(name).since?.rocksdb}`)
  // Some are read back in another form with the same meaning.
  expect([undefined, rocksdb.text]).toContain(rocksdb.inForce)
}
