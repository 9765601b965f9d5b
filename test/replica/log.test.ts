import { MemoryLog } from '../support/memory-log'
import { MemoryStore } from '../support/memory-store'
import { startCluster, type TestCluster } from '../support/nats/cluster'
import { syncsAlways, withServers } from '../support/nats/program'
import { jetStreamHarness } from './jetstream-harness'
import { cases, type Harness } from './log-cases'

/** Of a bucket: its expectation is of a subject, and not of a stream. */
const RACE = 'has a lease that one of many gets'

function memory(): Harness {
  const store = new MemoryStore()
  const open = () => new MemoryLog(store).open(new AbortController().signal)
  return {
    open,
    openLoose: open,
    insert: async (bytes) => void store.insert(bytes),
    remove: async (sequence) => store.remove(sequence),
    recreate: async () => store.recreate(),
  }
}

describe('the log in memory', () => {
  for (const [name, run] of Object.entries(cases)) it(name, () => run(memory()))
})

describe.each([1, 3] as const)('the log in JetStream, on servers: %i', (count) => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await startCluster(count)
  }, 60_000)
  afterAll(() => cluster?.stop())

  for (const [name, run] of Object.entries(cases)) {
    if (count > 1 && !syncsAlways && name === RACE) {
      // The lease only says when to try: what fences is the log.
      console.warn(`SKIPPED: servers before 2.10 give one key of a cluster to two: ${name}`)
      continue
    }
    withServers(name, async () => {
      const harness = jetStreamHarness(cluster)
      try {
        await run(harness)
      } finally {
        await harness.close()
      }
    })
  }
})
