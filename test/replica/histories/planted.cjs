/** Faults that the checker must find: a log that does not keep what it promises. */
const path = require('node:path')
const { decodeRecord, encodeRecord, RecordKind } = require(
  path.resolve(__dirname, '../../../dist/replica/record.js'),
)

/** An empty body: no families, and a batch without records. */
const NOTHING = Buffer.concat([Buffer.from([0]), Buffer.alloc(4), Buffer.alloc(12)])

/** So much earlier. */
const EARLY_MS = 50

const faults = {
  none: (log) => log,
  /** Whoever appends succeeds, and hears what it wants to hear: writers are not fenced. */
  fencing: (log) => ({
    ...methods(log),
    async append(bytes, { id, expected }) {
      const epoch = decodeRecord(bytes).kind === RecordKind.epoch
      for (;;) {
        const { last } = await log.bounds()
        try {
          const sequence = await log.append(bytes, { id, expected: last })
          return epoch ? sequence : expected + 1
        } catch (error) {
          if (error.failure !== 'conflict') throw error
        }
      }
    },
  }),
  /** One record in 50 is applied as if there were nothing in it. */
  skip: (log) => ({
    ...methods(log),
    async *follow(from, signal) {
      for await (const records of log.follow(from, signal)) yield records.map(emptied)
    },
  }),
  /** Acknowledges at once, and appends a moment later. */
  early: (log) => ({
    ...methods(log),
    async append(bytes, options) {
      if (decodeRecord(bytes).kind === RecordKind.epoch) return log.append(bytes, options)
      setTimeout(() => void log.append(bytes, options).catch(() => {}), EARLY_MS)
      return options.expected + 1
    },
  }),
}

function emptied(record) {
  const read = decodeRecord(record.bytes)
  if (read?.kind !== RecordKind.body || record.sequence % 50 !== 0) return record
  return { ...record, bytes: encodeRecord({ ...read, part: 0, parts: 1 }, NOTHING) }
}

function methods(log) {
  return {
    name: log.name,
    maxRecordBytes: log.maxRecordBytes,
    warnings: log.warnings,
    lease: log.lease,
    append: (bytes, options) => log.append(bytes, options),
    bounds: () => log.bounds(),
    read: (sequence) => log.read(sequence),
    follow: (from, signal) => log.follow(from, signal),
    trim: (before) => log.trim(before),
    close: () => log.close(),
  }
}

/** The log with this fault in it. */
function planted(log, fault = 'none') {
  return { name: log.name, open: async (signal) => faults[fault](await log.open(signal)) }
}

module.exports = { planted }
