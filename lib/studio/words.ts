/** Events in a line. */
import { basename } from 'node:path'
import type {
  BackgroundErrorEvent,
  CompactionEvent,
  DatabaseEvents,
  FlushEvent,
  IngestEvent,
  LongTransactionEvent,
  StallEvent,
} from '../types/events'

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'] as const

function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 'bytes']
  for (const next of UNITS) {
    if (value < 1024) break
    value /= 1024
    unit = next
  }
  return unit === 'bytes' ? `${value} bytes` : `${value.toFixed(1)} ${unit}`
}

const WORDS: { [Type in keyof DatabaseEvents]: (event: DatabaseEvents[Type]) => string } = {
  flush: ({ columnFamily, reason, file, entries, bytes }: FlushEvent) =>
    `${columnFamily}: ${entries} entries, ${bytesText(bytes)} to ${basename(file)} (${reason})`,
  compaction: (event: CompactionEvent) => {
    const { columnFamily, inputLevel, outputLevel, inputFiles, outputFiles, reason, error } = event
    const size = `${bytesText(event.inputBytes)} to ${bytesText(event.outputBytes)}`
    const what = `L${inputLevel} to L${outputLevel}, ${inputFiles} files to ${outputFiles}, ${size}`
    const end = error === undefined ? '' : `, failed: ${error}`
    return `${columnFamily}: ${what} in ${event.durationMs} ms (${reason})${end}`
  },
  stall: ({ columnFamily, state, previous }: StallEvent) =>
    `${columnFamily}: writes are ${state}, and were ${previous}`,
  backgroundError: ({ reason, severity, message }: BackgroundErrorEvent) =>
    `${reason} failed (${severity}): ${message}`,
  ingest: ({ columnFamily, file, entries, bytes }: IngestEvent) =>
    `${columnFamily}: ${basename(file)} with ${entries} entries, ${bytesText(bytes)}`,
  longTransaction: ({ id, ageMs, reads, writes }: LongTransactionEvent) =>
    `transaction ${id} is open for ${(ageMs / 1000).toFixed(1)} s, with ${reads} reads and ${writes} writes`,
}

/** What happened. */
export function textOfEvent<Type extends keyof DatabaseEvents>(
  type: Type,
  event: DatabaseEvents[Type],
): string {
  return WORDS[type](event)
}
