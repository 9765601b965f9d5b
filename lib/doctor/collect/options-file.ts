/** Reads RocksDB's OPTIONS file, without RocksDB. */
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { Known, OptionsEvidence } from '../evidence'

/** Some 2,000 families have 10 MiB. */
const MOST_BYTES = 32 << 20

/** The options of a family that rules look at; the others of thousands of families are not kept. */
const KEPT = new Set([
  'arena_block_size',
  'comparator',
  'disable_auto_compactions',
  'hard_pending_compaction_bytes_limit',
  'level0_slowdown_writes_trigger',
  'level0_stop_writes_trigger',
  'max_write_buffer_number',
  'max_write_buffer_size_to_maintain',
  'merge_operator',
  'num_levels',
  'periodic_compaction_seconds',
  'soft_pending_compaction_bytes_limit',
  'target_file_size_base',
  'ttl',
  'write_buffer_size',
])
const KEPT_OF_TABLES = new Set(['filter_policy', 'format_version', 'cache_index_and_filter_blocks'])

/** The newest OPTIONS file of a directory. */
export async function readOptionsFile(directory: string): Promise<Known<OptionsEvidence>> {
  try {
    const names = (await readdir(directory)).filter((name) => /^OPTIONS-\d+$/.test(name))
    const number = (name: string) => Number(name.slice(8))
    const [name] = names.sort((a, b) => number(b) - number(a))
    if (name === undefined) return { unknown: 'there is no OPTIONS file' }
    return await parseOptions(name, await read(join(directory, name)))
  } catch (error) {
    return { unknown: `the OPTIONS file cannot be read: ${(error as Error).message}` }
  }
}

async function read(path: string): Promise<string> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const buffer = Buffer.alloc(Math.min(size, MOST_BYTES))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

/** Lines between two turns of the event loop. */
const LINES_A_TURN = 20_000

/** Parses the text of an OPTIONS file, with turns of the event loop in between. */
export async function parseOptions(name: string, text: string): Promise<Known<OptionsEvidence>> {
  const db: Record<string, string> = {}
  const families = new Map<string, Record<string, string>>()
  let [version, section, family, count] = ['', '', '', 0]
  for (const line of linesOf(text)) {
    if (++count % LINES_A_TURN === 0) await turn()
    if (line.startsWith('[')) {
      const head = /^\[(\w+)(?:\/\w+)?(?: "(.*)")?\]$/.exec(line)
      section = head?.[1] ?? ''
      family = head?.[2] ?? ''
      if (section === 'CFOptions') families.set(family, {})
      continue
    }
    const equals = line.indexOf('=')
    if (equals === -1 || line.startsWith('#')) continue
    const [option, value] = [line.slice(0, equals), line.slice(equals + 1)]
    if (section === 'Version' && option === 'rocksdb_version') version = value
    else if (section === 'DBOptions') db[option] = value
    else keep(families.get(family), section, option, value)
  }
  if (version === '') return { unknown: `${name} does not say which RocksDB wrote it` }
  return { name, version, db, families: Object.fromEntries(families) }
}

function* linesOf(text: string): Iterable<string> {
  for (let at = 0; at < text.length; ) {
    const found = text.indexOf('\n', at)
    const end = found === -1 ? text.length : found
    yield text.slice(at, end).trim()
    at = end + 1
  }
}

function keep(
  options: Record<string, string> | undefined,
  section: string,
  option: string,
  value: string,
): void {
  if (options === undefined) return
  if (section === 'CFOptions' && KEPT.has(option)) options[option] = value
  if (section === 'TableOptions' && KEPT_OF_TABLES.has(option)) options[`table.${option}`] = value
}
