/** How files are merged. */
import { everywhere, type Rows } from './rows'
import { mib, oneOf, plain } from './texts'

const DAYS_30 = 30 * 24 * 60 * 60
const YEARS_10 = 10 * 365 * 24 * 60 * 60

export const COMPACTION_ROWS = {
  /** Threads that RocksDB may use for flushes and compactions together. */
  maxBackgroundJobs: {
    type: 'integer',
    unit: 'jobs',
    min: 1,
    max: 16,
    presets: { default: 4, production: 8, development: 2 },
    target: { map: 'db', option: 'max_background_jobs', text: plain },
    scope: 'database',
    changeable: 'SetDBOptions',
    what: 'threads for flushes and compactions',
    help: 'Raise it to the number of cores where compaction falls behind the writes.',
  },
  /** How files are chosen for merging. */
  compactionStyle: {
    type: 'choice',
    choices: ['level', 'universal', 'fifo'],
    presets: everywhere('level'),
    target: {
      map: 'columnFamily',
      option: 'compaction_style',
      text: oneOf({
        level: 'kCompactionStyleLevel',
        universal: 'kCompactionStyleUniversal',
        fifo: 'kCompactionStyleFIFO',
      }),
    },
    scope: 'family',
    changeable: false,
    what: 'how files are chosen for merging',
    help:
      'universal writes less and takes more space; fifo merges nothing and deletes the oldest ' +
      'files over compaction_options_fifo.max_table_files_size, for data that expires.',
  },
  /** Whether level sizes follow from the size of the last level. */
  compactionDynamic: {
    type: 'boolean',
    presets: everywhere(true),
    target: { map: 'columnFamily', option: 'level_compaction_dynamic_level_bytes', text: plain },
    scope: 'family',
    changeable: false,
    what: 'level sizes follow from the last level',
    help: 'Leave it on: it bounds the space that old versions take; off only to match old data.',
  },
  /** MiB of a file in level 1; RocksDB's default multiplier keeps it the same below. */
  targetFileSizeMb: {
    type: 'integer',
    unit: 'MiB',
    min: 8,
    max: 1024,
    presets: { default: 64, production: 128, development: 32 },
    target: { map: 'columnFamily', option: 'target_file_size_base', text: mib },
    scope: 'family',
    changeable: 'SetOptions',
    what: 'size of a file',
    help: 'Raise it where a large database has too many files; lower it for finer compactions.',
  },
  /** MiB that a compaction reads at once. */
  readaheadMb: {
    type: 'integer',
    unit: 'MiB',
    min: 0,
    max: 64,
    presets: { default: 2, production: 4, development: 1 },
    target: { map: 'db', option: 'compaction_readahead_size', text: mib },
    scope: 'database',
    changeable: 'SetDBOptions',
    what: 'what a compaction reads at once',
    help: 'Raise it on spinning or networked disks, where large reads are cheaper.',
  },
  /** MiB a second that flushes and compactions may write together; 0 is no limit. */
  rateLimitMbPerSec: {
    type: 'integer',
    unit: 'MiB/s',
    min: 1,
    max: 65536,
    special: { 0: 'no limit' },
    presets: everywhere(0),
    target: {
      map: 'shared',
      option: 'rate_limit_bytes_per_sec',
      place: '`db.rate_limiter`, auto-tuned',
      text: mib,
    },
    scope: 'database',
    changeable: 'SetBytesPerSecond',
    offAt0: true,
    what: 'what flushes and compactions may write in a second',
    help: 'Set it below what the disk can do where reads are slow while compactions run.',
  },
  /**
   * Seconds after which compaction rewrites a table file, or deletes it with fifo; 0 is never. The age of files: rows
   * expire by `FamilyOptions.expires`.
   */
  ttlSeconds: {
    type: 'integer',
    unit: 'seconds',
    min: 60,
    max: YEARS_10,
    special: { 0: 'never' },
    presets: everywhere(DAYS_30),
    target: { map: 'columnFamily', option: 'ttl', text: plain },
    scope: 'family',
    changeable: 'SetOptions',
    what: 'age at which a table file is compacted, or deleted with fifo; rows expire otherwise',
    help: 'Lower it where deleted data must leave the disk sooner; with fifo it is how long data lives; rows expire by a family’s expires.',
  },
  /** What is read back of the files that a compaction wrote, before those that it read are deleted. */
  verifyCompactions: {
    type: 'choice',
    choices: ['none', 'blocks', 'rows'],
    presets: everywhere('none'),
    target: {
      map: 'columnFamily',
      option: 'verify_output_flags',
      // Bits: checksums of blocks 1, rows against what was written 2, for compactions here 1024.
      text: oneOf({ none: '0', blocks: '1025', rows: '1027' }),
    },
    scope: 'family',
    changeable: 'SetOptions',
    since: { rocksdb: '10.10', before: 'none' },
    what: 'what is read back of a compaction’s new files before the old ones go',
    help: 'Set rows where memory or disks are not trusted; every compaction then costs a read more.',
  },
  /** Seconds after which every file is written anew, whatever it holds; 0 is never. */
  periodicCompactionSeconds: {
    type: 'integer',
    unit: 'seconds',
    min: 3600,
    max: YEARS_10,
    special: { 0: 'never' },
    presets: everywhere(0),
    target: { map: 'columnFamily', option: 'periodic_compaction_seconds', text: plain },
    scope: 'family',
    changeable: 'SetOptions',
    what: 'age at which every file is written anew',
    help: 'Set it so that changed compression or checksums reach old files in the end.',
  },
} as const satisfies Rows
