/** Reads RocksDB's LOG: its beginning and its end, whatever its size, and only lines that a rule looks at. */
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Known, LogEvidence, LogKind, LogLine } from '../evidence'

const CHUNK_BYTES = 1 << 20
/** The beginning has the header and the opening. */
const HEAD_BYTES = 2 << 20
const TAIL_BYTES = 16 << 20
/** Longer lines are cut: nobody needs them, and they may be no text at all. */
const LINE_CHARACTERS = 4000
const QUOTED_CHARACTERS = 400
/** Lines kept of a kind: the first, and the newest of the others. */
const KEPT = 200

/** `2026/11/29-07:52:10.672906 28962 text`, in local time. */
const STAMP = /^(\d{4})\/(\d\d)\/(\d\d)-(\d\d):(\d\d):(\d\d)\.(\d{3})\d* \S+ /
const EVENT_TIME = /"time_micros": ?(\d{13,17})/
/** An event's time before one that stands above it; events of several threads may stand a little out of order. */
const CLOCK_STEP_MS = 2000

const PATTERNS: readonly (readonly [LogKind, RegExp])[] = [
  ['level0', /St(?:opp|all)ing writes because we have \d+ level-0 files/],
  ['memtables', /St(?:opp|all)ing writes because we have \d+ immutable memtables/],
  ['pending', /St(?:opp|all)ing writes because of estimated pending compaction/],
  ['stall', /^Cumulative stall: \S+ H:M:S, [\d.]+ percent/],
  ['bufferFlush', /"event": "flush_started".*"flush_reason": "Write Buffer Manager"/],
  ['openFiles', /Too many open files/],
  ['noSpace', /No space left on device|Status NoSpace|IO error: No space/i],
  ['checksum', /block checksum mismatch|Corruption: .*(?:checksum|mismatch|bad|truncated)/i],
  ['ioError', /Background IO error|Waiting after background (?:flush|compaction) error/],
  ['ageCompaction', /"compaction_reason": "(?:Ttl|PeriodicCompaction)"/],
  ['otherCompaction', /"compaction_reason": "/],
  ['optionsSet', /SetOptions\(\) succeeded/],
  ['begun', /\] \[JOB \d+\] Flushing memtable/],
  ['ended', /"event": "(?:flush|compaction)_finished"/],
  ['opening', / RocksDB version: /],
  ['opened', / DB pointer /],
  [
    'header',
    /Fast CRC32 supported: |kLZ4Compression supported: |kZSTD supported: |^\*\* DB Stats|Uptime\(secs\): /,
  ],
]

/** A line of these kinds is of a second kind as well. */
const ALSO: Readonly<Partial<Record<LogKind, LogKind>>> = {
  ageCompaction: 'begun',
  otherCompaction: 'begun',
}

/** What `readLog` asks between two pieces, so that it ends when nobody waits any more. */
export type Stopped = () => boolean

/** Reads a LOG. */
export async function readLog(path: string, stopped: Stopped): Promise<Known<LogEvidence>> {
  let file: FileHandle | undefined
  try {
    file = await open(path, 'r')
    const { size } = await file.stat()
    if (size === 0) return { unknown: `${path} is empty` }
    const reader = new LogReader()
    const skipped = Math.max(0, size - HEAD_BYTES - TAIL_BYTES)
    await pieces(file, 0, skipped === 0 ? size : HEAD_BYTES, stopped, (bytes) => reader.take(bytes))
    if (skipped > 0) {
      reader.cut()
      await pieces(file, HEAD_BYTES, HEAD_BYTES + skipped, stopped, (bytes) => reader.skip(bytes))
      await pieces(file, HEAD_BYTES + skipped, size, stopped, (bytes) => reader.take(bytes))
    }
    reader.end()
    return reader.evidence(basename(path), skipped)
  } catch (error) {
    return { unknown: `LOG cannot be read: ${(error as Error).message}` }
  } finally {
    await file?.close()
  }
}

async function pieces(
  file: FileHandle,
  from: number,
  to: number,
  stopped: Stopped,
  take: (bytes: Buffer) => void,
): Promise<void> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  for (let at = from; at < to && !stopped(); ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(CHUNK_BYTES, to - at), at)
    if (bytesRead === 0) return
    take(buffer.subarray(0, bytesRead))
    at += bytesRead
  }
}

/** The evidence of a LOG that is text already. */
export function logOf(text: string, name = 'LOG'): LogEvidence {
  const reader = new LogReader()
  reader.take(Buffer.from(text))
  reader.end()
  return reader.evidence(name, 0)
}

/** Takes a LOG piece by piece. */
class LogReader {
  readonly #kinds: Partial<Record<LogKind, { count: number; lines: LogLine[] }>> = {}
  #line = 0
  #rest = ''
  /** The rest of a line whose beginning was skipped is no line. */
  #partial = false
  #firstMs: number | undefined
  #lastMs: number | undefined
  #eventMs = 0

  take(bytes: Buffer): void {
    const lines = (this.#rest + bytes.toString('latin1')).split('\n')
    this.#rest = (lines.pop() as string).slice(0, LINE_CHARACTERS)
    for (const line of lines) this.#add(line)
  }

  /** What follows is skipped. */
  cut(): void {
    this.#rest = ''
    this.#partial = true
  }

  /** Counts lines, and does not look at them. */
  skip(bytes: Buffer): void {
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) this.#line++
  }

  end(): void {
    if (this.#rest !== '') this.#add(this.#rest)
    this.#rest = ''
  }

  evidence(name: string, skippedBytes: number): LogEvidence {
    const kinds = { ...this.#kinds }
    return { name, kinds, skippedBytes, firstMs: this.#firstMs, lastMs: this.#lastMs }
  }

  #add(raw: string): void {
    this.#line++
    if (this.#partial) {
      this.#partial = false
      return
    }
    const text = raw.length > LINE_CHARACTERS ? raw.slice(0, LINE_CHARACTERS) : raw
    const atMs = timeOf(text)
    if (atMs !== undefined) {
      this.#firstMs ??= atMs
      this.#lastMs = atMs
    }
    this.#lookAtClock(text)
    const kind = kindOf(text)
    if (kind === undefined) return
    this.#keep(kind, text, atMs)
    const also = ALSO[kind]
    if (also !== undefined && text.includes('_started"')) this.#keep(also, text, atMs)
  }

  #lookAtClock(text: string): void {
    const micros = text.includes('EVENT_LOG_v1') ? EVENT_TIME.exec(text)?.[1] : undefined
    if (micros === undefined) return
    const eventMs = Number(micros) / 1000
    if (eventMs < this.#eventMs - CLOCK_STEP_MS) this.#keep('clock', text, eventMs)
    this.#eventMs = eventMs
  }

  #keep(kind: LogKind, text: string, atMs: number | undefined): void {
    let found = this.#kinds[kind]
    if (found === undefined) {
      found = { count: 0, lines: [] }
      this.#kinds[kind] = found
    }
    found.count++
    const stamp = atMs ?? this.#lastMs
    const bytes = Buffer.from(text, 'latin1').toString('utf8')
    found.lines.push({ line: this.#line, atMs: stamp, text: bytes.slice(0, QUOTED_CHARACTERS) })
    if (found.lines.length > KEPT) found.lines.splice(1, KEPT / 2)
  }
}

function kindOf(text: string): LogKind | undefined {
  for (const [kind, pattern] of PATTERNS) if (pattern.test(text)) return kind
  return undefined
}

function timeOf(text: string): number | undefined {
  const [, year, month, day, hour, minute, second, ms] = STAMP.exec(text) ?? []
  if (year === undefined) return undefined
  const time = new Date(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    Number(ms),
  ).getTime()
  return Number.isNaN(time) ? undefined : time
}
