import { AsyncLocalStorage } from 'node:async_hooks'
import { useFleet } from '../replica/support'
import { eventually } from '../support/tools'

const nodes = useFleet()

it('keeps the async context of listeners of a replica', async () => {
  const storage = new AsyncLocalStorage<string>()
  const node = await nodes.fleet.open(0)
  const seen: unknown[] = []
  const listener = () => void seen.push(storage.getStore())
  storage.run('mine', () => node.on('role', listener))
  await storage.run('other', () => node.close())
  await eventually('a role', () => (seen.length > 0 ? true : undefined))
  expect(new Set(seen)).toEqual(new Set(['mine']))
})
