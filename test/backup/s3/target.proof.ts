import { checkTarget } from '../../../lib/backup/check-target'
import { startWorld, type World } from './support'

describe('s3()', () => {
  let world: World
  beforeAll(async () => {
    world = await startWorld()
  })
  afterAll(() => world.close())
  beforeEach(() => world.proxy.reset())

  it('is a target', async () => {
    await checkTarget(world.target())
    console.log(world.proxy.requests, Object.fromEntries(world.proxy.counts))
    expect(await world.unfinished()).toEqual([])
  })
})
