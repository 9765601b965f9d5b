// The rooms of the house: the purpose of each, the file to read first, and the rooms that it may
// include or import. npm run lint:rooms checks every file. A room may name only rooms above it, so
// there are no cycles.

/** The engine: C++ that never sees Node. */
export const engine = {
  base: {
    about: 'errors, results, ranges, texts and bytes, of which every other room speaks',
    first: 'error.h',
    may: [],
  },
  files: {
    about: 'files, locks and devices, as the operating system has them',
    first: 'directory_lock.h',
    may: ['base'],
  },
  options: {
    about: 'options of RocksDB from texts, and which values it cannot stand',
    first: 'options.h',
    may: ['base'],
  },
  directory: {
    about: 'what a directory holds, found out before RocksDB is let in',
    first: 'directory.h',
    may: ['base', 'files', 'options'],
  },
  watch: {
    about: 'what happens in a database: events, health, and how long things took',
    first: 'events.h',
    may: ['base'],
  },
  readers: {
    about: 'one exact state of a database that another process writes',
    first: 'reader.h',
    may: ['base', 'files', 'options', 'directory'],
  },
  reads: {
    about: 'rows out of a database: gets, scans, cursors',
    first: 'reads.h',
    may: ['base', 'watch', 'readers'],
  },
  writes: {
    about: 'batches into a database: checked, and committed in turn',
    first: 'commit_queue.h',
    may: ['base', 'watch'],
  },
  transactions: {
    about: 'what transactions have read, what was committed meanwhile, and who holds which key',
    first: 'transactions.h',
    may: ['base', 'readers', 'reads', 'writes'],
  },
  replica: {
    about: 'the queue of a replica: what is proposed to its log, and what the log says is written',
    first: 'replica.h',
    may: ['base', 'watch', 'writes', 'transactions'],
  },
  changes: {
    about:
      'the change feed: what was committed, in order, from memory and from the WAL, and who still needs it',
    first: 'changes.h',
    may: ['base', 'files', 'readers', 'writes'],
  },
  store: {
    about: 'an open database and its sessions: who may do what, in which mode',
    first: 'store.h',
    may: [
      'base',
      'files',
      'options',
      'directory',
      'watch',
      'readers',
      'reads',
      'writes',
      'transactions',
      'replica',
      'changes',
    ],
  },
  repair: {
    about: 'building a damaged database anew, beside the old one',
    first: 'repair.h',
    may: ['base', 'files', 'options', 'directory', 'changes', 'store'],
  },
  jobs: {
    about: 'what takes long: flushes, compactions, checkpoints, the figures of all files',
    first: 'maintenance.h',
    may: [
      'base',
      'files',
      'options',
      'directory',
      'watch',
      'readers',
      'changes',
      'store',
      'repair',
    ],
  },
}

/** The addon around the engine: converts JavaScript’s values to calls, and decides nothing. */
export const binding = {
  plumbing: {
    about: 'values, errors, promises and threads between JavaScript and the engine',
    first: 'call.h',
    may: [
      'engine/base',
      'engine/files',
      'engine/options',
      'engine/watch',
      'engine/reads',
      'engine/writes',
      'engine/store',
    ],
  },
  methods: {
    about: 'the functions that lib/native declares, a file a theme',
    first: 'open.h',
    may: [
      'plumbing',
      'engine/base',
      'engine/files',
      'engine/directory',
      'engine/reads',
      'engine/store',
      'engine/repair',
      'engine/jobs',
    ],
  },
}

/** The façade: whatever a person names, configures, checks or encodes. */
export const lib = {
  base: {
    about: 'arguments, errors, paths and turns of the event loop, which every other room needs',
    first: 'errors.ts',
    may: [],
  },
  native: {
    about: 'the addon: loading it, declaring its functions, passing bytes to it',
    first: 'addon.ts',
    may: ['base'],
  },
  tuning: {
    about:
      'the table of options, and how presets, files, variables and flags become texts for RocksDB',
    first: 'index.ts',
    may: ['base'],
  },
  types: {
    about: 'the shapes that users see, which name no class',
    first: 'options.ts',
    may: ['base', 'tuning'],
  },
  codecs: {
    about: 'keys and values to bytes and back, a file a family of codecs',
    first: 'codec.ts',
    may: ['base', 'native', 'types'],
  },
  formats: {
    about: 'keys and values as text: on command lines, in tables, in JSON',
    first: 'format.ts',
    may: ['base', 'types', 'codecs'],
  },
  connection: {
    about: 'an open database below its classes: handles, snapshots, keys, options of a call',
    first: 'connection.ts',
    may: ['base', 'native', 'tuning', 'types', 'codecs'],
  },
  traces: {
    about:
      'operations told to whoever traces them: the diagnostics channel, and what it costs nobody',
    first: 'operations.ts',
    may: ['base', 'native', 'types', 'codecs', 'connection'],
  },
  open: {
    about: 'opening: where tuning comes from, families, and changes while open',
    first: 'open.ts',
    may: ['base', 'native', 'tuning', 'types', 'codecs', 'connection'],
  },
  reads: {
    about: 'rows out: gets, ranges, scans, pages, cursors',
    first: 'reads.ts',
    may: ['base', 'native', 'types', 'codecs', 'connection', 'traces'],
  },
  writes: {
    about: 'rows in: records, single writes, streams',
    first: 'writes.ts',
    may: ['base', 'native', 'types', 'codecs', 'connection', 'traces'],
  },
  transactions: {
    about: 'transactions: reads that are remembered, writes that are collected, attempts and locks',
    first: 'state.ts',
    may: ['base', 'native', 'types', 'codecs', 'connection', 'traces', 'reads', 'writes'],
  },
  changes: {
    about: 'what was committed, in order: the feed, watched ranges, places that are kept',
    first: 'pull.ts',
    may: ['base', 'native', 'types', 'codecs', 'connection', 'open', 'reads'],
  },
  jobs: {
    about: 'what looks at a database as a whole: properties, sizes, repair',
    first: 'inspect.ts',
    may: ['base', 'native', 'types', 'connection', 'open', 'reads'],
  },
  doctor: {
    about: 'evidence of what is wrong with a database, and the rules that judge it',
    first: 'diagnose.ts',
    may: ['base', 'native', 'tuning', 'types', 'connection', 'open', 'reads', 'jobs'],
  },
  root: {
    about: 'the classes that users hold, and what the package exports',
    first: 'index.ts',
    may: [
      'base',
      'native',
      'tuning',
      'types',
      'codecs',
      'connection',
      'traces',
      'open',
      'reads',
      'writes',
      'transactions',
      'changes',
      'jobs',
      'doctor',
    ],
  },
  inspect: {
    about: 'opening a database to look at it, beside whoever writes it',
    first: 'open-to-read.ts',
    may: ['base', 'native', 'types', 'root'],
  },
  backup: {
    about: 'backups: whole, continuous, verified, restored to any moment: rocksdb-live/backup',
    first: 'index.ts',
    may: ['base', 'native', 'connection', 'traces', 'changes', 'root'],
  },
  replica: {
    about: 'replicas: one writer, many followers, a log between them: rocksdb-live/replica',
    first: 'index.ts',
    may: ['base', 'native', 'types', 'connection', 'open', 'backup', 'root'],
  },
  level: {
    about: 'the interface of level over a database: rocksdb-live/level',
    first: 'index.ts',
    may: ['base', 'native', 'types', 'connection', 'traces', 'reads', 'backup', 'root'],
  },
  metrics: {
    about: 'Prometheus metrics, and the server that gives them: rocksdb-live/metrics',
    first: 'index.ts',
    may: ['base', 'native', 'types', 'connection', 'backup', 'replica', 'root'],
  },
  studio: {
    about:
      'the page that shows a database in a browser, and the server behind it: rocksdb-live/studio',
    first: 'index.ts',
    may: [
      'base',
      'native',
      'tuning',
      'types',
      'codecs',
      'connection',
      'reads',
      'jobs',
      'replica',
      'metrics',
      'formats',
      'root',
    ],
  },
  stores: {
    about: 'what keyv and session share: the family that has their rows, and who opens it',
    first: 'rows.ts',
    may: ['base', 'types', 'root'],
  },
  keyv: {
    about: 'a storage adapter of keyv: rocksdb-live/keyv',
    first: 'index.ts',
    may: ['base', 'types', 'codecs', 'stores', 'root'],
  },
  session: {
    about: 'a session store of express-session: rocksdb-live/session',
    first: 'index.ts',
    may: ['base', 'types', 'codecs', 'reads', 'stores', 'root'],
  },
  otel: {
    about: 'spans and metrics of OpenTelemetry for the operations of a database: rocksdb-live/otel',
    first: 'index.ts',
    may: ['base', 'traces', 'root'],
  },
  transfer: {
    about: 'rows in from other stores and out as JSON lines, for the commands import and export',
    first: 'index.ts',
    may: ['base', 'native', 'types', 'codecs', 'root'],
  },
  cli: {
    about: 'the command rocksdb-live',
    first: 'main.ts',
    may: [
      'base',
      'tuning',
      'types',
      'formats',
      'open',
      'jobs',
      'root',
      'inspect',
      'metrics',
      'studio',
      'backup',
      'replica',
      'transfer',
    ],
  },
}

/** The page of the studio: it speaks to lib/studio over HTTP, and shares the shapes of what they say. */
export const studio = {
  base: {
    about: 'requests, the live stream, the address, words for numbers',
    first: 'api.ts',
    may: [],
  },
  parts: {
    about: 'what several views are made of: plots, maps, dialogs, a row',
    first: 'bits.tsx',
    may: ['base'],
  },
  views: {
    about: 'the five views, a file each',
    first: 'health.tsx',
    may: ['base', 'parts'],
  },
  root: {
    about: 'the page around the views',
    first: 'main.tsx',
    may: ['base', 'parts', 'views'],
  },
}
