/** Events and metrics in processes of their own. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { hasProgram, where } from '../support/tools'
import { last, Program, runWell, useDirectory } from './children'

const path = useDirectory()

const traced = where(
  hasProgram('strace', '-qq', '-e', 'trace=none', 'true'),
  'the count of WAL syncs needs strace (Debian: apt-get install strace)',
)

describe('events', () => {
  it('do not keep the process running', async () => {
    expect(await runWell('events', [path('db'), 'idle'])).toEqual([['listening']])
  })

  it('are uncaught exceptions where their listeners throw, and go on', async () => {
    expect(await runWell('events', [path('db'), 'throws'])).toEqual([
      ['uncaught', 'on purpose'],
      ['calls', 2],
    ])
  })

  it('reach every thread, which has metrics, and may end as it likes', async () => {
    expect(await runWell('events', [path('db'), 'workers'])).toEqual([
      ['heard', Array.from({ length: 3 }, () => ['default', 1])],
      ['exits', [0, 3, 0]],
    ])
  })

  it('are dropped and counted where a thread is busy for long', async () => {
    // In memory if possible, since a flush waits for the disk.
    const parent = existsSync('/dev/shm') ? '/dev/shm' : path()
    const directory = mkdtempSync(join(parent, 'rocksdb-live-'))
    try {
      const said = await runWell('events', [directory, 'busy'])
      // Five times 64 families were flushed; 256 events wait, and one comes afterwards.
      expect(said).toEqual([['busy', 257, 5 * 64 - 256]])
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})

describe('node_db_wal_synced_total', () => {
  const options = {
    'in the presets': {},
    'with fsync': { rocksdb: { db: { use_fsync: 'true' } } },
    'with WALs that are used again': { rocksdb: { db: { recycle_log_file_num: '2' } } },
    'with a buffered WAL': { rocksdb: { db: { manual_wal_flush: 'true' } } },
  }

  traced.each(Object.entries(options))('is what the system was asked for: %s', async (_, given) => {
    const log = path('strace')
    const calls = ['-e', 'trace=fsync,fdatasync,write']
    const under = ['strace', '-f', '-y', '-s', '64', ...calls, '-o', log]
    const program = new Program('wal-syncs', [path('db'), given], { under })
    const { said, stderr } = await program.ended
    expect(stderr).toBe('')
    const synced = last(said, 'synced')
    const lines = readFileSync(log, 'utf8').split('\n')
    const opening = lines.findIndex((line) => /write\(1.*opening/.test(line))
    const isSync = (line: string) => /\b(fsync|fdatasync)\(\d+<[^>]*\.log>/.test(line)
    expect(opening).toBeGreaterThan(0)
    expect(lines.slice(0, opening).filter(isSync).length).toBeGreaterThan(0)
    expect(synced).toBe(lines.slice(opening).filter(isSync).length)
    expect(synced).toBeGreaterThan(8)
  })
})
