/** One number for all memory: how a budget is divided, and its value if it is `'auto'`. */
import type { TuningName } from './options'
import { refused, type Setting, type Settings } from './values'

/** `'auto'` leaves the rest to JavaScript's heap, the page cache, and overshoots of the budget. */
const AUTO_SHARE = 0.4

/**
 * The block cache, with indexes, filters and write buffers charged to it. The other quarter is for
 * memory that no cache counts: running compactions and flushes, open files, the allocator's waste.
 */
const CACHE_SHARE = 0.75

/** Write buffers, which are part of the cache's share. */
const WRITE_BUFFER_SHARE = 0.25

/** Smaller write buffers produce files so small that compaction never catches up. */
const MIN_WRITE_BUFFER_MB = 4

/** Index and filter blocks and the rows being read need at least this much. */
const MIN_CACHE_MB = 64

const MIB = 1024 * 1024

/** The options that a budget decides. */
export const BY_BUDGET: readonly TuningName[] = [
  'blockCacheMb',
  'dbWriteBufferMb',
  'cacheIndexAndFilterBlocks',
]

/** The system's limits for this process. */
export interface MemoryFacts {
  /** The smaller of physical memory and the cgroup's limit. */
  memoryLimitBytes: number
  /** All families, including the default one. */
  familyCount: number
}

/** The parts of a budget, in MiB. */
export interface MemoryParts {
  cacheMb: number
  writeBuffersMb: number
}

export function splitBudget(budgetMb: number): MemoryParts {
  return {
    cacheMb: Math.floor(budgetMb * CACHE_SHARE),
    writeBuffersMb: Math.floor(budgetMb * WRITE_BUFFER_SHARE),
  }
}

/** The smallest budget for a number of families, in MiB. */
export function smallestBudget(familyCount: number): number {
  const forCache = Math.ceil(MIN_CACHE_MB / CACHE_SHARE)
  return Math.max(forCache, Math.ceil((familyCount * MIN_WRITE_BUFFER_MB) / WRITE_BUFFER_SHARE))
}

/**
 * Converts `memoryBudgetMb` to the rows that it decides. A value for one of them from a lower layer
 * gives way; one from the same or a higher layer contradicts the budget and is refused.
 */
export function settleMemory(settings: Settings, facts: MemoryFacts): void {
  const budget = settleAuto(settings.memoryBudgetMb, facts)
  if (budget === undefined || budget.value === 0) return
  settings.memoryBudgetMb = budget
  const budgetMb = Number(budget.value)
  checkSize(budgetMb, budget, facts)
  const { cacheMb, writeBuffersMb } = splitBudget(budgetMb)
  const reason = `memoryBudgetMb is ${budgetMb} (from ${budget.source})`
  decide(settings, 'blockCacheMb', cacheMb, budget, reason)
  decide(settings, 'dbWriteBufferMb', writeBuffersMb, budget, reason)
}

/** With a budget, indexes and filters are in the cache; otherwise nothing would bound them. */
export function settleMetadata(settings: Settings, budget: Setting | undefined): void {
  if (budget === undefined || budget.value === 0) return
  const reason = `memoryBudgetMb is ${budget.value} (from ${budget.source})`
  decide(settings, 'cacheIndexAndFilterBlocks', true, budget, reason)
}

function settleAuto(budget: Setting | undefined, facts: MemoryFacts): Setting | undefined {
  if (budget?.value !== 'auto') return budget
  const limitMb = Math.floor(facts.memoryLimitBytes / MIB)
  const reason = `${AUTO_SHARE * 100} % of the ${limitMb} MiB that the process may use`
  return { ...budget, value: Math.floor(limitMb * AUTO_SHARE), given: 'auto', reason }
}

function checkSize(budgetMb: number, budget: Setting, { familyCount }: MemoryFacts): void {
  const smallest = smallestBudget(familyCount)
  if (budgetMb >= smallest) return
  const { cacheMb, writeBuffersMb } = splitBudget(budgetMb)
  const problem =
    `is too small for ${familyCount} column families. Of ${budgetMb} MiB, ${cacheMb} are for the ` +
    `cache (at least ${MIN_CACHE_MB} are needed), of which ${writeBuffersMb} are for write ` +
    `buffers: ${(writeBuffersMb / familyCount).toFixed(1)} for each family (at least ` +
    `${MIN_WRITE_BUFFER_MB} are needed). It must be at least ${smallest} MiB`
  throw refused('memoryBudgetMb', budget.given ?? budget.value, budget.source, problem)
}

const RANKS = { preset: 0, code: 1, file: 2, environment: 3, commandLine: 4, live: 5 } as const

function decide(
  settings: Settings,
  name: TuningName,
  value: number | boolean,
  budget: Setting,
  reason: string,
): void {
  const setting = settings[name]
  if (setting === undefined || setting.value === value) return
  if (RANKS[setting.layer] >= RANKS[budget.layer]) {
    const problem = `cannot be ${setting.value}: ${reason}, which makes it ${value}. Set memoryBudgetMb to 0 or leave ${name} out`
    throw refused(name, setting.value, setting.source, problem)
  }
  settings[name] = { ...setting, value, given: setting.given ?? setting.value, reason }
}
