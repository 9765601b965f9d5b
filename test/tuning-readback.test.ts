/** What RocksDB itself says it was opened with, option by option. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database, type OpenOptions } from 'rocksdb-live'
import { OPTIONS, PRESETS, TUNING_NAMES, type Tuning, type TuningName } from '../lib/tuning'

const MIB = 1048576

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rocksdb-live-tuning-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

interface Seen {
  /** Every option of RocksDB as `map.option`, those of the family `other` among them. */
  options: Record<string, string>
  /** Bytes of WAL after one write. */
  wal: number
}

/** Opens, writes one row and reads all options back. */
async function open(options: OpenOptions): Promise<Seen> {
  const path = mkdtempSync(join(directory, 'db-'))
  const db = await Database.open(path, { columnFamilies: { other: {} }, ...options })
  try {
    await db.default.put('key', 'value')
    const { db: database, columnFamilies } = db.options()
    const seen: Record<string, string> = {
      'cache.capacity': String(db.intProperty('rocksdb.block-cache-capacity')),
    }
    for (const [name, text] of Object.entries(database)) seen[`db.${name}`] = text
    for (const [name, text] of Object.entries(columnFamilies['other']?.columnFamily ?? {})) {
      seen[`columnFamily.${name}`] = text
    }
    for (const [name, text] of Object.entries(columnFamilies['other']?.table ?? {})) {
      seen[`table.${name}`] = text
    }
    return { options: seen, wal: walBytes(path) }
  } finally {
    await db.close()
  }
}

function walBytes(path: string): number {
  const logs = readdirSync(path).filter((name) => name.endsWith('.log'))
  return logs.reduce((sum, name) => sum + statSync(join(path, name)).size, 0)
}

/** What a row asks RocksDB for, as `map.option`; 'write' rows have no text to read back. */
function asked(name: TuningName, value: boolean | number | string): [string, string] {
  const { map, option, text } = OPTIONS[name].target
  return [`${map}.${option}`, text(value as never)]
}

describe.each(PRESETS)('preset %s', (preset) => {
  it('is what RocksDB has in force, row by row', async () => {
    const { options, wal } = await open({ preset })
    for (const name of TUNING_NAMES) {
      const value = OPTIONS[name].presets[preset]
      if (name === 'walEnabled') {
        expect(wal > 0).toBe(value)
        continue
      }
      const [option, text] = asked(name, value)
      const settled = name === 'enablePipelinedWrite' && preset === 'development' ? 'false' : text
      expect([option, options[option]]).toEqual([option, settled])
    }
  })

  it('has in force what every preset sets besides', async () => {
    const partitioned = OPTIONS.targetFileSizeMb.presets[preset] >= 128
    expect((await open({ preset })).options).toMatchObject({
      'db.keep_log_file_num': '5',
      'db.max_log_file_size': String(16 * MIB),
      'db.track_and_verify_wals_in_manifest': 'true',
      'db.paranoid_checks': 'true',
      'db.max_open_files': expect.stringMatching(/^(-1|[1-9]\d+)$/),
      'db.atomic_flush': String(preset === 'development'),
      'table.filter_policy': expect.stringMatching(/bloomfilter:10:false/),
      'table.cache_index_and_filter_blocks': 'true',
      'table.pin_l0_filter_and_index_blocks_in_cache': 'true',
      'table.partition_filters': String(partitioned),
      'table.index_type': partitioned ? 'kTwoLevelIndexSearch' : 'kBinarySearch',
      'table.format_version': '6',
    })
  })
})

/** For each row a value that no preset has, and what RocksDB derives from it. */
const CHANGES: [TuningName, boolean | number | string, string[]][] = [
  ['maxBackgroundJobs', 5, []],
  ['writeBufferMb', 96, []],
  ['targetFileSizeMb', 96, ['columnFamily.max_compaction_bytes']],
  ['compactionDynamic', false, []],
  ['compression', 'lz4hc', []],
  ['compression', 'none', []],
  ['bytesPerSyncMb', 3, []],
  ['walBytesPerSyncMb', 5, []],
  ['blockCacheMb', 100, []],
  ['readaheadMb', 7, []],
  ['enablePipelinedWrite', false, []],
]

describe('one row alone', () => {
  it('is changed by every case, so that no row is left out', () => {
    const changed = new Set(CHANGES.map(([name]) => name))
    expect(TUNING_NAMES.filter((name) => !changed.has(name))).toEqual(['walEnabled'])
  })

  it.each(CHANGES)('%s = %p changes its own option and no other', async (name, value, derived) => {
    const before = await open({})
    const after = await open({ tuning: { [name]: value } as Tuning })
    const [option, text] = asked(name, value)
    expect(after.options[option]).toBe(text)
    expect(differences(before.options, after.options)).toEqual([option, ...derived].sort())
  })

  it('walEnabled = false writes no WAL, and changes what has to follow', async () => {
    const before = await open({})
    const after = await open({ tuning: { walEnabled: false } })
    expect([before.wal > 0, after.wal]).toEqual([true, 0])
    expect(differences(before.options, after.options)).toEqual([
      'db.atomic_flush',
      'db.enable_pipelined_write',
    ])
  })
})

describe('one family alone', () => {
  it('has its own tuning, and the others the database’s', async () => {
    const db = await Database.open(join(directory, 'families'), {
      tuning: { writeBufferMb: 32 },
      columnFamilies: {
        cold: {
          tuning: { compression: 'none', targetFileSizeMb: 16 },
          rocksdb: { columnFamily: { num_levels: 5 }, table: { block_size: 16384 } },
        },
        large: { tuning: { targetFileSizeMb: 128 } },
      },
    })
    const { columnFamilies } = db.options()
    await db.close()
    expect(columnFamilies['cold']).toMatchObject({
      columnFamily: {
        compression: 'kNoCompression',
        target_file_size_base: String(16 * MIB),
        write_buffer_size: String(32 * MIB),
        num_levels: '5',
      },
      table: { block_size: '16384', partition_filters: 'false' },
    })
    expect(columnFamilies['large']).toMatchObject({
      columnFamily: { compression: 'kZSTD', num_levels: '7' },
      table: { block_size: '4096', partition_filters: 'true' },
    })
  })
})

describe('RocksDB options by their own names', () => {
  it('that RocksDB does not know are named in its error', async () => {
    for (const map of ['db', 'columnFamily', 'table']) {
      const path = join(directory, map)
      const opening = Database.open(path, { rocksdb: { [map]: { no_such_option: 1 } } })
      await expect(opening).rejects.toMatchObject({
        code: 'ERR_INVALID_ARGUMENT',
        message: expect.stringContaining('no_such_option'),
      })
    }
  })
})

function differences(before: Record<string, string>, after: Record<string, string>): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].filter((name) => before[name] !== after[name]).sort()
}
