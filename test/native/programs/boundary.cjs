// Calls every function of the raw addon with invalid arguments and prints the outcomes. The test is
// that it survives to print them.
const fs = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '../../..')
const load = () => require('node-gyp-build')(root).instance()
const [directory, seed, rounds] = JSON.parse(process.argv[2])
// Any path that a call makes up is in here.
process.chdir(directory)

let state = seed >>> 0
/** Random numbers from 0 up to `below` (mulberry32). */
function random(below) {
  state = (state + 0x6d2b79f5) >>> 0
  let t = Math.imul(state ^ (state >>> 15), state | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return ((t ^ (t >>> 14)) >>> 0) % below
}
const pick = (list) => list[random(list.length)]

const detached = new Uint8Array(8)
structuredClone(detached.buffer, { transfer: [detached.buffer] })
const throwing = new Proxy(
  {},
  {
    get() {
      throw new RangeError('from a proxy')
    },
    ownKeys() {
      throw new RangeError('from a proxy')
    },
  },
)
const NUMBERS = [0, 1, -1, 2, 12, 0.5, Number.NaN, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53]
NUMBERS.push(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e308, -(2 ** 63), 4, 100)
const BUFFERS = [new Uint8Array(0), new Uint8Array(64), Buffer.alloc(4096, 7), detached]
BUFFERS.push(new Uint32Array(0), new Uint32Array(64), new Uint32Array(5000), new Float64Array(8))
BUFFERS.push(new DataView(new ArrayBuffer(8)), new ArrayBuffer(8), new Uint8Array(64).subarray(3))
const OTHERS = [undefined, null, true, '', 'text', 'no/such', '\ud800', 'x'.repeat(70_000), 1n]
OTHERS.push(Symbol('s'), {}, [], [1, 'a', {}], () => {}, throwing, new Date(Number.NaN), /r/)
OTHERS.push({ path: 1 }, { columnFamily: {}, table: { a: 1 } }, Object.create(null))

const hostile = () => pick(pick([NUMBERS, NUMBERS, BUFFERS, OTHERS]))

function openRequest(name) {
  const family = { columnFamily: {}, table: {} }
  return {
    path: path.join(directory, name),
    mode: 'read-write',
    secondaryPath: '',
    replica: 0,
    inMemory: false,
    createIfMissing: true,
    errorIfExists: false,
    createMissingColumnFamilies: true,
    strictRecovery: false,
    waitForLockMs: 0,
    openFilesBudget: 0,
    retainChangesBytes: 0,
    db: {},
    defaults: family,
    families: [{ name: 'a', ...family }],
    shared: { block_cache_bytes: String(8 << 20) },
  }
}

/** A copy of a valid request with one thing in it spoiled. */
function spoiled() {
  const bad = openRequest('spoiled')
  const target = pick([bad, bad, bad.defaults, bad.families[0], bad.db, bad.shared])
  target[pick([...Object.keys(target), 'extra'])] = hostile()
  return bad
}

const counts = { returned: 0, thrown: 0 }
const untyped = new Set()

function call(name, method, receiver, given) {
  try {
    Reflect.apply(method, receiver, given)
    counts.returned++
  } catch (error) {
    counts.thrown++
    const coded = /^ERR_[A-Z_]+$/.test(error?.code ?? '')
    const own = error instanceof TypeError || error?.message === 'from a proxy'
    if (!coded && !own) untyped.add(`${name}: ${error}`)
  }
}

/** The record from which calls take their numbers; slots as in lib/native/cursors.ts. */
const request = new Float64Array(9)

/** Fills it with plausible or random values. */
function ask() {
  for (let slot = 0; slot < request.length; slot++) {
    const given = random(3) < 2 ? pick([0, 1, 1, 8, -1]) : pick(NUMBERS)
    request[slot] = given
  }
}

/** An addon that delivers its answers to whoever waits for them. */
function setUp() {
  const addon = load()
  const waiting = new Map()
  const deliver = (id, error, value) => waiting.get(id)?.(error, value)
  addon.setup(
    {
      createError: (code, message) => Object.assign(new Error(message), { code }),
      deliverCommits: () => {},
      deliverReads: () => {},
      deliverEvent: () => {},
      deliverTimings: () => {},
      deliver,
    },
    new Uint32Array(2),
    request,
  )
  addon.setKeyBuffer(Buffer.alloc(4096, 'k'))
  addon.setArena(Buffer.alloc(8192))
  const answer = (id, start) =>
    new Promise((resolve, reject) => {
      waiting.set(id, (error, value) => (error ? reject(error) : resolve(value)))
      start(id)
    })
  return { addon, answer }
}

/** Calls functions of a session with arguments of all kinds. */
async function torment(session, addon, names) {
  for (let i = 0; i < rounds; i++) {
    const name = pick(names)
    if (ENDS.includes(name)) continue
    // The first arguments are usually valid, so that the others get checked.
    const given = Array.from({ length: random(12) }, (_, at) =>
      random(3) < 2 ? pick([0, 1, 1, 8, BUFFERS[1], BUFFERS[2], BUFFERS[6], at]) : hostile(),
    )
    ask()
    call(name, session[name], pick([session, undefined, {}, addon]), given)
    if (i % 500 === 0) await new Promise(setImmediate)
  }
}

/** Functions that end what the others work on. */
const ENDS = ['close', 'closeSync', 'closeAll']

async function main() {
  // Before it was set up.
  const bare = load()
  for (const [name, method] of Object.entries(bare)) {
    if (typeof method !== 'function' || name === 'setup') continue
    for (let i = 0; i < rounds / 10; i++) {
      call(name, method, hostile(), Array.from({ length: random(8) }, hostile))
    }
  }
  for (let i = 0; i < rounds / 10; i++) {
    const addon = load()
    call('setup', addon.setup, addon, [
      pick([hostile(), { createError: hostile() }]),
      hostile(),
      hostile(),
    ])
  }

  const { addon, answer } = setUp()
  const session = await answer(1_000_000_001, (id) => addon.open(id, openRequest('db')))
  for (const [name, method] of Object.entries(addon)) {
    if (typeof method !== 'function' || name === 'setup' || ENDS.includes(name)) continue
    for (let i = 0; i < rounds / 10; i++) {
      const given = name === 'open' ? [7, spoiled()] : Array.from({ length: random(4) }, hostile)
      call(name, method, hostile(), given)
    }
  }
  addon.setKeyBuffer(Buffer.alloc(4096, 'k'))
  addon.setArena(Buffer.alloc(8192))
  const names = Object.keys(session).filter((name) => typeof session[name] === 'function')
  await torment(session, addon, names)
  // A replica whose writes nobody publishes closes, too, whatever waits in its queue.
  const node = { ...openRequest('node'), replica: 1 }
  const owner = await answer(1_000_000_003, (id) => addon.open(id, node))
  owner.replicaLog('00000000000000a1')
  await torment(owner, addon, names)
  await torment(owner, addon, [...names.filter((name) => name.startsWith('replica')), 'commit'])
  await answer(1_000_000_004, (id) => owner.close(id))
  // It still works, and closes; afterwards everything is refused.
  const batch = Buffer.from('\0\0\0\0\0\0\0\0\x01\0\0\0\x01\x01k\x05value', 'latin1')
  session.commitSync(batch, batch.length, 0)
  const found = session.has(0, 1, 0, 0)
  await answer(1_000_000_002, (id) => session.close(id))
  const codes = new Set()
  for (const name of names) {
    if (ENDS.includes(name)) continue
    try {
      session[name](1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
    } catch (error) {
      codes.add(error.code)
    }
  }
  session.closeSync()
  fs.writeSync(
    1,
    JSON.stringify({ counts, untyped: [...untyped], found, codes: [...codes], names }),
  )
}

main().catch((error) => {
  process.nextTick(() => {
    throw error
  })
})
