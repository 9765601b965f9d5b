/** Nodes for tests: over a log in memory, in this process. */
import type { Replica, ReplicaOptions } from 'rocksdb-live/replica'
import { openReplica } from 'rocksdb-live/replica'
import { MemoryTarget } from '../backup/memory-target'
import { track, useTempDirectory } from '../support/database'
import { MemoryLog } from '../support/memory-log'
import { MemoryStore } from '../support/memory-store'

export const FAMILIES = {
  users: { key: 'utf8', value: 'utf8' },
  counts: { key: 'utf8', value: 'buffer', mergeOperator: 'uint64add' },
} as const

export type Node = Replica<typeof FAMILIES>

let number = 0

/** A log, a place for snapshots, and the nodes that use them. */
export class Fleet {
  readonly store = new MemoryStore(`fleet ${++number}`)
  readonly target = new MemoryTarget()
  readonly logs: MemoryLog[] = []
  readonly #path: (...names: string[]) => string

  constructor(path: (...names: string[]) => string) {
    this.#path = path
  }

  path(index: number): string {
    return this.#path(`node-${index}`)
  }

  /** Opens node number `index`; with `snapshots: true`, with the fleet's target. */
  async open(
    index: number,
    options: Partial<Omit<ReplicaOptions<typeof FAMILIES>, 'snapshots'>> & {
      snapshots?: boolean
    } = {},
  ): Promise<Node> {
    const log = new MemoryLog(this.store)
    this.logs[index] = log
    const { snapshots = false, ...others } = options
    const node = await openReplica(this.path(index), {
      log,
      node: `node-${index}`,
      url: `http://node-${index}`,
      heartbeatMs: 20,
      columnFamilies: FAMILIES,
      snapshots: snapshots ? this.target : undefined,
      ...others,
    })
    return track(node)
  }
}

/** A new fleet for each test. */
export function useFleet(): { readonly fleet: Fleet } {
  const path = useTempDirectory()
  let fleet: Fleet | undefined
  beforeEach(() => {
    fleet = new Fleet(path)
  })
  return {
    get fleet() {
      return fleet as Fleet
    },
  }
}

/** All rows of a node's families, by their names. */
export async function rowsOf(node: Pick<Node, 'db'>): Promise<Record<string, string[]>> {
  const rows: Record<string, string[]> = {}
  for (const name of node.db.columnFamilies().sort()) {
    const family = node.db.columnFamily(name, { key: 'buffer', value: 'buffer' })
    rows[name] = []
    for await (const [key, value] of family.entries()) {
      rows[name].push(`${key.toString('hex')}=${value.toString('hex')}`)
    }
  }
  return rows
}

/** Resolves once a node has this role. */
export async function becomes(
  node: { readonly role: Node['role']; once(event: 'role', listener: () => void): unknown },
  role: Node['role'],
): Promise<void> {
  while (node.role !== role) {
    await new Promise<void>((resolve) => node.once('role', () => resolve()))
  }
}

/** Resolves once it is so; looks again and again, as whoever cannot hear of it. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2))
}

/** Waits until a node has applied all that another one has. */
export async function caughtUp(
  node: Pick<Node, 'waitFor'>,
  writer: Pick<Node, 'token'>,
): Promise<void> {
  await node.waitFor(writer.token(), { timeoutMs: 20_000 })
}

/** A node's whole set of rows is another's. */
export async function expectEqual(node: Node, writer: Node): Promise<void> {
  await caughtUp(node, writer)
  expect(await rowsOf(node)).toEqual(await rowsOf(writer))
}
