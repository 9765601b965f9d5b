/** Who holds a directory, and who waits for it. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { where } from '../support/tools'
import { last, Program, run, runWell, useDirectory } from './children'

const path = useDirectory()
const LONG = 120_000
const ordered = where(process.platform === 'linux', 'who waits is seen in /proc/locks')

/** A process that has the database open. */
async function holder(): Promise<Program> {
  const program = new Program('lock', [path('db'), 'hold'])
  await program.waitFor('open')
  return program
}

describe('ERR_LOCKED', () => {
  it('names the process that has the database', async () => {
    const first = await holder()
    const [failed] = await runWell('lock', [path('db'), 'fail'])
    const message = failed?.[2] as string
    expect(failed).toEqual(['failed', 'ERR_LOCKED', message, true])
    if (process.platform === 'linux') {
      expect(message).toContain(`another process (${first.pid}: `)
      expect(message).toContain('lock.cjs')
    }
    expect(message).not.toContain('this process (')
    first.goOn()
    await first.ended
  })

  it('says that it is another copy of the package in this process, which can wait as well', async () => {
    const said = await runWell('lock', [path('db'), 'copies', LONG])
    const [, code, message, pid] = said.find(([word]) => word === 'failed') ?? []
    expect(code).toBe('ERR_LOCKED')
    if (process.platform === 'linux') {
      expect(message).toContain(`another copy of this package in this process (${pid})`)
    }
    expect(last(said, 'second')).toBe('copy')
  })
})

describe('waitForLockMs', () => {
  it('opens once the process before has closed: a rolling restart', async () => {
    const old = await holder()
    const next = new Program('lock', [path('db'), 'hold', LONG])
    old.goOn()
    await next.waitFor('open')
    expect(await old.ended).toMatchObject({ code: 0, signal: null })
    next.goOn()
    expect(await next.ended).toMatchObject({ code: 0, signal: null, stderr: '' })
    expect(existsSync(path('db', 'LOCK.queue'))).toBe(false)
  })

  it('opens once the process before was killed', async () => {
    const old = await holder()
    const next = new Program('lock', [path('db'), 'visit', LONG])
    await next.waitFor('waiting')
    old.kill('SIGKILL')
    expect(await next.ended).toMatchObject({ code: 0, signal: null, stderr: '' })
  })

  it('fails with ERR_LOCKED after its time', async () => {
    const first = await holder()
    const [failed] = await runWell('lock', [path('db'), 'fail', 50])
    expect(failed?.slice(0, 2)).toEqual(['failed', 'ERR_LOCKED'])
    first.goOn()
    await first.ended
    expect(await runWell('lock', [path('db'), 'visit'])).toEqual([['waiting'], ['visit', 0]])
  })

  ordered('lets everybody have it in the order they came', async () => {
    const first = await holder()
    const visitors: Program[] = []
    for (let n = 0; n < 6; n++) {
      const visitor = new Program('lock', [path('db'), 'visit', LONG])
      await visitor.waitFor('waiting')
      await queued(n + 1)
      visitors.push(visitor)
    }
    // A waiter that goes away delays nobody.
    visitors[2]?.kill('SIGKILL')
    await visitors[2]?.ended
    visitors.splice(2, 1)
    first.goOn()
    for (const [n, visitor] of visitors.entries()) {
      const { code, said } = await visitor.ended
      expect({ code, visit: last(said, 'visit') }).toEqual({ code: 0, visit: n })
    }
    expect(existsSync(path('db', 'LOCK.queue'))).toBe(false)
  })

  it('gives one database to all of a process that wait', async () => {
    const first = await holder()
    const next = new Program('lock', [path('db'), 'shared', LONG])
    await next.waitFor('waiting')
    first.goOn()
    expect(last((await next.ended).said, 'shared')).toBe('store')
  })

  it('holds up no end of a process or worker', async () => {
    const first = await holder()
    expect(await run('lock', [path('db'), 'exit', LONG])).toMatchObject({ code: 3, signal: null })
    expect(last(await runWell('lock', [path('db'), 'terminate', LONG]), 'ended')).toBe(1)
    first.goOn()
    await first.ended
  })

  it('is checked', async () => {
    const said = await runWell('lock', [path('db'), 'invalid'])
    const [type, range] = ['ERR_INVALID_ARG_TYPE', 'ERR_OUT_OF_RANGE']
    expect(last(said, 'outcomes')).toEqual([range, range, range, type, type, range])
  })
})

/** Waits until `count` processes have a place in the queue. */
async function queued(count: number): Promise<void> {
  const deadline = performance.now() + 60_000
  for (;;) {
    const places = existsSync(path('db', 'LOCK.queue'))
      ? readFileSync('/proc/locks', 'utf8')
          .split('\n')
          .filter((line) => / OFDLCK .* WRITE /.test(line))
          .filter((line) => line.includes(`:${statSync(path('db', 'LOCK.queue')).ino} `))
      : []
    if (places.length === count) return
    if (performance.now() > deadline) throw new Error(`not ${count} in the queue`)
    await new Promise(setImmediate)
  }
}
