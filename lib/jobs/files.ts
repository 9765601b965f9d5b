/** The files that hold the rows of a database. */
import { join } from 'node:path'
import { optionalInteger, readOptions } from '../base/arguments'
import { RocksDBError } from '../base/errors'
import type { Connection } from '../connection/connection'
import { limited, signalOf } from '../connection/requests'
import { DataFileNumber as At, type NativeDataFiles } from '../native/files'
import { explain } from '../native/lane'
import type { Families } from '../open/families'
import type { DataFile, Temperature } from '../types/files'

/** Every table and blob file, family by family, tables by level. */
export async function files(
  connection: Connection,
  families: Families,
  given: unknown,
): Promise<DataFile[]> {
  const options = readOptions('options', given, ['columnFamily', 'signal', 'deadlineMs'])
  const signal = signalOf(options['signal'])
  const deadlineMs = optionalInteger('options.deadlineMs', options['deadlineMs'], {
    min: 1,
    max: 0x7fffffff,
    default: undefined,
  })
  const only = options['columnFamily']
  const family = only === undefined ? undefined : families.handle(only)
  const listed = connection.call<NativeDataFiles>(
    'files',
    (session, id) => session.dataFiles(id, family?.id),
    family,
  )
  const place = family ?? connection
  const explained = (error: unknown) => explain(error, 'files', place)
  return decoded(await limited(listed, signal, deadlineMs, explained))
}

/** Reads all of a file, and compares it with its checksums. Resolves to what is wrong; undefined if nothing is. */
export async function checkFile(
  connection: Connection,
  families: Families,
  { columnFamily, path, kind }: DataFile,
): Promise<string | undefined> {
  const family = families.handle(columnFamily)
  try {
    await connection.call('verify', (session, id) =>
      session.checkDataFile(id, family.id, path, kind === 'blob'),
    )
    return undefined
  } catch (error) {
    if (error instanceof RocksDBError && error.code === 'ERR_CORRUPTION') return error.message
    throw error
  }
}

function decoded({ families, texts, numbers, keys }: NativeDataFiles): DataFile[] {
  const all = new Float64Array(numbers.length / 8)
  new Uint8Array(all.buffer).set(numbers)
  const files: DataFile[] = []
  let key = 0
  for (let start = 0; start < all.length; start += At.count) {
    const numberAt = (place: At) => all[start + place] as number
    const textAt = (place: At) => texts[numberAt(place)]
    const name = textAt(At.name) as string
    const file = {
      columnFamily: families[numberAt(At.family)] as string,
      name,
      path: join(textAt(At.directory) as string, name),
      bytes: numberAt(At.bytes),
    }
    const middle = key + numberAt(At.smallestKeyBytes)
    const end = middle + numberAt(At.largestKeyBytes)
    const [smallestKey, largestKey] = [keys.subarray(key, middle), keys.subarray(middle, end)]
    key = end
    files.push(
      numberAt(At.level) < 0
        ? { kind: 'blob', ...file, ...blobOf(numberAt) }
        : { kind: 'table', ...file, ...tableOf(numberAt, textAt), smallestKey, largestKey },
    )
  }
  return files
}

type NumberAt = (place: At) => number

function blobOf(numberAt: NumberAt) {
  return {
    garbageBytes: numberAt(At.garbageBytes),
    blobs: numberAt(At.blobs),
    garbageBlobs: numberAt(At.garbageBlobs),
  }
}

/** What is unknown is left out. */
function tableOf(numberAt: NumberAt, textAt: (place: At) => string | undefined) {
  const known = <Name extends string, Value>(
    name: Name,
    place: At,
    of: (number: number) => Value,
  ) => {
    const number = numberAt(place)
    return (Number.isNaN(number) ? {} : { [name]: of(number) }) as { [N in Name]?: Value }
  }
  const sequence = (high: At, low: At) => (BigInt(numberAt(high)) << 32n) | BigInt(numberAt(low))
  const date = (seconds: number) => new Date(1000 * seconds)
  return {
    level: numberAt(At.level),
    ...known('entries', At.entries, Number),
    ...known('deletions', At.deletions, Number),
    ...known('rangeDeletions', At.rangeDeletions, Number),
    smallestSequence: sequence(At.smallestSequenceHigh, At.smallestSequenceLow),
    largestSequence: sequence(At.largestSequenceHigh, At.largestSequenceLow),
    ...known('createdAt', At.createdAtSeconds, date),
    ...known('oldestAncestorAt', At.oldestAncestorAtSeconds, date),
    beingCompacted: numberAt(At.beingCompacted) === 1,
    reads: numberAt(At.reads),
    ...known('compression', At.compression, () => compressionName(textAt(At.compression) ?? '')),
    temperature: textAt(At.temperature) as Temperature,
  }
}

/** RocksDB's names of compressions in tables, where they are not our names in upper case. */
const NAMES: Readonly<Record<string, string>> = {
  '': 'none',
  NoCompression: 'none',
  ZSTDNotFinalCompression: 'zstd',
}

/** By the number of RocksDB's `CompressionType`. */
const BY_TYPE: Readonly<Record<string, string>> = {
  '00': 'none',
  '01': 'snappy',
  '02': 'zlib',
  '03': 'bzip2',
  '04': 'lz4',
  '05': 'lz4hc',
  '06': 'xpress',
  '07': 'zstd',
}

/** As the tuning option has it. From format version 7 on a table has `BuiltinV2;0407;`. */
function compressionName(text: string): string {
  if (!text.includes(';')) return NAMES[text] ?? text.toLowerCase()
  const types = text.split(';')[1]?.match(/../g) ?? []
  const names = types.map((type) => BY_TYPE[type] ?? `0x${type}`).filter((name) => name !== 'none')
  return names.join(',') || 'none'
}
