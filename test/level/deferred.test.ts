/** Calls that were made before a `RocksLevel` is open: they wait, and where it cannot be opened they all end and say so. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RocksLevel } from 'rocksdb-live/level'
import { openFresh, useTempDirectory } from '../support/database'
import { root } from '../support/documents'

const dir = useTempDirectory()

const rejections: unknown[] = []
const listener = (error: unknown): number => rejections.push(error)
beforeAll(() => process.on('unhandledRejection', listener))
afterAll(() => process.off('unhandledRejection', listener))
afterEach(async () => {
  await new Promise(setImmediate)
  expect(rejections.splice(0)).toEqual([])
})

/** Calls of a closed one: `iterator` itself throws. */
const later: Record<string, (level: RocksLevel) => Promise<unknown>> = {
  put: (level) => level.put('a', '1'),
  del: (level) => level.del('a'),
  batch: (level) => level.batch([{ type: 'del', key: 'a' }]),
  get: (level) => level.get('a'),
  getMany: (level) => level.getMany(['a']),
  has: (level) => level.has('a'),
  hasMany: (level) => level.hasMany(['a']),
  clear: (level) => level.clear(),
  next: async (level) => level.iterator().next(),
  size: (level) => level.approximateSize('a', 'z'),
  compact: (level) => level.compactRange('a', 'z'),
  sublevel: async (level) => level.sublevel('part').put('a', '1'),
}

type Failure = Error & { code?: string; cause?: Failure }

const failureOf = (work: Promise<unknown>): Promise<Failure | undefined> =>
  work.then(
    () => undefined,
    (error: Failure) => error,
  )

/** One call of each kind, made now, and how it fails. */
function calls(level: RocksLevel): [string, Promise<Failure | undefined>][] {
  const iterator = level.iterator()
  const all: Record<string, Promise<unknown>> = {
    put: level.put('a', '1'),
    del: level.del('b'),
    batch: level.batch([{ type: 'put', key: 'c', value: '3' }]),
    get: level.get('a'),
    getMany: level.getMany(['a', 'c']),
    has: level.has('a'),
    hasMany: level.hasMany(['a']),
    clear: level.clear({ gte: 'x' }),
    next: iterator.next(),
    all: level.keys().all(),
    size: level.approximateSize('a', 'z'),
    compact: level.compactRange('a', 'z'),
    sublevel: level.sublevel('part').put('a', '1'),
  }
  return Object.entries(all).map(([name, call]) => [name, failureOf(call)])
}

/** Calls that wait for an open that fails; resolves to the reason that the open gives. */
async function refused(level: RocksLevel): Promise<Failure> {
  const waiting = calls(level)
  const opened = await failureOf(level.open())
  expect(opened).toMatchObject({ code: 'LEVEL_DATABASE_NOT_OPEN' })
  for (const [name, call] of waiting) {
    const iterates = name === 'next' || name === 'all'
    const code = iterates ? 'LEVEL_ITERATOR_NOT_OPEN' : 'LEVEL_DATABASE_NOT_OPEN'
    expect([name, (await call)?.code]).toEqual([name, code])
  }
  expect(level.status).toBe('closed')
  await level.close()
  return opened?.cause as Failure
}

function corruptManifest(path: string): void {
  for (const name of readdirSync(path).filter((file) => file.startsWith('MANIFEST'))) {
    const bytes = readFileSync(join(path, name))
    bytes[10] = (bytes[10] as number) ^ 0xff
    writeFileSync(join(path, name), bytes)
  }
}

async function madeAt(path: string): Promise<void> {
  const level = new RocksLevel(path)
  await level.put('a', '1')
  await level.close()
}

describe('calls before an open that fails', () => {
  it.each<[string, string, (path: string) => void | Promise<void>]>([
    ['of a file', 'EEXIST', (path) => writeFileSync(path, 'text')],
    [
      'of a damaged MANIFEST',
      'LEVEL_CORRUPTION',
      async (path) => {
        await madeAt(path)
        corruptManifest(path)
      },
    ],
    [
      'of a CURRENT that names none',
      'LEVEL_CORRUPTION',
      async (path) => {
        await madeAt(path)
        writeFileSync(join(path, 'CURRENT'), 'nonsense')
      },
    ],
    [
      'of a MANIFEST that is not there',
      'LEVEL_IO_ERROR',
      (path) => {
        mkdirSync(path)
        writeFileSync(join(path, 'CURRENT'), 'MANIFEST-000009\n')
      },
    ],
  ])('%s: %s', async (_, code, make) => {
    await make(dir('source'))
    const cause = await refused(new RocksLevel(dir('source')))
    expect(cause.code).toBe(code)
    expect(cause.message).toContain(dir('source'))
  })

  it('below a file', async () => {
    writeFileSync(dir('file'), 'text')
    expect((await refused(new RocksLevel(dir('file', 'below')))).code).toBe('ENOTDIR')
  })

  it('of what must be there, and is empty', async () => {
    mkdirSync(dir('empty'))
    const cause = await refused(new RocksLevel(dir('empty'), { createIfMissing: false }))
    expect(cause.message).toMatch(/does not exist/)
    expect(readdirSync(dir('empty'))).toEqual([])
  })

  it('of what another process has, until that lets go', async () => {
    const text = `
      const { RocksLevel } = require(${JSON.stringify(join(root, 'dist/level/index.js'))})
      const level = new RocksLevel(${JSON.stringify(dir('locked'))})
      level.put('theirs', '1').then(() => console.log('open'))
      process.stdin.on('end', () => level.close()).resume()`
    const child = spawn(process.execPath, ['-e', text], { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = once(child, 'exit')
    try {
      await once(child.stdout, 'data')
      const level = new RocksLevel(dir('locked'))
      expect((await refused(level)).code).toBe('LEVEL_LOCKED')
      child.stdin.end()
      expect(await ended).toEqual([0, null])
      await level.open()
      expect(await level.keys().all()).toEqual(['theirs'])
      await level.close()
    } finally {
      child.kill('SIGKILL')
      await ended
    }
  })

  it('can be made again once it opens', async () => {
    await madeAt(dir('source'))
    const current = readFileSync(dir('source', 'CURRENT'))
    writeFileSync(dir('source', 'CURRENT'), 'nonsense')
    const level = new RocksLevel(dir('source'))
    await refused(level)
    writeFileSync(dir('source', 'CURRENT'), current)
    await level.open()
    expect(await level.get('a')).toBe('1')
    await level.close()
  })
})

it('opens an empty directory, and does what has waited in its order', async () => {
  mkdirSync(dir('empty'))
  const level = new RocksLevel(dir('empty'))
  const done = calls(level).map(([, call]) => call)
  expect(await Promise.all(done)).toEqual(done.map(() => undefined))
  expect(await level.keys().all()).toEqual(['!part!a', 'a', 'c'])
  await level.close()
})

describe('close', () => {
  it('before it opens ends what waits, and it can be opened', async () => {
    const level = new RocksLevel(dir('early'))
    const waiting = calls(level)
    await level.close()
    expect(level.status).toBe('closed')
    for (const [name, call] of waiting) {
      expect([name, (await call)?.code]).toEqual([
        name,
        expect.stringMatching(/^LEVEL_(DATABASE|ITERATOR)_NOT_OPEN$/),
      ])
    }
    await level.open()
    expect(await level.get('a')).toBeUndefined()
    await level.close()
  })

  it('while it opens waits for that, and keeps what was acknowledged', async () => {
    const level = new RocksLevel(dir('during'))
    const opening = level.open()
    await Promise.resolve()
    const put = level.put('a', '1')
    const closing = level.close()
    expect(await Promise.allSettled([opening, put, closing])).toEqual(
      Array.from({ length: 3 }, () => ({ status: 'fulfilled', value: undefined })),
    )
    expect(level.status).toBe('closed')
    await level.open()
    expect(await level.get('a')).toBe('1')
    await level.close()
  })

  it('ends each call after it, until it is opened again', async () => {
    const level = new RocksLevel(dir('after'))
    await level.open()
    await level.close()
    await level.close()
    for (const [kind, call] of Object.entries(later)) {
      const failed = await failureOf(call(level))
      expect([kind, failed?.code]).toEqual([kind, 'LEVEL_DATABASE_NOT_OPEN'])
    }
    for (const call of [() => level.getSync('a'), () => level.batch(), () => level.snapshot()]) {
      expect(call).toThrow(expect.objectContaining({ code: 'LEVEL_DATABASE_NOT_OPEN' }))
    }
    await level.open()
    await level.put('a', '1')
    expect(level.getSync('a')).toBe('1')
    await level.close()
  })
})

it('leaves the next one its own path where the options of `over` are refused', async () => {
  const db = await openFresh()
  expect(() => RocksLevel.over(db, { valueEncoding: 'none' })).toThrow()
  const level = new RocksLevel(dir('own'))
  await level.put('a', '1')
  expect(await db.default.count()).toBe(0)
  await level.close()
  expect(readdirSync(dir('own'))).toContain('CURRENT')
})
