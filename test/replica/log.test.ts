import { MemoryLog } from '../support/memory-log'
import { MemoryStore } from '../support/memory-store'
import { cases, type Harness } from './log-cases'

function memory(): Harness {
  const store = new MemoryStore()
  return {
    open: () => new MemoryLog(store).open(new AbortController().signal),
    insert: async (bytes) => void store.insert(bytes),
    remove: async (sequence) => store.remove(sequence),
    recreate: async () => store.recreate(),
  }
}

describe('the log in memory', () => {
  for (const [name, run] of Object.entries(cases)) it(name, () => run(memory()))
})
