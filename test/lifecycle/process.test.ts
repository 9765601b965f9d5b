/** Other processes on the database, and other work in this one. */
import { last, Program, run, runWell, useDirectory } from './children'

const path = useDirectory()

describe('a second process', () => {
  it('is told which path is locked, and what to do', async () => {
    const holder = new Program('process', [path('db'), 'hold'])
    await holder.waitFor('open')
    const [failed] = await runWell('process', [path('db'), 'open'])
    expect(failed).toEqual(['failed', 'ERR_LOCKED', expect.stringContaining(path('db')), true])
    expect(failed?.[2]).toMatch(/another process/i)
    expect(failed?.[2]).toMatch(/close|read-only|secondary/i)
    holder.goOn()
    expect(await holder.ended).toMatchObject({ code: 0, signal: null })
    expect(await runWell('process', [path('db'), 'open'])).toEqual([['opened']])
  })

  it('may open it once the first was killed', async () => {
    const holder = new Program('process', [path('db'), 'hold'])
    await holder.waitFor('open')
    holder.kill('SIGKILL')
    await holder.ended
    expect(await runWell('process', [path('db'), 'open'])).toEqual([['opened']])
  })
})

describe('a stack that is used up', () => {
  it('throws a RangeError in every method, and all goes on', async () => {
    // Node reports rejections for which it has no stack left on standard error.
    const { code, signal, said } = await run('process', [path('db'), 'stack'], {
      node: ['--stack-size=200'],
    })
    expect({ code, signal }).toEqual({ code: 0, signal: null })
    expect(said.slice(1)).toEqual([
      ['value', true],
      ['after', 'works', 'ok'],
    ])
    const [, exhausted, done, others] = said[0] ?? []
    expect({ exhausted, done }).toEqual({ exhausted: true, done: true })
    for (const name of others as string[]) expect(name).toBe('RangeError')
  }, 60_000)
})

describe('slow work', () => {
  it("leaves libuv's threads and the event loop to others", async () => {
    const said = await runWell('process', [path('db'), 'slow'], {
      env: { UV_THREADPOOL_SIZE: '1' },
    })
    const order = last(said, 'order') as string[]
    expect(order.slice(0, 3)).toEqual(['stat', 'stat', 'stat'])
    expect(said[0]?.[2]).toBeGreaterThan(20)
  })
})
