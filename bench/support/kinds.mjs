// What a child can run: the methods a kind needs of an engine, and the loop that is timed.
import { ACCOUNTS, HOT_ACCOUNTS } from './data.mjs'
import { accountLoops, readers, scanners, writers } from './loops.mjs'

const batches = (batch) => ({ loop: writers.batches, params: { batch }, needs: ['writeBatch'] })

const transfers = (loop, method, accounts, inFlight) => ({
  accounts,
  loop: accountLoops[loop],
  params: { inFlight },
  needs: [method],
})

/** Kinds that begin with accounts only (accounts.mjs), with pairs of how many or with steps. */
const accountKinds = {
  'transfers-1-low': transfers('transfers', 'transfer', ACCOUNTS, 1),
  'transfers-1-high': transfers('transfers', 'transfer', HOT_ACCOUNTS, 1),
  'transfers-8-low': transfers('transfers', 'transfer', ACCOUNTS, 8),
  'transfers-8-high': transfers('transfers', 'transfer', HOT_ACCOUNTS, 8),
  'transfers-sync-low': transfers('transfersSync', 'transferSync', ACCOUNTS),
  'transfers-sync-high': transfers('transfersSync', 'transferSync', HOT_ACCOUNTS),
  'compare-and-write-awaited': {
    steps: true,
    loop: accountLoops.compareAndWrites,
    needs: ['compareAndWrite'],
  },
  'compare-and-write-sync': {
    steps: true,
    loop: accountLoops.compareAndWritesSync,
    needs: ['compareAndWriteSync'],
  },
}

/** Plain writes beside a transaction that is open all the time. */
const held = (spec) => ({ ...spec, holds: true, needs: [...spec.needs, 'holdTransaction'] })

/** Kinds that begin with an empty database. */
export const freshKinds = {
  ...accountKinds,
  'fill-seq-1000': { ...batches(1000), sequential: true },
  'fill-seq-10': { ...batches(10), sequential: true },
  'fill-random-1000': batches(1000),
  'fill-random-10': batches(10),
  'overwrite-1000': { ...batches(1000), overwrite: true },
  'batch-two-families': {
    loop: writers.twoFamilies,
    params: { batch: 1000 },
    needs: ['writeTwoFamilies'],
  },
  'put-sync': { loop: writers.putSync, needs: ['putSync'] },
  'put-awaited': { loop: writers.put, needs: ['put'] },
  'put-again-awaited': { loop: writers.put, needs: ['put'], again: ACCOUNTS },
  'put-again-sync': { loop: writers.putSync, needs: ['putSync'], again: ACCOUNTS },
  'put-sync-held': held({ loop: writers.putSync, needs: ['putSync'] }),
  'put-awaited-held': held({ loop: writers.put, needs: ['put'] }),
  'fill-random-1000-held': held(batches(1000)),
  'put-fsync': { loop: writers.putDurable, needs: ['putDurable'] },
  'put-fsync-64': {
    loop: writers.putDurableInFlight,
    params: { inFlight: 64 },
    needs: ['putDurableAsync'],
  },
  'bulk-load': {
    loop: writers.bulk,
    params: { batch: 1000 },
    needs: ['writeBatchAsync'],
    delay: true,
  },
  memory: { needs: ['writeBatch'] },
  open: { needs: ['writeBatch'] },
}

const scan = (form, { reverse = false, limit, fallback } = {}) => ({
  scan: scanners[form],
  awaited: form.endsWith('Async'),
  fallback: fallback && { scan: scanners[fallback], needs: methodOf(fallback) },
  reverse,
  limit,
  needs: [methodOf(form)],
})

const methodOf = (form) => `scan${form[0].toUpperCase()}${form.slice(1)}`

/** Kinds that read a database with rows in it. Peers without pages show their entries there. */
export const loadedKinds = {
  'get-sync': { loop: readers.getSync, needs: ['getSync'] },
  'get-awaited': { loop: readers.get, needs: ['get'] },
  'get-64': { loop: readers.getInFlight, params: { inFlight: 64 }, needs: ['get'] },
  'get-many-100': { loop: readers.getMany, params: { batch: 100 }, needs: ['getMany'] },
  misses: { loop: readers.misses, missing: true, needs: ['getSync'] },
  'get-into': { loop: readers.getInto, needs: ['getInto'] },
  'scan-pages': scan('pages', { fallback: 'entries' }),
  'scan-pages-reverse': scan('pages', { reverse: true, fallback: 'entries' }),
  'ranges-pages': scan('pages', { limit: 100, fallback: 'entries' }),
  'scan-entries': scan('entries'),
  'scan-entries-reverse': scan('entries', { reverse: true }),
  'ranges-entries': scan('entries', { limit: 100 }),
  'ranges-entries-async': scan('entriesAsync', { limit: 100 }),
  'scan-pages-async': scan('pagesAsync', { fallback: 'entriesAsync' }),
  'scan-pages-reverse-async': scan('pagesAsync', { reverse: true, fallback: 'entriesAsync' }),
  'scan-entries-async': scan('entriesAsync'),
  'scan-entries-reverse-async': scan('entriesAsync', { reverse: true }),
  'workers-read-1': { workers: 1, loop: readers.getSync, needs: ['getSync'] },
  'workers-read-2': { workers: 2, loop: readers.getSync, needs: ['getSync'] },
  'workers-write-1': { workers: 1, writes: true, loop: writers.putSync, needs: ['putSync'] },
  'workers-write-2': { workers: 2, writes: true, loop: writers.putSync, needs: ['putSync'] },
}

/**
 * Why an engine has no figure for a row, or undefined where it has one: `{ fallback: true }` where
 * it is that of the next best form.
 */
export function missingFor(engine, db, kind, needs) {
  const spec = freshKinds[kind] ?? loadedKinds[kind]
  const lacks = needs.find((need) => !engine.abilities.includes(need))
  if (lacks !== undefined) return reasonFor(engine, lacks)
  const method = spec.needs.find((name) => typeof db[name] !== 'function')
  if (method === undefined) return undefined
  if (spec.fallback && typeof db[spec.fallback.needs] === 'function') return undefined
  return reasonFor(engine, method)
}

const reasonFor = (engine, need) => engine.absent?.[need] ?? `has no ${need}`

/** The scan of a kind for this database: its own, or the fallback. */
export function scanOf(spec, db) {
  if (spec.fallback && typeof db[spec.needs[0]] !== 'function') {
    return { scan: spec.fallback.scan, fallback: true }
  }
  return { scan: spec.scan, fallback: false }
}
