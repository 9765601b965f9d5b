/** Faults at random over a log in memory: nothing acknowledged is lost, nothing is there twice. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { MemoryLog } from '../support/memory-log'
import { type Node, rowsOf, useFleet } from './support'

const nodes = useFleet()
const SEEDS = (process.env.SEEDS ?? '1').split(',').map(Number)
const ROUNDS = Number(process.env.ROUNDS ?? 40)
const LOCAL = process.env.LOCAL === '1'
const SNAP = process.env.SNAP === '1'
const trace = (what: string) =>
  process.env.TRACE &&
  require('node:fs').appendFileSync(process.env.TRACE, `${Date.now() % 1e6} ${what}\n`)

function random(seed: number): () => number {
  let state = seed * 2654435761
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

for (const seed of SEEDS) {
  test(`seed ${seed}`, async () => {
    const { fleet } = nodes
    const r = random(seed)
    const int = (n: number) => Math.floor(r() * n)
    const options = {
      leaseMs: 300,
      heartbeatMs: 20,
      snapshots: SNAP,
      commit: LOCAL ? 'local' : 'replicated',
      maxLagMs: 100,
    } as const
    const all: Node[] = []
    for (let i = 0; i < 3; i++) {
      all.push(await fleet.open(i, options))
    }
    const outcomes = new Map<string, string>()
    let ops = 0
    let stop = false
    const one = Buffer.alloc(8)
    one.writeBigUInt64LE(1n)
    const write = async (node: Node, big: boolean) => {
      const key = `op ${++ops}`
      outcomes.set(key, 'pending')
      try {
        const users = node.db.columnFamily('users')
        const counts = node.db.columnFamily('counts')
        const value = big ? 'x'.repeat(3_000_000) : key
        const kind = int(4)
        if (kind === 0) {
          await node.db.transaction(async (txn) => {
            await txn.get(users, 'shared')
            txn.put(users, key, value)
            await txn.merge(counts, 'n', one)
          })
        } else if (kind === 1) {
          await node.write([
            { type: 'put', columnFamily: users, key, value },
            { type: 'merge', columnFamily: counts, key: 'n', operand: one },
          ] as never)
        } else {
          const batch = node.db.batch()
          batch.put(users, key, value)
          batch.merge(counts, 'n', one)
          await batch.write()
        }
        outcomes.set(key, 'acked')
      } catch (error) {
        const { code, outcome } = error as { code?: string; outcome?: string }
        outcomes.set(key, outcome ?? `none:${code}:${(error as Error).message}`)
      }
    }
    const writers = Array.from({ length: 6 }, async () => {
      while (!stop) {
        const node = all[int(3)] as Node
        await write(node, r() < Number(process.env.BIG ?? 0.005))
        if (r() < 0.3) await sleep(int(5))
      }
    })
    for (let round = 0; round < ROUNDS; round++) {
      const i = int(3)
      const log = fleet.logs[i] as MemoryLog
      const node = all[i] as Node
      const what = int(8)
      trace(`round ${round} node ${i} what ${what} roles ${all.map((n) => n.role)} ops ${ops}`)
      if (what === 0) {
        log.cut()
        await sleep(int(600))
        log.heal()
      } else if (what === 1) {
        const release = log.holdAcks()
        await sleep(int(500))
        release()
      } else if (what === 2) {
        for (let k = 0; k < 5; k++)
          log.failNext((['none', 'applied', 'late'] as const)[int(3)] as never)
      } else if (what === 3) {
        log.deliverLate()
      } else if (what === 4) {
        await node.close()
        all[i] = await fleet.open(i, options)
      } else if (what === 5) {
        node.stepDown().catch(() => {})
      } else if (what === 6) {
        fleet.store.forgetIds()
      } else if (SNAP) await node.snapshot().catch(() => {})
      await sleep(int(100))
    }
    for (const log of fleet.logs) {
      log.heal()
      log.deliverLate()
    }
    stop = true
    trace('stopping')
    const stuck = await Promise.race([Promise.all(writers).then(() => false), sleep(15000, true)])
    trace(
      `stuck ${stuck} ${JSON.stringify([...outcomes].filter(([, how]) => how === 'pending'))} ${JSON.stringify(all.map((n) => n.status()))}`,
    )
    expect(stuck).toBe(false)
    const last = async () => {
      for (const end = Date.now() + 15000; ; ) {
        for (const node of all) {
          try {
            await node.write([
              {
                type: 'put',
                columnFamily: node.db.columnFamily('users'),
                key: 'end',
                value: 'end',
              },
            ] as never)
            return node
          } catch (error) {
            if (Date.now() > end) throw error
          }
        }
        await sleep(20)
      }
    }
    const writer = await last()
    const token = writer.token()
    for (const node of all) await node.waitFor(token, { timeoutMs: 10000 })
    const rows = await Promise.all(all.map((node) => rowsOf(node)))
    const users = new Set(
      ((rows[0] as Record<string, string[]>)['users'] as string[]).map((row) =>
        Buffer.from(row.split('=')[0] as string, 'hex').toString(),
      ),
    )
    const present = [...users].filter((key) => (key as string).startsWith('op ')).length
    const raw = await writer.db.columnFamily('counts').get('n')
    const count = raw === undefined ? 0 : Number((raw as Buffer).readBigUInt64LE())
    const lost = [...outcomes]
      .filter(([key, how]) => how === 'acked' && !users.has(key))
      .map(([key]) => key)
    const ghosts = [...outcomes].filter(
      ([key, how]) => how !== 'acked' && how !== 'unknown' && how !== 'pending' && users.has(key),
    )
    expect(rows[1]).toEqual(rows[0])
    expect(rows[2]).toEqual(rows[0])
    expect(count).toBe(present)
    expect(ghosts).toEqual([])
    if (!LOCAL) expect(lost).toEqual([])
  }, 120_000)
}
