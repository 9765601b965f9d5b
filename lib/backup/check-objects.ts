/** Checks of single objects and of lists. */
import { bytesOf, type Check, numberOf, type Probe, pool, show } from './check-probe'

const MIB = 2 ** 20
/** Larger than what goes to S3 in one request, and no multiple of anything. */
const LARGE = 17 * MIB + 3

/** The first must work, or nothing does. */
export const OBJECT_CHECKS: Check[] = [
  { about: 'a small object', run: small },
  { about: 'what is not there', run: absent },
  { about: 'objects of any size', run: sizes },
  { about: 'keys of all allowed characters', run: keys },
  { about: 'lists', run: lists },
  { about: 'bodies that do not give what they should', run: bodies },
  { about: 'signals', run: signals },
  { about: 'an object that is overwritten while it is read', run: overwritten },
]

async function small(probe: Probe): Promise<void> {
  const key = probe.key('small')
  const tag = await probe.putNew(key, bytesOf(1, 100))
  await probe.expectObject(key, bytesOf(1, 100), tag, 'after put')
  const next = await probe.putNew(key, bytesOf(2, 99))
  probe.expect(next !== tag, 'its tag is the same after other bytes were put')
  await probe.expectObject(key, bytesOf(2, 99), next, 'after it was put again')
  await probe.target.delete(key, { signal: probe.signal })
  await probe.expectAbsent(key, 'after delete')
}

async function absent(probe: Probe): Promise<void> {
  const { target, signal } = probe
  const key = probe.key('absent/object')
  await probe.expectAbsent(key, 'before anything was put')
  await target.delete(key, { signal })
  await target.delete(key, { signal })
  const found = await probe.list(`${probe.prefix}absent/`)
  probe.expect(found.size === 0, `list gave ${found.size} objects before anything was put`)
}

async function sizes(probe: Probe): Promise<void> {
  for (const size of [0, 1, 65_536, 1_000_003, LARGE]) {
    const key = probe.key(`sizes/${size}`)
    const tag = await probe.putNew(key, bytesOf(size, size))
    await probe.expectObject(key, bytesOf(size, size), tag, `of ${size} bytes`)
    const listed = (await probe.list(key)).get(key)
    probe.expect(listed === size, `list said ${show(listed)} bytes of ${size}`)
  }
  const key = probe.key(`sizes/${LARGE}`)
  const tag = await probe.putNew(key, bytesOf(1, 10))
  await probe.expectObject(key, bytesOf(1, 10), tag, 'after a small object replaced a large one')
}

async function keys(probe: Probe): Promise<void> {
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  const names = [
    `${letters}0123456789-_.`,
    `${letters.toUpperCase()}9876543210_-.x`,
    '-begins/_with/signs',
    'ends-/in_/signs.',
    'two..dots/and--more__signs',
    `${'deep/'.repeat(20)}object`,
    `long/${'n'.repeat(200)}`,
    '0',
    '0.json',
    '0-1',
  ]
  const wanted = names.map((name, index) => ({ key: probe.key(`keys/${name}`), index }))
  await pool(wanted, ({ key, index }) => probe.putNew(key, bytesOf(index, 50 + index)))
  const listed = await probe.list(`${probe.prefix}keys/`)
  for (const { key, index } of wanted) {
    const found = await probe.read(key)
    const same =
      found !== undefined && Buffer.compare(found.bytes, bytesOf(index, 50 + index)) === 0
    probe.expect(same, `get of "${key}" gave ${found ? 'other bytes' : 'nothing'}`)
    probe.expect(listed.get(key) === 50 + index, `list did not give "${key}" and its size`)
  }
  probe.expect(
    listed.size === wanted.length,
    `list gave ${listed.size} of ${wanted.length} objects`,
  )
}

/** More than S3 gives at once. */
const MANY = 1_050

async function lists(probe: Probe): Promise<void> {
  const folder = `${probe.prefix}list/`
  const names = Array.from({ length: MANY }, (_, index) => `m${index % 7}/${index}`)
  const keys = names.map((name) => probe.key(`list/${name}`))
  await pool(keys, (key) => probe.putNew(key, new Uint8Array(0)))
  await expectList(probe, folder, keys)
  for (const begin of ['m3', 'm3/', 'm3/1', 'm3/10', 'none']) {
    const prefix = folder + begin
    await expectList(
      probe,
      prefix,
      keys.filter((key) => key.startsWith(prefix)),
    )
  }
  const [first = '', second = '', ...rest] = keys
  await probe.target.delete(first, { signal: probe.signal })
  await expectList(probe, folder, [second, ...rest])
  await pool(rest, (key) => probe.target.delete(key, { signal: probe.signal }))
  await expectList(probe, folder, [second])
}

async function expectList(probe: Probe, prefix: string, keys: string[]): Promise<void> {
  const listed = await probe.list(prefix)
  const missing = keys.filter((key) => !listed.has(key))
  const wanted = new Set(keys)
  const more = [...listed.keys()].filter((key) => !wanted.has(key))
  const which = (some: string[]) => `${some.length} of ${keys.length}, one is ${show(some[0])}`
  probe.expect(missing.length === 0, `list("${prefix}") left out objects: ${which(missing)}`)
  probe.expect(
    more.length === 0,
    `list("${prefix}") gave objects that it should not: ${which(more)}`,
  )
}

async function bodies(probe: Probe): Promise<void> {
  const broken = new Error('the body of checkTarget fails')
  for (const size of [1_000, LARGE]) {
    const bytes = bytesOf(3, size)
    const wrong: [string, () => Iterable<Uint8Array>][] = [
      ['fails', () => failing(bytes, broken)],
      ['is too short', () => [bytes.subarray(0, size - 1)]],
      ['is too long', () => [bytes, bytes.subarray(0, 1)]],
    ]
    for (const [what, body] of wrong) {
      const key = probe.key(`bodies/${what.replaceAll(' ', '-')}-${size}`)
      const when = `after a put of ${size} bytes whose body ${what}`
      await expectRejected(probe, when, probe.target.put(key, body, { size, signal: probe.signal }))
      await probe.expectAbsent(key, when)
      const tag = await probe.putNew(key, bytesOf(4, 10))
      await expectRejected(probe, when, probe.target.put(key, body, { size, signal: probe.signal }))
      await probe.expectObject(key, bytesOf(4, 10), tag, when)
    }
  }
}

function* failing(bytes: Uint8Array, error: Error): Generator<Uint8Array> {
  yield bytes.subarray(0, bytes.length - 1)
  throw error
}

async function expectRejected(
  probe: Probe,
  when: string,
  promise: Promise<unknown>,
): Promise<void> {
  const outcome = await promise.then(
    () => 'resolved',
    () => 'rejected',
  )
  probe.expect(outcome === 'rejected', `it ${outcome} ${when}`)
}

async function signals(probe: Probe): Promise<void> {
  const { target } = probe
  const key = probe.key('signals/object')
  const tag = await probe.putNew(key, bytesOf(5, 3 * MIB))
  const signal = AbortSignal.abort(new Error('aborted by checkTarget'))
  const when = 'with a signal that was aborted before'
  const body = () => [bytesOf(6, 10)]
  await expectRejected(probe, `put ${when}`, target.put(key, body, { size: 10, signal }))
  await expectRejected(probe, `get ${when}`, readAll(target.get(key, { signal })))
  await expectRejected(probe, `head ${when}`, target.head(key, { signal }))
  await expectRejected(probe, `delete ${when}`, target.delete(key, { signal }))
  const listing = async () => {
    for await (const _ of target.list(probe.prefix, { signal })) break
  }
  await expectRejected(probe, `list ${when}`, listing())
  await probe.expectObject(key, bytesOf(5, 3 * MIB), tag, when)
  await whileReading(probe, key)
  await probe.expectObject(
    key,
    bytesOf(5, 3 * MIB),
    tag,
    'after a get that was not read to its end',
  )
  for (const size of [MIB, LARGE]) await whilePutting(probe, size)
}

async function readAll(
  getting: Promise<{ body: AsyncIterable<Uint8Array> } | undefined>,
): Promise<void> {
  for await (const _ of (await getting)?.body ?? []);
}

async function whileReading(probe: Probe, key: string): Promise<void> {
  const ending = new AbortController()
  const object = await probe.target.get(key, { signal: ending.signal })
  ending.abort(new Error('aborted by checkTarget'))
  const reading = readAll(Promise.resolve(object))
  await expectRejected(probe, 'get whose signal was aborted before its body was read', reading)
  const left = await probe.target.get(key, { signal: probe.signal })
  for await (const _ of left?.body ?? []) break
}

async function whilePutting(probe: Probe, size: number): Promise<void> {
  const key = probe.key(`signals/put-${size}`)
  const ending = new AbortController()
  const bytes = bytesOf(7, size)
  function* body() {
    yield bytes.subarray(0, size / 2)
    ending.abort(new Error('aborted by checkTarget'))
    yield bytes.subarray(size / 2)
  }
  const when = `put of ${size} bytes whose signal was aborted in its midst`
  const put = probe.target.put(key, body, { size, signal: ending.signal })
  await expectRejected(probe, when, put)
  const found = await probe.read(key)
  const whole = found === undefined || Buffer.compare(found.bytes, bytes) === 0
  probe.expect(whole, `get gave a part of the object after ${when}`)
}

const VERSIONS = 20
const sizeOf = (version: number) => 200_000 + 7_919 * ((version * 7) % VERSIONS)

/** One puts version after version while others read: each finds one whole version, and none that is older than known. */
async function overwritten(probe: Probe): Promise<void> {
  const key = probe.key('overwritten')
  let done = 0
  await probe.putNew(key, bytesOf(0, sizeOf(0)))
  const write = async () => {
    for (let version = 1; version <= VERSIONS; version++) {
      await probe.putNew(key, bytesOf(version, sizeOf(version)))
      done = version
    }
  }
  let writing = true
  const written = write().finally(() => {
    writing = false
  })
  const read = async () => {
    while (writing) {
      const known = done
      // Where a connection broke, what was read of a version may not be had any more.
      const found = await probe.read(key).catch(() => 'rejected' as const)
      if (found !== 'rejected') expectVersion(probe, found?.bytes, known)
    }
  }
  const outcomes = await Promise.allSettled([written, read(), read(), read(), read()])
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  expectVersion(probe, (await probe.read(key))?.bytes, VERSIONS)
}

function expectVersion(probe: Probe, bytes: Uint8Array | undefined, known: number): void {
  if (bytes === undefined || bytes.length < 4) {
    probe.expect(false, 'get gave nothing')
    return
  }
  const version = numberOf(bytes)
  const whole = Buffer.compare(bytes, bytesOf(version, sizeOf(version))) === 0
  probe.expect(whole, 'get gave what is no version')
  probe.expect(version >= known, `get gave version ${version} after ${known} had been put`)
}
