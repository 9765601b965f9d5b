/** The health view: the figures of every family, a page of families at a time. */
import type { Connection } from '../connection/connection'
import type { Database } from '../database'
import type { Sample, Samples } from '../metrics/samples'
import { flatten, samplesNow } from './figures'
import { fieldsOf, numberIn, textIn } from './given'
import type { FamilyHealth, HealthView, LevelHealth } from './protocol'

/** Families of a page. */
const PAGE_FAMILIES = 50

export async function healthOf(
  db: Database,
  connection: Connection,
  body: unknown,
): Promise<HealthView> {
  const given = fieldsOf(body)
  const filter = textIn(given, 'filter', '')
  const offset = numberIn(given, 'offset')
  const samples = await samplesNow(connection, 'all')
  const families = familiesIn(samples)
  const found = families.filter(({ name }) => name.includes(filter))
  found.sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1))
  const page = found.slice(offset, offset + PAGE_FAMILIES)
  for (const family of page) addScores(db, family)
  return {
    health: db.health,
    cause: db.healthCause,
    writesStopped: figure(samples, 'write_stopped') > 0,
    figures: flatten(ofDatabase(samples)),
    families: page,
    total: families.length,
    found: found.length,
    limit: PAGE_FAMILIES,
  }
}

const figure = (samples: Samples, name: string) => samples.get(name)?.[0]?.value ?? 0

/** Those that no family has. */
function ofDatabase(samples: Samples): Samples {
  const isPlain = (of: readonly Sample[]) =>
    of.every(({ labels }) => !('column_family' in labels) && !('le' in labels))
  return new Map([...samples].filter(([, of]) => isPlain(of)))
}

function familiesIn(samples: Samples): FamilyHealth[] {
  const families = new Map<string, FamilyHealth>()
  for (const [name, of] of samples) {
    for (const { labels, value } of of) {
      const family = labels['column_family']
      if (typeof family !== 'string' || family === '') continue
      const one = families.get(family) ?? emptyFamily(family)
      families.set(family, one)
      note(one, name, labels, value)
    }
  }
  for (const one of families.values()) {
    one.levels = one.levels.filter((level) => level !== undefined)
    const sum = (field: 'bytes' | 'files') =>
      one.levels.reduce((all, level) => all + level[field], 0)
    one.bytes = sum('bytes') + (one.figures['blob_bytes'] ?? 0)
    one.files = sum('files') + (one.figures['blob_files'] ?? 0)
  }
  return [...families.values()]
}

function emptyFamily(name: string): FamilyHealth {
  return { name, bytes: 0, files: 0, figures: {}, levels: [], delays: 0, stops: 0 }
}

function note(one: FamilyHealth, name: string, labels: Sample['labels'], value: number): void {
  if (name === 'write_stalls_total') {
    if (labels['action'] === 'delay') one.delays += value
    else one.stops += value
  } else if (name === 'level_files' || name === 'level_bytes') {
    const at = labels['level'] as number
    const level: LevelHealth = one.levels[at] ?? { level: at, files: 0, bytes: 0, score: undefined }
    one.levels[at] = level
    level[name === 'level_files' ? 'files' : 'bytes'] = value
  } else if (Number.isFinite(value)) {
    one.figures[name] = value
  }
}

/** RocksDB's own judgement: how full each level is. */
function addScores(db: Database, family: FamilyHealth): void {
  let stats: Record<string, string> | undefined
  try {
    stats = db.mapProperty('rocksdb.cfstats', family.name)
  } catch {
    return // dropped meanwhile
  }
  for (const level of family.levels) {
    const score = Number(stats?.[`compaction.L${level.level}.Score`] ?? Number.NaN)
    // The last level has no target; RocksDB says 0.
    level.score = Number.isFinite(score) && level.files > 0 && score > 0 ? score : undefined
  }
}
