/** Rules about opening: who has it, how long it takes, which versions can. */
import { type Collected, isKnown } from '../evidence'
import { compareVersions, dateOf, linesOf, type Rule, whyUnknown } from '../rule'

const SLOW_SECONDS = 10
const VERY_SLOW_SECONDS = 60

const slow: Rule = {
  rule: 'slow-opening',
  options: ['maxTotalWalMb'],
  judge({ log, open, opened }) {
    const begun = linesOf(log, 'opening').lines.at(-1)
    const done = linesOf(log, 'opened').lines.at(-1)
    const own = opened === 'live' && isKnown(open) ? open.openSeconds : 0
    const ofLog =
      isKnown(log) &&
      begun?.atMs !== undefined &&
      done?.atMs !== undefined &&
      done.atMs >= begun.atMs
        ? (done.atMs - begun.atMs) / 1000
        : 0
    const seconds = Math.max(own, ofLog)
    if (seconds < SLOW_SECONDS) return isKnown(log) || own > 0 ? undefined : whyUnknown(log)
    const name = isKnown(log) ? log.name : 'LOG'
    const lines = ofLog >= SLOW_SECONDS ? [begun, done] : []
    const [first, ...more] = [
      ...lines.flatMap((line) =>
        line === undefined ? [] : [{ source: `${name}:${line.line}`, text: line.text }],
      ),
      ...(own >= SLOW_SECONDS ? [{ source: 'db', text: `opening took ${own.toFixed(1)} s` }] : []),
    ]
    if (first === undefined) return undefined
    return {
      severity: seconds >= VERY_SLOW_SECONDS ? 'warning' : 'notice',
      what: `Opening took ${Math.round(seconds)} seconds.`,
      cause: 'Opening reads the whole WAL and looks at every table.',
      remedy:
        'Close the database before the process ends (db.close()), so that the WAL is short, bound the WAL (maxTotalWalMb), and keep files large.',
      since: dateOf(begun),
      option: { name: 'maxTotalWalMb', suggestion: '256' },
      evidence: [first, ...more],
    }
  },
}

const locked: Rule = {
  rule: 'locked',
  options: [],
  judge({ holder, openErrors, opened }) {
    const failed = openErrors.find(({ code }) => code === 'ERR_LOCKED')
    const own = opened === 'live' || holder?.pid === process.pid
    if (own || (holder === undefined && failed === undefined)) return undefined
    const evidence = [
      ...(holder === undefined ? [] : [{ source: '/proc/locks', text: holder.description }]),
      ...(failed === undefined ? [] : [{ source: 'open', text: failed.message }]),
    ]
    const [first, ...more] = evidence
    if (first === undefined) return undefined
    return {
      severity: failed === undefined ? 'notice' : 'warning',
      what: `${holder?.description ?? 'Another process'} has the database open to write.`,
      cause: 'One process at a time writes a database. Others are refused with ERR_LOCKED.',
      remedy:
        "End that process, wait for it (waitForLockMs), or open with mode 'read-only' or as a secondary. Never delete the file LOCK.",
      since: holder?.since,
      evidence: [first, ...more],
    }
  },
}

const race: Rule = {
  rule: 'read-during-change',
  options: [],
  judge({ openErrors, opened, holder }) {
    const [error] = openErrors.filter(
      ({ code }) => code === 'ERR_CORRUPTION' || code === 'ERR_BUSY',
    )
    if (error === undefined || opened === 'files' || opened === 'live') return undefined
    return {
      severity: 'notice',
      what: 'Opening it to read failed once, and worked when tried again.',
      cause: 'The process that writes it replaced files while they were read; nothing is damaged.',
      remedy: 'Try again where this happens, as this package does by itself.',
      evidence: [
        { source: `open (${error.mode})`, text: error.message },
        ...(holder === undefined ? [] : [{ source: '/proc/locks', text: holder.description }]),
      ],
    }
  },
}

/** Newest format of tables that a RocksDB reads. */
function newestFormat(version: string): number {
  if (compareVersions(version, '10.4') >= 0) return 7
  return compareVersions(version, '8.6') >= 0 ? 6 : 5
}

function isLevelDB({ directory }: Collected): boolean {
  return (
    isKnown(directory) &&
    directory.current !== undefined &&
    directory.manifests.length > 0 &&
    !directory.hasOptions &&
    !directory.hasIdentity
  )
}

/** Codes of databases that this build cannot read, though nothing is damaged. */
const REFUSED = new Set(['ERR_NOT_SUPPORTED', 'ERR_OPTIONS_MISMATCH', 'ERR_INVALID_ARGUMENT'])

const foreign: Rule = {
  rule: 'another-version',
  options: ['compatibleWith'],
  judge(evidence) {
    const { options, tables, rocksdb, opened, directory, openErrors } = evidence
    if (isLevelDB(evidence) && isKnown(directory)) {
      return {
        severity: opened === 'files' ? 'warning' : 'notice',
        what: 'This is a database of LevelDB, not of RocksDB.',
        cause: 'It has a manifest, and neither OPTIONS nor IDENTITY, which every RocksDB writes.',
        remedy:
          'Read it with LevelDB, and copy its rows: rocksdb-live import reads what level exports.',
        evidence: [
          {
            source: 'files',
            text: `${directory.levelTables} .ldb, ${directory.tables} .sst, CURRENT, ${directory.manifests[0]?.name}, no OPTIONS, no IDENTITY`,
          },
        ],
      }
    }
    const newest = isKnown(tables) ? Math.max(0, ...Object.keys(tables.formats).map(Number)) : 0
    const tooNew = newest > newestFormat(rocksdb)
    const later = isKnown(options) && compareVersions(options.version, rocksdb) > 0
    const failed = opened === 'files' && openErrors.length > 0
    const isDatabase = isKnown(directory) && directory.current !== undefined
    const refused = failed && isDatabase && openErrors.some(({ code }) => REFUSED.has(code))
    if (!tooNew && !later && !refused)
      return isKnown(options) || isKnown(tables) ? undefined : whyUnknown(options, tables)
    const [first, ...more] = [
      ...(later
        ? [{ source: options.name, text: `rocksdb_version=${options.version}; this is ${rocksdb}` }]
        : []),
      ...(tooNew
        ? [
            {
              source: 'table footer',
              text: `format_version ${newest}; this RocksDB reads ${newestFormat(rocksdb)}`,
            },
          ]
        : []),
      ...(failed ? [{ source: 'open', text: openErrors[0]?.message ?? '' }] : []),
    ]
    if (first === undefined) return undefined
    return {
      severity: failed || tooNew ? 'warning' : 'notice',
      what:
        later || tooNew
          ? `A newer RocksDB has written it${isKnown(options) ? ` (${options.version})` : ''} than the one that looks at it (${rocksdb}).`
          : 'It was written with what this RocksDB does not have, such as an order of keys or a merge operator.',
      cause: 'Other versions and programs may write files that this one cannot read.',
      remedy:
        'Open it with that version or a newer one. docs/compatibility.md says who reads whose files; compatibleWith keeps files readable by older ones.',
      option: { name: 'compatibleWith' },
      evidence: [first, ...more],
    }
  },
}

const build: Rule = {
  rule: 'slow-build',
  options: [],
  judge({ log }) {
    if (!isKnown(log)) return log
    const { lines } = linesOf(log, 'header')
    const slow = lines.filter(
      ({ text }) =>
        /Fast CRC32 supported: Not supported/.test(text) ||
        /(?:kLZ4Compression|kZSTD) supported: 0/.test(text),
    )
    const [first, ...more] = slow
      .slice(-3)
      .map(({ line, text }) => ({ source: `${log.name}:${line}`, text }))
    if (first === undefined) return undefined
    return {
      severity: 'notice',
      what: 'The RocksDB that had it open was built without what makes it fast.',
      cause:
        'Checksums in software, or missing compressions, come from a build for another processor or without libraries.',
      remedy:
        'Open it with a binary of this package for the platform, or build with its libraries.',
      evidence: [first, ...more],
    }
  },
}

export const OPENING_RULES: readonly Rule[] = [slow, locked, race, foreign, build]
