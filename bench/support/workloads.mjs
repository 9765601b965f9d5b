// Every row of the table: what is run, in which group, what it is compared with and the figure to
// reach. A group is what one child process does: with `loaded`, its rows read one database.
import { accountRows } from './account-rows.mjs'
import { UsageError } from './usage.mjs'

/**
 * @typedef {object} Row
 * @property {string} id
 * @property {string} title
 * @property {string} group
 * @property {string} kind what the child runs; see kinds.mjs and bench/native/session.cc
 * @property {string} [limit] the row of the limit it is compared with: its own by default, '' for none
 * @property {string} [limitKind] what the limit runs for this row: `kind` by default
 * @property {string} [against] another row of the same engine it is compared with
 * @property {string} [versus] an engine whose same row it is compared with
 * @property {string} [from] the row whose run yields this figure as well; the limit runs this one
 * @property {number} [goal] the ratio to the limit to reach; with a unit, the figure (above the limit's)
 * @property {number} [goalBeside] the ratio to `against` or `versus` to reach
 * @property {'ops/s' | 'ms' | 'MB'} unit
 * @property {string[]} needs abilities of the engine, beside what the kind needs
 * @property {(n: number) => number} ops
 * @property {string[]} sets
 */

const clamp = (value, least, most) => Math.max(least, Math.min(most, Math.floor(value)))
const every = (n) => n
/** What is made as one chunk, in memory at once. */
const million = (n) => Math.min(n, 1_000_000)
const third = (n) => Math.max(1, Math.floor(n / 3))
const large = (n) => clamp(n / 150, 50, 2000)
const durable = (n) => clamp(n / 60, 64, 5000)
/** Rows walked by full scans: several passes, since one is short. */
const walked = (n) => Math.max(n, Math.min(5 * n, 1_500_000))
const ranges = (n) => clamp(n / 33, 20, 100_000)

/** Several times the cache, which holds 64 MiB: the least that is safe to set. */
const coldRows = (n) => Math.max(n, Math.min(8 * n, 2_400_000))
const COLD_CACHE_MB = 64
const LARGE_VALUE = 65536

/** Groups that differ from the usual one. */
const groups = new Map()
/** @type {Row[]} */
const rows = []

function group(id, options) {
  groups.set(id, { id, settings: {}, rows: every, readOnce: true, reopen: false, ...options })
}

function row(id, title, options) {
  const kind = options.kind ?? id
  rows.push({
    ...{ id, title, kind, unit: 'ops/s', needs: [], ops: every, sets: ['all'] },
    ...options,
  })
}

/** A row that starts with an empty database, in a child of its own. */
function fresh(id, title, { settings = {}, valueSize, compressible, rows: count, ...options }) {
  const size = { ...(valueSize && { valueSize }), ...(count && { rows: count }) }
  group(id, { loaded: false, settings, compressible, ...size })
  row(id, title, { group: id, ...options })
}

const short = ['short', 'table', 'all']
const table = ['table', 'all']

// Writes.
fresh('fill-seq-1000', 'batches of 1000, sequential', { goal: 0.85, sets: short })
fresh('fill-random-1000', 'batches of 1000, random', { goal: 0.8, sets: short })
fresh('fill-seq-10', 'batches of 10, sequential', { goal: 0.85, sets: table })
fresh('fill-random-10', 'batches of 10, random', { goal: 0.85, sets: short })
fresh('batch-two-families', 'batches of 1000 over two families', {
  settings: { families: 1 },
  needs: ['families'],
  goal: 0.8,
  sets: table,
})
fresh('overwrite-1000', 'overwrite, batches of 1000', { goal: 0.85, sets: short })
fresh('put-sync', 'put, sync', { goal: 0.9, sets: short })
fresh('put-awaited', 'put, awaited', { goal: 0.8, limit: 'put-sync', ops: third, sets: short })
fresh('put-fsync', 'put with fsync, one after another', { goal: 0.95, ops: durable, sets: table })
fresh('put-fsync-64', 'put with fsync, 64 at once', {
  against: 'put-fsync',
  goalBeside: 15,
  ops: durable,
  sets: table,
})
fresh('put-64k', 'put of 64 KiB', {
  kind: 'put-sync',
  valueSize: LARGE_VALUE,
  rows: large,
  goal: 0.8,
  ops: large,
  sets: table,
})
fresh('bulk-load', 'bulk load, asynchronous', { limitKind: 'fill-random-1000', sets: table })
row('bulk-load-delay', 'event-loop delay p99 in the bulk load', {
  group: 'bulk-load',
  from: 'bulk-load',
  limit: '',
  unit: 'ms',
  goal: 2.5,
  sets: table,
})

accountRows(fresh)

// Reads of a flushed and compacted set that was read once.
group('reads', { loaded: true })
const read = (id, title, options) =>
  row(id, title, { group: 'reads', ops: million, sets: table, ...options })
read('get-sync', 'get, sync', { goal: 0.8, sets: short })
read('get-awaited', 'get, awaited', { limit: 'get-sync', goal: 0.75, ops: third, sets: short })
read('get-64', 'get, 64 in flight', { limit: 'get-sync', goal: 0.75, ops: third })
read('get-many-100', 'getMany of 100', { goal: 0.8, sets: short })
read('misses', 'misses, sync', { goal: 0.5, ops: (n) => 3 * n, sets: short })
const scan = (id, title, kind, options) => {
  const limitKind = kind.includes('reverse') ? 'scan-reverse' : 'scan'
  const isRange = kind.startsWith('ranges')
  read(id, title, {
    kind,
    limitKind: isRange ? 'ranges' : limitKind,
    ops: isRange ? ranges : walked,
    ...options,
  })
}
scan('scan-pages', 'scan by pages', 'scan-pages', { goal: 0.75, sets: short })
scan('scan-pages-reverse', 'scan by pages, reverse', 'scan-pages-reverse', { goal: 0.75 })
scan('ranges-pages', 'ranges of 100, by pages', 'ranges-pages', { goal: 0.7, sets: short })
scan('scan-entries', 'scan by entries', 'scan-entries', {
  limit: 'scan-pages',
  goal: 0.35,
  sets: short,
})
scan('scan-entries-reverse', 'scan by entries, reverse', 'scan-entries-reverse', {
  limit: 'scan-pages-reverse',
  goal: 0.45,
})
scan('ranges-entries', 'ranges of 100, by entries', 'ranges-entries', {
  limit: 'ranges-pages',
  goal: 0.4,
})
scan('ranges-entries-async', 'ranges of 100, by entries, async', 'ranges-entries-async', {
  limit: 'ranges-pages',
  against: 'ranges-entries',
})
scan('scan-pages-async', 'scan by pages, async', 'scan-pages-async', {
  limit: 'scan-pages',
  against: 'scan-pages',
  goalBeside: 0.8,
})
scan('scan-entries-async', 'scan by entries, async', 'scan-entries-async', {
  limit: 'scan-pages',
  against: 'scan-entries',
  goalBeside: 0.8,
})
for (const form of ['pages', 'entries']) {
  const id = `scan-${form}-reverse-async`
  scan(id, `scan by ${form}, reverse, async`, id, {
    limit: 'scan-pages-reverse',
    against: `scan-${form}-reverse`,
    goalBeside: 0.8,
    sets: ['all'],
  })
}

group('large', { loaded: true, valueSize: LARGE_VALUE, rows: large })
const fivefold = (n) => 5 * large(n)
row('get-64k', 'get of 64 KiB', {
  group: 'large',
  kind: 'get-sync',
  goal: 0.1,
  ops: fivefold,
  sets: table,
})
row('get-into-64k', 'getInto of 64 KiB', {
  group: 'large',
  kind: 'get-into',
  against: 'get-64k',
  goalBeside: 2,
  ops: fivefold,
  sets: table,
})

fresh('memory', 'memory after the load', { unit: 'MB', rows: million, goal: 10, sets: table })
fresh('open', 'open of a clean database', { unit: 'ms', goal: 2, ops: () => 5, sets: table })

// A cache of whole rows, against lmdb, which always reads from memory.
const cached = (n) => Math.min(n, 500_000)
group('row-cache', { loaded: true, settings: { rowCacheMb: 256 }, rows: cached })
const rowCache = (id, title, kind, goalBeside, options) =>
  row(`row-cache-${id}`, `${title}, row cache`, {
    group: 'row-cache',
    kind,
    versus: 'lmdb',
    goalBeside,
    needs: ['rowCache'],
    sets: table,
    ...options,
  })
rowCache('get-sync', 'get, sync', 'get-sync', 1.3)
rowCache('get-awaited', 'get, awaited', 'get-awaited', 1.1, {
  limit: 'row-cache-get-sync',
  ops: third,
})
rowCache('get-many', 'getMany of 100', 'get-many-100', 1.4)

// A set several times the cache, in files of the page cache, or read past it. Only an awaited read of
// the disk has a thread's way there and back in it, beside the disk's own time.
for (const [id, directReads] of Object.entries({ cold: false, direct: true })) {
  const where = directReads ? 'from the disk' : 'cold'
  const goal = (cached, direct) => ({ goal: directReads ? direct : cached })
  group(id, {
    loaded: true,
    settings: { blockCacheMb: COLD_CACHE_MB, directReads },
    rows: coldRows,
    readOnce: false,
    reopen: true,
  })
  const cold = (suffix, title, kind, options) =>
    row(`${id}-${suffix}`, `${title}, ${where}`, {
      group: id,
      kind,
      needs: ['smallCache', ...(directReads ? ['directReads'] : [])],
      ops: third,
      ...options,
    })
  cold('get-sync', 'get, sync', 'get-sync', goal(0.75, 0.85))
  const single = { limit: `${id}-get-sync` }
  cold('get-awaited', 'get, awaited', 'get-awaited', { ...single, ...goal(0.7, 0.5) })
  cold('get-64', 'get, 64 in flight', 'get-64', { ...single, ...goal(0.7, 1) })
  cold('get-many', 'getMany of 100', 'get-many-100', goal(0.8, 0.85))
  cold('scan-pages', 'scan by pages', 'scan-pages', {
    limitKind: 'scan',
    ops: coldRows,
    ...goal(0.75, 0.85),
  })
  cold('ranges', 'ranges of 100, by pages', 'ranges-pages', {
    limitKind: 'ranges',
    ops: ranges,
    ...goal(0.7, 0.85),
  })
}

// Threads.
group('workers', { loaded: true })
for (const [verb, title] of Object.entries({ read: 'get', write: 'put' })) {
  for (const threads of [1, 2]) {
    row(
      `workers-${verb}-${threads}`,
      `${title}, sync, in ${threads} worker${threads > 1 ? 's' : ''}`,
      {
        group: 'workers',
        needs: ['workers'],
        ops: million,
        ...(threads > 1 && { against: `workers-${verb}-1` }),
        ...(threads > 1 && verb === 'read' && { goalBeside: 1.7 }),
      },
    )
  }
}

// Codecs beside buffers.
for (const codec of ['utf8', 'json', 'tuple']) {
  const goals = codec === 'json' ? {} : { goalBeside: 0.7 }
  const settings = { codec }
  fresh(`${codec}-fill`, `batches of 1000, random, ${codec}`, {
    kind: 'fill-random-1000',
    limit: '',
    against: 'fill-random-1000',
    needs: [codec],
    settings,
    ...goals,
  })
  group(`${codec}-reads`, { loaded: true, settings })
  row(`${codec}-get`, `get, sync, ${codec}`, {
    group: `${codec}-reads`,
    kind: 'get-sync',
    limit: '',
    against: 'get-sync',
    needs: [codec],
    ...goals,
  })
}
fresh('tuple-put', 'put, sync, tuple', {
  kind: 'put-sync',
  limit: '',
  against: 'put-sync',
  needs: ['tuple'],
  settings: { codec: 'tuple' },
  goalBeside: 0.7,
})

/** A fill and gets with other settings; the limit has them, too. */
function variant(id, title, { needs, ...options }) {
  fresh(`${id}-fill`, `batches of 1000, random, ${title}`, {
    kind: 'fill-random-1000',
    against: 'fill-random-1000',
    needs,
    ...options,
  })
  group(`${id}-reads`, { loaded: true, ...options })
  row(`${id}-get`, `get, sync, ${title}`, {
    group: `${id}-reads`,
    kind: 'get-sync',
    against: 'get-sync',
    needs,
  })
}
variant('no-wal', 'without WAL', { needs: ['walOff'], settings: { wal: false } })
for (const compression of ['lz4', 'zstd']) {
  variant(compression, compression, {
    needs: [compression],
    settings: { compression },
    compressible: true,
  })
}
for (const preset of ['default', 'production', 'development']) {
  const options = { needs: ['presets'], settings: { preset }, compressible: true }
  variant(`preset-${preset}`, `preset ${preset}`, options)
}
variant('metrics', 'with metrics', { needs: ['metrics'], settings: { metrics: true } })

export const SETS = ['short', 'table', 'all']

/** The rows with these ids, or of a set; throws a UsageError that names an unknown one. */
export function selectRows({ ids, set }) {
  if (!SETS.includes(set))
    throw new UsageError(`--set must be one of ${SETS.join(', ')}, not ${set}`)
  if (ids === undefined) return rows.filter(({ sets }) => sets.includes(set))
  const known = new Map(rows.map((each) => [each.id, each]))
  for (const id of ids) {
    if (!known.has(id))
      throw new UsageError(`no workload ${id}; there are ${[...known.keys()].join(', ')}`)
  }
  return [...new Set(ids)].map((id) => known.get(id))
}

/** The row of the limit that a row is compared with; undefined for none. */
export function limitRowOf(each) {
  return each.limit === '' ? undefined : (each.limit ?? each.id)
}

export const rowById = (id) => rows.find((each) => each.id === id)
export const groupById = (id) => groups.get(id)
