/** Disks that fail, that are slow and that are full. Needs strace, and root for its own disk. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { where } from '../support/tools'
import { last, Program, type Said, useDirectory } from './children'
import { canTrace, inject } from './inject'

const path = useDirectory()

function canMount(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0
}

const traced = where(canTrace(), 'disk faults need strace (Debian: apt-get install strace)')
const mounted = where(canMount(), 'a full disk needs root, to mount a small tmpfs (sudo npm test)')

/** Starts the program of faults and waits for its first stop. */
async function start(scenario: string, at = path('db'), filler = ''): Promise<Program> {
  const program = new Program('faults', [at, scenario, filler])
  if (filler === '') await program.waitFor('waiting')
  return program
}

async function endWell(program: Program): Promise<Said[]> {
  const { code, signal, said, stderr } = await program.ended
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
  return said
}

describe('a disk that fails', () => {
  traced('in a sync of the WAL: nothing is acknowledged after it until a reopen', async () => {
    const program = await start('sync')
    const stop = await inject(program, 'error=EIO')
    program.send('fault')
    await program.waitFor('health')
    await stop()
    program.send('end of fault')
    const said = await endWell(program)
    expect(last(said, 'failed')).toEqual(['ERR_IO', 'unknown', false])
    expect(last(said, 'next')).not.toBe('ok')
    expect(last(said, 'health')).toMatch(/readOnly|failed/)
    expect(last(said, 'later')).not.toBe('ok')
    expect(last(said, 'read')).toBe('value')
    expect(said.find(([word]) => word === 'again')).toEqual(['again', 'ok', 'ok'])
    expect(last(said, 'there')).toEqual(['before', 'again'])
  })

  traced('to be quick does not hold up the event loop', async () => {
    const program = await start('slow')
    const stop = await inject(program, 'delay_enter=100000')
    program.send('fault')
    const [, turns] = await program.waitFor('turns')
    await stop()
    await endWell(program)
    // Each takes 100 ms; a turn that waited for one would be the only one.
    for (const count of turns as number[]) expect(count).toBeGreaterThan(20)
  })
})

describe('a full disk', () => {
  mounted.each(['full', 'full, resumed'])(
    'fails writes alone, which go on within 15 s of room: %s',
    async (scenario) => {
      const disk = path('disk')
      mkdirSync(disk)
      const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk])
      expect(String(mount.stderr)).toBe('')
      try {
        writeFileSync(path('disk', 'filler'), Buffer.alloc(14 << 20))
        const program = await start(scenario, path('disk', 'db'), path('disk', 'filler'))
        checkFull(await endWell(program))
      } finally {
        spawnSync('umount', ['-l', disk])
      }
    },
    60_000,
  )
})

function checkFull(said: readonly Said[]): void {
  const all = (word: string) => said.filter(([first]) => first === word).map(([, ...rest]) => rest)
  const [failure, written] = all('full')[0] ?? []
  expect(failure).toEqual(['ERR_NO_SPACE', expect.stringMatching(/notApplied|unknown/), true])
  expect(written).toBeGreaterThan(50)
  expect(all('health')[0]).toEqual(['readOnly', expect.stringMatching(/no space/i)])
  expect(all('event')[0]?.[0]).toMatchObject({
    reason: expect.stringMatching(/^(write|flush|memtable|manifest)$/),
    severity: expect.stringMatching(/^(soft|hard|fatal)$/),
    message: expect.stringMatching(/no space/i),
  })
  expect(all('severity')).toEqual([
    [expect.any(Number), true],
    [0, true],
  ])
  expect(all('severity')[0]?.[0]).toBeGreaterThan(0)
  expect(all('read')).toEqual([[true, written]])
  // The files of a failed flush are deleted, which may free enough room.
  for (const [outcome] of [...all('resume'), ...all('write')]) {
    expect(outcome).toMatch(/^(ok|ERR_NO_SPACE)$/)
  }
  expect(all('writes')).toEqual([['ok', expect.any(Number)]])
  expect(all('writes')[0]?.[1]).toBeLessThan(15_000)
  expect(all('flush')).toEqual([['ok', 'ok']])
  expect(all('lost')).toEqual([[0]])
  expect(all('closed')).toEqual([['ok']])
  expect(all('again')).toEqual([[true, true]])
}
