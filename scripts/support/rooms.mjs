// The rooms of the house: what each is for, the file to read first, and the rooms that it may include or import.
// npm run lint:rooms holds every file to it. A room names only rooms that stand before it, so there is no way round.

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
  store: {
    about: 'an open database and its sessions: who may do what, in which mode',
    first: 'store.h',
    may: ['base', 'files', 'options', 'directory', 'watch', 'readers', 'reads', 'writes'],
  },
  repair: {
    about: 'building a damaged database anew, beside the old one',
    first: 'repair.h',
    may: ['base', 'files', 'options', 'directory', 'store'],
  },
  jobs: {
    about: 'what takes long: flushes, compactions, checkpoints, the figures of all files',
    first: 'maintenance.h',
    may: ['base', 'files', 'directory', 'watch', 'store', 'repair'],
  },
}

/** The addon around the engine: from JavaScript’s values to calls, and nothing decided. */
export const binding = {
  plumbing: {
    about: 'values, errors, promises and threads between JavaScript and the engine',
    first: 'call.h',
    may: [
      'engine/base',
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
      'engine/reads',
      'engine/store',
      'engine/repair',
      'engine/jobs',
    ],
  },
}

/** The façade: whatever a person names, configures, checks or encodes. */
export const lib = {}
