/** Faults of opening, and of what write and snapshot say. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { MemoryLog } from '../support/memory-log'
import { type Node, useFleet } from './support'

const nodes = useFleet()

test('openReplica resolves once all that was in the log is applied', async () => {
  const { fleet } = nodes
  const writer = await fleet.open(0)
  const users = writer.db.columnFamily('users')
  const value = 'x'.repeat(20_000)
  await Promise.all(Array.from({ length: 300 }, (_, i) => users.put(`k${i}`, value)))
  const missing: string[] = []
  for (let i = 1; i < 8; i++) {
    const late = await fleet.open(i, { role: 'follower' })
    const there = late.db.columnFamilies().includes('users')
    const row = there ? await late.db.columnFamily('users').get('k299') : undefined
    if (row === undefined) missing.push(`node ${i}: ${there ? 'no row' : 'no family'}`)
  }
  expect(missing).toEqual([])
})

test('a write that the log has is not said to have failed because the node closes', async () => {
  const { fleet } = nodes
  const writer = await fleet.open(0)
  const release = (fleet.logs[0] as MemoryLog).holdAcks()
  const users = writer.db.columnFamily('users')
  const writing = writer
    .write([{ type: 'put', columnFamily: users, key: 'a', value: '1' }] as never)
    .then(
      () => 'written',
      (error) => ({ code: error.code, outcome: error.outcome }),
    )
  await sleep(50)
  const closing = writer.close()
  release()
  await closing
  const said = await writing
  const again = (await fleet.open(0)) as Node
  const row = await again.db.columnFamily('users').get('a')
  expect(row).toBe('1')
  expect(said).toBe('written')
})
