/** RocksDB's texts for values. */
import type { OptionValue, Values } from '../types'

const KIB = 1024
const MIB = 1024 * 1024

export const kib = (value: number) => String(value * KIB)
export const mib = (value: number) => String(value * MIB)
/** For counts by the KiB that RocksDB wants by the byte, as it writes them itself. */
export const perByte = (value: number) => (value / KIB).toFixed(6)
export const plain = (value: OptionValue) => String(value)
export const inverse = (value: boolean) => String(!value)

/** RocksDB takes it for "the codec's own". */
const CODEC_DEFAULT_LEVEL = '32767'

export const level = (value: number | 'auto') =>
  value === 'auto' ? CODEC_DEFAULT_LEVEL : String(value)

/** The text of each word of a choice. */
export const oneOf =
  <W extends string>(texts: Readonly<Record<W, string>>) =>
  (value: W) =>
    texts[value]

/** RocksDB's names of the codecs. */
export const CODECS = {
  none: 'kNoCompression',
  snappy: 'kSnappyCompression',
  lz4: 'kLZ4Compression',
  lz4hc: 'kLZ4HCCompression',
  zlib: 'kZlibCompression',
  bzip2: 'kBZip2Compression',
  zstd: 'kZSTD',
} as const

/** The filter of a table: two rows decide it together. */
export function filter(_value: OptionValue, { filterPolicy, bloomBitsPerKey }: Values): string {
  switch (filterPolicy) {
    case 'bloom':
      return `bloomfilter:${bloomBitsPerKey}:false`
    case 'ribbon':
      // 0: newly flushed files have Bloom filters, which are quicker to build.
      return `ribbonfilter:${bloomBitsPerKey}:0`
    default:
      return 'nullptr'
  }
}

/** What goes for the first bytes of a key. */
export const prefix = (length: number) =>
  length === 0 ? 'nullptr' : `rocksdb.FixedPrefix.${length}`

/**
 * The newest format of table files that every release of a major version reads, as rocksdb/table.h says: 7 since
 * 10.4, 6 since 8.6 (so not by all of 8), 5 since 6.6.
 */
export const FORMAT_VERSIONS: Readonly<Record<'11' | '9' | '8' | '7', string>> = {
  '11': '7',
  '9': '6',
  '8': '5',
  '7': '5',
}
