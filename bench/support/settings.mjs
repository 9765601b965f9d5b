// What every engine is opened with, and RocksDB's own texts for it, which the limit is given.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { KEY_SIZE } from './data.mjs'
import { loadEngine, OURS } from './engines.mjs'

const MIB = 1024 * 1024

/** Settings of all workloads that say nothing else. */
export const BASE = {
  writeBufferMb: 64,
  blockCacheMb: 256,
  bloomBitsPerKey: 10,
  maxBackgroundJobs: 4,
  bytesPerSyncMb: 4,
  compression: 'none',
  wal: true,
  rowCacheMb: 0,
  directReads: false,
  families: 0,
  codec: 'buffer',
}

/** The settings of a group, with the room its data may take. */
export function settingsOf(group, { rows, valueSize }) {
  return { ...BASE, ...group.settings, expectedBytes: 4 * rows * (KEY_SIZE + valueSize) }
}

/** RocksDB's options as this package sets them: sections, each a record of texts. */
export async function optionsInForce(settings, directory) {
  const engine = await loadEngine(OURS)
  const scratch = mkdtempSync(path.join(directory, 'options-'))
  const db = await engine.open(path.join(scratch, 'db'), settings)
  const options = db.options()
  await db.close()
  rmSync(scratch, { recursive: true, force: true })
  return options
}

/** Writes options as lines of section, name and text with tabs between, which the limit reads. */
export function writeOptionsFile(options, file) {
  const lines = Object.entries(options).flatMap(([section, texts]) =>
    Object.entries(texts).map(([name, text]) => `${section}\t${name}\t${text}\n`),
  )
  writeFileSync(file, lines.join(''))
}

/** What the settings are in RocksDB's words: they must be in force in every program. */
function expectedOptions(settings) {
  if (settings.preset !== undefined) return {}
  const codecs = { none: 'kNoCompression', lz4: 'kLZ4Compression', zstd: 'kZSTD' }
  return {
    db: {
      use_direct_reads: String(settings.directReads),
      max_background_jobs: String(settings.maxBackgroundJobs),
      bytes_per_sync: String(settings.bytesPerSyncMb * MIB),
    },
    columnFamily: {
      write_buffer_size: String(settings.writeBufferMb * MIB),
      compression: codecs[settings.compression],
    },
    table: { filter_policy: `bloomfilter:${settings.bloomBitsPerKey}:false` },
    shared: {
      block_cache_bytes: String(settings.blockCacheMb * MIB),
      row_cache_bytes: String(settings.rowCacheMb * MIB),
    },
  }
}

/** What this package has and a plain program cannot, or need not, have. */
const APART = new Set(['create_missing_column_families'])

/** Shared objects that the limit has none of, or has as RocksDB makes them: they must be so here. */
const PLAIN = {
  write_buffer_bytes: '0',
  charge_write_buffers: 'false',
  allow_stall: 'false',
  rate_limit_bytes_per_sec: '0',
  stats_level: '-1',
}

function differences(one, other) {
  const found = []
  for (const [section, texts] of Object.entries(one)) {
    for (const [name, text] of Object.entries(texts)) {
      const there = other[section]?.[name]
      if (there !== text && !APART.has(name)) found.push(`${section}.${name}: ${text}, ${there}`)
    }
  }
  return found
}

/**
 * Throws where the limit and this package were opened with different options, or with others than
 * the settings say.
 */
export function checkOptions(groupId, settings, { limit, ours }) {
  const { write, ...sections } = ours
  const expected = expectedOptions(settings)
  const wrong = [
    ...differences(limit, sections),
    ...differences(sections, { ...limit, shared: { ...PLAIN, ...limit.shared } }),
    ...differences(expected, ours),
    ...differences(expected, limit),
  ]
  if (wrong.length === 0) return
  throw new Error(`options differ in ${groupId}:\n  ${[...new Set(wrong)].join('\n  ')}`)
}

/** OPTIONS files have structures in braces, which the texts of one structure have not. */
const withoutBraces = (text) => text.replace(/^\{(.*)\}$/, '$1')

/** The options that both print and that differ: "section.name: theirs, ours". */
export function optionsApart(theirs, ours) {
  const common = Object.entries(theirs).map(([section, texts]) => {
    const known = Object.entries(texts).filter(([name]) => ours[section]?.[name] !== undefined)
    return [section, Object.fromEntries(known.map(([name, text]) => [name, withoutBraces(text)]))]
  })
  return differences(Object.fromEntries(common), ours)
}
