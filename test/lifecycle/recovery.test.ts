/** Damaged files: losses are reported, or opening is refused; nothing is lost silently. */
import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import type { OpenOptions, Recovery } from 'rocksdb-live'
import { Program, runWell, useDirectory } from './children'

const ROWS = 300
const path = useDirectory()

/** Fills a database and kills its process. */
async function fill(...flush: string[]): Promise<string> {
  const program = new Program('recovery', [path('db'), 'fill', { flush }])
  await program.waitFor('filled')
  program.kill('SIGKILL')
  await program.ended
  return path('db')
}

interface Opened {
  failed?: string
  message?: string
  /** Of the rows of each family. */
  numbers?: number[][]
  recovery?: Recovery | undefined
}

/** Opens it, and checks that no value is wrong. */
async function openAnyhow(options: OpenOptions = {}): Promise<Opened> {
  const [said] = await runWell('recovery', [path('db'), 'open', options])
  if (said?.[0] === 'failed') return { failed: String(said[1]), message: String(said[2]) }
  const [, numbers, wrong, recovery] = said as [string, number[][], unknown[], Recovery]
  expect(wrong).toEqual([])
  return { numbers, recovery }
}

/** Opens it; `rows` is how many first rows there are, the same in both families. */
async function open(options: OpenOptions = {}): Promise<Opened & { rows?: number }> {
  const opened = await openAnyhow(options)
  if (opened.numbers === undefined) return opened
  const { numbers, recovery } = opened
  const rows = numbers[0]?.length ?? 0
  const first = Array.from({ length: rows }, (_, n) => n)
  expect(numbers).toEqual([first, first])
  return { rows, recovery }
}

function find(pattern: RegExp): string {
  const files = readdirSync(path('db')).filter((file) => pattern.test(file))
  const sizes = files.map((file) => statSync(path('db', file)).size)
  return path('db', files[sizes.indexOf(Math.max(...sizes))] as string)
}

function flip(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes[at] = (bytes[at] as number) ^ 0xff
  writeFileSync(file, bytes)
}

const WAL = /^\d+\.log$/

describe('a WAL', () => {
  it('that is whole gives everything, and says that nothing was dropped', async () => {
    await fill()
    const recovery = { created: false, droppedBytes: 0, reasons: [] }
    expect(await open({ recovery: 'strict' })).toEqual({ rows: ROWS, recovery })
    expect(await open()).toEqual({ rows: ROWS, recovery })
  })

  it('with a flipped byte is refused where recovery is strict, and else cut there and said', async () => {
    await fill()
    flip(find(WAL), statSync(find(WAL)).size >> 1)
    const refused = await open({ recovery: 'strict' })
    expect(refused.failed).toBe('ERR_CORRUPTION')
    expect(refused.message).toContain(path('db'))
    const { rows, recovery } = await open()
    expect(rows).toBeGreaterThan(0)
    expect(rows).toBeLessThan(ROWS)
    expect(recovery?.droppedBytes).toBeGreaterThan(0)
    expect(recovery?.reasons.join()).toContain('checksum')
    // Reported once: the next opening finds an intact database.
    expect(await open()).toMatchObject({ rows, recovery: { droppedBytes: 0 } })
  })

  it('with a cut tail loses the last record alone, and says so', async () => {
    await fill()
    truncateSync(find(WAL), statSync(find(WAL)).size - 10)
    expect((await open({ recovery: 'strict' })).failed).toBe('ERR_CORRUPTION')
    const { rows, recovery } = await open()
    expect(rows).toBe(ROWS - 1)
    expect(recovery?.droppedBytes).toBeGreaterThan(0)
  })

  it('that is missing while a family needs it is noticed', async () => {
    await fill('b')
    const [oldest] = readdirSync(path('db'))
      .filter((file) => WAL.test(file))
      .sort()
    renameSync(path('db', String(oldest)), path('away'))
    const { failed, message } = await open()
    expect(failed).toBe('ERR_CORRUPTION')
    expect(message).toMatch(/missing wal/i)
    renameSync(path('away'), path('db', String(oldest)))
    expect((await open()).rows).toBe(ROWS)
  })
})

describe('a directory', () => {
  it('without CURRENT is refused, and keeps what it has', async () => {
    await fill('a', 'b')
    renameSync(path('db', 'CURRENT'), path('CURRENT'))
    const { failed, message } = await open()
    expect(failed).toBe('ERR_CORRUPTION')
    expect(message).toContain('CURRENT is missing')
    renameSync(path('CURRENT'), path('db', 'CURRENT'))
    expect((await open()).rows).toBe(ROWS)
  })

  it('without a table is refused', async () => {
    await fill('a', 'b')
    rmSync(find(/\.sst$/))
    expect((await open()).failed).toMatch(/ERR_CORRUPTION|ERR_IO/)
  })

  it('with a MANIFEST cut anywhere is refused, or opens and no row in it is wrong', async () => {
    await fill('a', 'b')
    cpSync(path('db'), path('kept'), { recursive: true })
    const name = readdirSync(path('db')).find((file) => file.startsWith('MANIFEST')) as string
    const { size } = statSync(path('db', name))
    for (let step = 0; step < 16; step++) {
      const cut = Math.floor((size * step) / 16)
      rmSync(path('db'), { recursive: true })
      cpSync(path('kept'), path('db'), { recursive: true })
      truncateSync(path('db', name), cut)
      const { failed } = await openAnyhow()
      // After the first flush RocksDB misses the WAL that it had deleted; before it, it cannot
      // distinguish the files from those of a younger database.
      if (failed !== undefined || step >= 12 || step <= 2) {
        expect({ cut, failed }).toEqual({ cut, failed: 'ERR_CORRUPTION' })
      }
    }
  }, 60_000)
})

// RocksDB's reader of logs met such a record again and again: it neither took nor refused it. Checksum, length 0,
// type 5 (db/log_format.h), number of the log, and a rest.
const RECYCLED = Buffer.from([1, 2, 3, 4, 0, 0, 5, 9, 9, 9, 9, 7, 7, 7, 7])

test('a record of a recycled log behind the end of the WAL is dropped, and said', async () => {
  await fill()
  appendFileSync(find(/\.log$/), RECYCLED)
  expect(await open({ mode: 'read-only' })).toMatchObject({ rows: ROWS })
  const { rows, recovery } = await open()
  expect([rows, recovery?.droppedBytes]).toEqual([ROWS, RECYCLED.length])
})

test('a record of a recycled log in MANIFEST is damage', async () => {
  await fill()
  appendFileSync(find(/^MANIFEST/), RECYCLED)
  expect(await openAnyhow({ mode: 'read-only' })).toMatchObject({ failed: 'ERR_CORRUPTION' })
  expect(await openAnyhow()).toMatchObject({ failed: 'ERR_CORRUPTION' })
})

// RocksDB takes such a record for space that nothing was written to, and passes over what stands behind it.
test('a record of zeros in a MANIFEST is damage', async () => {
  await fill('b')
  const file = find(/^MANIFEST/)
  const whole = readFileSync(file)
  cpSync(path('db'), path('kept'), { recursive: true })
  let records = 0
  for (let at = 0; at < whole.length; records++) {
    // Its checksum, and the length of what follows its type.
    const end = at + 7 + whole.readUInt16LE(at + 4)
    rmSync(path('db'), { recursive: true })
    cpSync(path('kept'), path('db'), { recursive: true })
    writeFileSync(file, Buffer.from(whole).fill(0, at, end))
    expect([at, await openAnyhow()]).toMatchObject([at, { failed: 'ERR_CORRUPTION' }])
    at = end
  }
  expect(records).toBeGreaterThan(3)
})
