/** Rules about damage, and about what LOG tells of clocks and options. */
import type { Evidence } from '../../types/doctor'
import { type Collected, isKnown, type LogEvidence, type LogLine } from '../evidence'
import {
  compareVersions,
  dateOf,
  linesOf,
  quoted,
  type Rule,
  timesText,
  type Verdict,
  whyUnknown,
} from '../rule'

const MOST_BAD = 5
const PLACE = /in (?:file )?(\S+\.(?:sst|blob|log)) offset (\d+)|(\d{6,}\.(?:sst|blob|log))/

/** Whether lines name one place twice: it is the medium then, and not the memory. */
function repeated(lines: readonly LogLine[]): string | undefined {
  const seen = new Set<string>()
  for (const { text } of lines) {
    const [, file, offset] = PLACE.exec(text) ?? []
    if (file === undefined || offset === undefined) continue
    const place = `${file} at offset ${offset}`
    if (seen.has(place)) return place
    seen.add(place)
  }
  return undefined
}

function brokenPointer({ directory, opened }: Collected): Evidence[] {
  if (opened !== 'files' || !isKnown(directory)) return []
  const { current, manifests, tables, hasIdentity, hasOptions, wal } = directory
  const isDatabase =
    tables > 0 || hasIdentity || hasOptions || manifests.length > 0 || wal.length > 0
  if (!isDatabase) return []
  if (current === undefined) return [{ source: 'CURRENT', text: 'there is none' }]
  const named = current.trim()
  if (!/^MANIFEST-\d+$/.test(named) || !current.endsWith('\n')) {
    return [{ source: 'CURRENT', text: `it names no manifest: ${JSON.stringify(current)}` }]
  }
  const manifest = manifests.find(({ name }) => name === named)
  if (manifest === undefined)
    return [{ source: 'CURRENT', text: `it names ${named}, which is not there` }]
  return manifest.bytes === 0 ? [{ source: named, text: 'it is empty' }] : []
}

/** Whoever has it open may be writing a table just now. */
function badTables({ tables, holder }: Collected): Evidence[] {
  if (!isKnown(tables) || holder !== undefined) return []
  return tables.bad.slice(0, MOST_BAD).map(({ name, reason }) => ({ source: name, text: reason }))
}

/** Whether opening failed by damage: bytes that are wrong, or a file that is not there. */
function isDamage({ code, message }: Collected['openErrors'][number]): boolean {
  return code === 'ERR_CORRUPTION' || (code === 'ERR_IO' && /No such file/.test(message))
}

const damaged: Rule = {
  rule: 'damaged-files',
  options: ['verifyCompactions'],
  judge(evidence) {
    const { log, openErrors, opened, directory, options, rocksdb } = evidence
    // What a newer RocksDB has written, this one may take for damage.
    const later = isKnown(options) && compareVersions(options.version, rocksdb) > 0
    const lines = linesOf(log, 'checksum').lines
    const failed = opened === 'files' && !later ? openErrors.filter(isDamage) : []
    const all: Evidence[] = [
      ...brokenPointer(evidence),
      ...badTables(evidence),
      ...failed.slice(0, 1).map(({ message }) => ({ source: 'open', text: message })),
      ...(isKnown(log) ? quoted(log, lines) : []),
    ]
    const [first, ...more] = all
    if (first === undefined) return isKnown(log) || isKnown(directory) ? undefined : whyUnknown(log)
    const place = repeated(lines)
    const onlyLog = all.length === Math.min(2, lines.length)
    return {
      severity: 'critical',
      what: onlyLog
        ? `RocksDB read bytes that are not what was written, ${timesText(lines.length)}.`
        : 'Files of the database are damaged or missing.',
      cause:
        place !== undefined
          ? `The same place failed more than once (${place}): it is the disk, or what is on it.`
          : lines.length > 1
            ? 'A different place failed each time, which points at memory or a cable rather than at the disk.'
            : 'The disk, a copy that was cut short, or another program has changed files.',
      remedy:
        'Stop writing. rocksdb-live verify reads every file and names those that are damaged; restore a backup (rocksdb-live restore), or keep what can be read with Database.repair. Test the memory. verifyCompactions finds damage as it is written.',
      since: dateOf(lines[0]),
      option: { name: 'verifyCompactions', suggestion: 'blocks' },
      evidence: [first, ...more],
    }
  },
}

/** RocksDB before 9.11 (facebook/rocksdb#13294). */
function reverts(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < 9 || (major === 9 && minor < 11)
}

const JOB_BEGUN =
  /\[([^\]]+)\] \[JOB (\d+)\] Flushing|"job": ?(\d+).*"event": "compaction_started".*"cf_name": ?"([^"]*)"/
const JOB_ENDED = /"job": ?(\d+).*"event": "(?:flush|compaction)_finished"/
const SET = /\[([^\]]+)\] SetOptions\(\) succeeded/

interface Reverted {
  family: string
  begun: LogLine
  set: LogLine
  ended: LogLine
}

/** A change of options between the beginning and the end of a job of the same family. */
function revertedIn(log: LogEvidence): Reverted | undefined {
  const lines = (['begun', 'ended', 'optionsSet'] as const)
    .flatMap((kind) => linesOf(log, kind).lines)
    .sort((a, b) => a.line - b.line)
  const jobs = new Map<string, { family: string; begun: LogLine; set?: LogLine }>()
  let last: Reverted | undefined
  for (const line of lines) {
    const begun = JOB_BEGUN.exec(line.text)
    const ended = JOB_ENDED.exec(line.text)?.[1]
    const set = SET.exec(line.text)?.[1]
    if (begun !== null) {
      jobs.set(begun[2] ?? begun[3] ?? '', { family: begun[1] ?? begun[4] ?? '', begun: line })
    } else if (ended !== undefined) {
      const job = jobs.get(ended)
      jobs.delete(ended)
      if (job?.set !== undefined)
        last = { family: job.family, begun: job.begun, set: job.set, ended: line }
    } else if (set !== undefined) {
      const running = [...jobs.values()].filter(({ family }) => family === set)
      for (const job of running) job.set = line
      // Set again, as this package does: what was undone is in force.
      if (running.length === 0 && last?.family === set) last = undefined
    }
  }
  return last
}

const reverted: Rule = {
  rule: 'live-options-reverted',
  options: [],
  judge({ log }): Verdict {
    if (!isKnown(log)) return log
    const opening = linesOf(log, 'opening').lines.at(-1)
    const version = /RocksDB version: ([\d.]+)/.exec(opening?.text ?? '')?.[1]
    if (version === undefined) return { unknown: 'LOG does not say which RocksDB wrote it' }
    if (!reverts(version)) return undefined
    const found = revertedIn(log)
    if (found === undefined) return undefined
    const quote = ({ line, text }: LogLine) => ({ source: `${log.name}:${line}`, text })
    return {
      severity: 'warning',
      what: 'Options that were set while a job ran may have been undone when it ended.',
      cause: `RocksDB ${version} gives the family the options again that the job began with (facebook/rocksdb#13294), and options() does not show it.`,
      remedy:
        'Set them again (db.setOptions) once no flush or compaction of the family runs, or open it with a RocksDB from 9.11 on.',
      columnFamily: found.family,
      since: dateOf(found.set),
      evidence: [quote(found.begun), quote(found.set), quote(found.ended)],
    }
  },
}

const clock: Rule = {
  rule: 'clock-stepped',
  options: [],
  judge({ log, directory, atMs }) {
    if (!isKnown(log) && !isKnown(directory)) return whyUnknown(log)
    const { lines, count } = linesOf(log, 'clock')
    const future = isKnown(directory) ? directory.future : []
    const [first, ...more] = [
      ...(isKnown(log) ? quoted(log, lines) : []),
      ...future.slice(0, 2).map(({ name, modifiedMs }) => ({
        source: name,
        text: `written at ${new Date(modifiedMs).toISOString()}, and it is ${new Date(atMs).toISOString()}`,
      })),
    ]
    if (first === undefined) return undefined
    return {
      severity: 'warning',
      what:
        count > 0
          ? `The clock went back ${timesText(count)} while the database was open.`
          : 'Files of the database were written in the future.',
      cause:
        'The clock of the system was set. Rows that expire, WAL that is kept by age, and backups go by it.',
      remedy:
        'Let NTP steer the clock instead of setting it, and look at what expired or was deleted by age meanwhile.',
      since: dateOf(lines[0]),
      evidence: [first, ...more],
    }
  },
}

export const DAMAGE_RULES: readonly Rule[] = [damaged, reverted, clock]
