/** How reads go about it, and what they set off. */
import { everywhere, type Rows } from './rows'
import { oneOf, perByte, plain } from './texts'

const MOST_ROWS = 4294967295

export const READING_ROWS = {
  /** Whether a scan with a snapshot lets go of files and memtables that are obsolete for others. */
  refreshScans: {
    type: 'boolean',
    presets: everywhere(true),
    target: { map: 'read', option: 'auto_refresh_iterator_with_snapshot', text: plain },
    scope: 'database',
    changeable: false,
    since: { rocksdb: '10.0', before: false },
    what: 'long scans let go of old files as they go on',
    help: 'Leave it on; turn it off to rule it out where a long scan behaves oddly.',
  },
  /** How the place of a key is found in an index. */
  indexSearch: {
    type: 'choice',
    choices: ['binary', 'interpolation'],
    presets: everywhere('binary'),
    target: {
      map: 'table',
      option: 'index_block_search_type',
      text: oneOf({ binary: 'kBinary', interpolation: 'kInterpolation' }),
    },
    scope: 'family',
    changeable: 'SetOptions',
    since: { rocksdb: '11.0', before: 'binary' },
    what: 'how a key is looked for in an index',
    help: 'Set interpolation where keys are spread evenly, such as hashes and random UUIDs.',
  },
  /** Whether `getMany` looks for its keys in memory in one go. */
  memtableBatchLookup: {
    type: 'boolean',
    presets: everywhere(true),
    target: { map: 'columnFamily', option: 'memtable_batch_lookup_optimization', text: plain },
    scope: 'family',
    changeable: false,
    since: { rocksdb: '11.1', before: false },
    what: 'getMany() looks for its keys in memory in one go',
    help: 'Leave it on: each key of getMany() is looked for from where the one before it was found.',
  },
  /** Deleted and overwritten rows in memory that one step of a scan goes over before it has them flushed; 0 is no bound. */
  flushAfterScanSkips: {
    type: 'integer',
    unit: 'rows',
    min: 16,
    max: MOST_ROWS,
    special: { 0: 'no bound' },
    presets: everywhere(0),
    target: { map: 'columnFamily', option: 'memtable_op_scan_flush_trigger', text: plain },
    scope: 'family',
    changeable: 'SetOptions',
    since: { rocksdb: '10.2', before: 0 },
    what: 'old rows in memory that a step of a scan may go over before they are flushed',
    help: 'Set 1000 or so for queues: rows are added at one end, and read and deleted at the other.',
  },
  /** The same for the average of the steps since the last seek; 0 is no bound. */
  flushAfterAverageScanSkips: {
    type: 'integer',
    unit: 'rows',
    min: 1,
    max: MOST_ROWS,
    special: { 0: 'no bound' },
    presets: everywhere(0),
    target: { map: 'columnFamily', option: 'memtable_avg_op_scan_flush_trigger', text: plain },
    scope: 'family',
    changeable: 'SetOptions',
    since: { rocksdb: '10.4', before: 0 },
    what: 'the same for the average over a scan, beside flushAfterScanSkips',
    help: 'Set 10 or so where scans go over many rows that are overwritten all the time.',
  },
  /** Scans that met a deletion in a file, per KiB of the file, from which on it is merged; 0 is never. */
  scanCompactionPerKib: {
    type: 'integer',
    unit: 'scans/KiB',
    min: 1,
    max: 1000000,
    special: { 0: 'never' },
    presets: everywhere(0),
    target: {
      map: 'columnFamily',
      option: 'read_triggered_compaction_threshold',
      text: perByte,
    },
    scope: 'family',
    changeable: 'SetOptions',
    since: { rocksdb: '11.2', before: 0 },
    what: 'scans that met a deletion in a file, for its size, from which on it is merged',
    help: 'Set 10 where scans keep meeting deletions that no compaction has taken away yet.',
  },
} as const satisfies Rows
