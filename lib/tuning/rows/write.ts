/** How writes are taken in. */
import { everywhere, type Rows } from './rows'
import { mib, plain } from './texts'

export const WRITE_ROWS = {
  /** MiB that a family collects in memory before they are written to a file. */
  writeBufferMb: {
    type: 'integer',
    unit: 'MiB',
    min: 16,
    max: 2048,
    presets: { default: 128, production: 256, development: 64 },
    target: { map: 'columnFamily', option: 'write_buffer_size', text: mib },
    scope: 'family',
    changeable: 'SetOptions',
    what: 'memory a family collects before it writes a file',
    help: 'Raise it for long bursts of writes; lower it where many families share little memory.',
  },
  /** Write buffers of a family, the one being filled and those being written out together. */
  maxWriteBufferNumber: {
    type: 'integer',
    unit: 'buffers',
    min: 2,
    max: 16,
    presets: { default: 2, production: 3, development: 2 },
    target: { map: 'columnFamily', option: 'max_write_buffer_number', text: plain },
    scope: 'family',
    changeable: 'SetOptions',
    what: 'write buffers of a family, filling and waiting',
    help: 'Raise it where writes stall because flushes of one family cannot keep up.',
  },
  /** MiB that the write buffers of all families may take together; 0 is no bound. */
  dbWriteBufferMb: {
    type: 'integer',
    unit: 'MiB',
    min: 16,
    max: 65536,
    special: { 0: 'no bound' },
    presets: everywhere(0),
    target: {
      map: 'shared',
      option: 'write_buffer_bytes',
      place: '`db.write_buffer_manager`',
      text: mib,
    },
    scope: 'database',
    changeable: 'SetBufferSize',
    offAt0: true,
    what: 'bound on the write buffers of all families together',
    help: 'Set it where many families would take too much memory; the oldest is flushed first.',
  },
  /** Whether writers wait where `dbWriteBufferMb` is used up, instead of going over it a little. */
  allowStall: {
    type: 'boolean',
    presets: everywhere(false),
    target: {
      map: 'shared',
      option: 'allow_stall',
      place: '`allow_stall` of `db.write_buffer_manager`',
      text: plain,
    },
    scope: 'database',
    changeable: false,
    what: 'writers wait where the bound on write buffers is reached',
    help: 'Turn it on only where memory must not pass the bound for a moment: all writes then stop.',
  },
  /** Whether one group of writes may enter the memtable while the next one enters the WAL. */
  enablePipelinedWrite: {
    type: 'boolean',
    presets: everywhere(true),
    target: { map: 'db', option: 'enable_pipelined_write', text: plain },
    scope: 'database',
    changeable: false,
    what: 'overlap WAL and memtable of successive writes',
    help: 'Turn it off to use RocksDB options that exclude it, such as unordered_write.',
  },
  /** Whether memtables have a filter over their keys. */
  memtableWholeKeyFilter: {
    type: 'boolean',
    presets: everywhere(false),
    target: { map: 'columnFamily', option: 'memtable_whole_key_filtering', text: plain },
    scope: 'family',
    changeable: 'SetOptions',
    what: 'a filter over the keys in memory',
    help:
      'Turn it on where most reads miss a memtable in use: a miss becomes much cheaper, a hit a ' +
      'little dearer.',
  },
} as const satisfies Rows
