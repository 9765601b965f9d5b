/** Subscribers that come, go and fail, and operations that end in every other way. */
import { spawnSync } from 'node:child_process'
import { tracingChannel } from 'node:diagnostics_channel'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { json } from 'rocksdb-live'
import { addon } from '../../lib/native/addon'
import { openFresh, useTempDirectory } from '../support/database'
import { root } from '../support/documents'
import { eventually } from '../support/tools'
import { Listener } from '../support/traces'

const path = useTempDirectory()
const FAMILIES = { users: { key: 'utf8', value: 'utf8' } } as const

let heard: Listener | undefined
afterEach(() => heard?.stop())

/** Runs a program with the compiled package as `pack` and a directory as `dir`. */
function run(program: string): { status: number | null; stdout: string; stderr: string } {
  const head = `const pack = require(${JSON.stringify(root)}); const dir = ${JSON.stringify(path('db'))};
    const { tracingChannel } = require('node:diagnostics_channel');
    const channel = tracingChannel('rocksdb-live:operation');
    const options = { columnFamilies: { users: { key: 'utf8', value: 'utf8' } } };`
  const script = `${head}(async () => {${program}})()`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

it('takes subscribers that come and go in the middle of operations', async () => {
  const db = await openFresh({ columnFamilies: FAMILIES })
  const users = db.columnFamily('users')
  for (let i = 0; i < 2000; i++) users.putSync(`k${i}`, 'v')
  const rows = users.entries()
  await rows.next()
  const put = users.put('x', '1', { sync: true })
  heard = new Listener()
  await put
  let count = 1
  for await (const row of rows) count += row.length / 2
  expect(count).toBe(2000)
  expect(heard.names).toEqual([])

  const traced = users.entries()
  await traced.next()
  const late = users.put('y', '1', { sync: true })
  heard.stop()
  await late
  count = 1
  for await (const row of traced) count += row.length / 2
  expect(count).toBe(2001)
  expect(heard.names).toEqual(['scan', 'put'])
  // Nothing is measured any more.
  const before = addon.measure(true)
  addon.measure(false)
  users.putSync('z', '1')
  const after = addon.measure(true)
  addon.measure(false)
  expect(after).toBe(before)
})

it('ends operations that the close of the database ends', async () => {
  const db = await openFresh({ columnFamilies: FAMILIES })
  const users = db.columnFamily('users')
  for (let i = 0; i < 2000; i++) users.putSync(`k${i}`, 'v')
  await db.flush()
  heard = new Listener()
  const rows = users.entries()
  await rows.next()
  const cursor = users.cursor()
  const tx = db.begin()
  const work = [users.put('a', '1', { sync: true }), users.count(), db.compactRange('users')]
  const closing = db.close()
  await Promise.allSettled([...work, closing, tx.commit()])
  await expect(
    (async () => {
      for await (const row of rows) void row
    })(),
  ).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  cursor.close()
  expect(heard.unended).toEqual([])
  expect(heard.names.sort()).toEqual(
    ['begin', 'close', 'commit', 'compactRange', 'count', 'put', 'scan', 'scan'].sort(),
  )
})

it('holds nothing of 10,000 iterators that nobody ends', async () => {
  const db = await openFresh({ columnFamilies: FAMILIES })
  const users = db.columnFamily('users')
  for (let i = 0; i < 2000; i++) users.putSync(`k${i}`, 'v')
  let [begun, ended] = [0, 0]
  const subscribers = { start: () => void begun++, asyncEnd: () => void ended++ }
  const channel = tracingChannel('rocksdb-live:operation')
  channel.subscribe(subscribers as never)
  try {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    for (let i = 0; i < 10_000; i++) {
      await users.keys().next()
      if (i % 1000 === 999) collect()
    }
    await eventually('the end of all', () => {
      collect()
      return ended === 10_000 ? true : undefined
    })
    expect(begun).toBe(10_000)
  } finally {
    channel.unsubscribe(subscribers as never)
  }
}, 120_000)

it('counts each operation of a codec that uses the database itself', async () => {
  let inner: (() => void) | undefined
  const meddling = {
    encode: (value: string) => {
      inner?.()
      return Buffer.from(value)
    },
    decode: (bytes: Uint8Array) => {
      inner?.()
      return Buffer.from(bytes).toString()
    },
  }
  const db = await openFresh({
    columnFamilies: { users: { key: 'utf8', value: meddling }, plain: { value: json() } },
  })
  const users = db.columnFamily('users')
  const plain = db.columnFamily('plain')
  heard = new Listener()
  inner = () => {
    void plain.put('x', { inner: true }, { sync: true })
  }
  await users.put('a', 'value', { sync: true })
  inner = () => void plain.getSync('x')
  expect(await users.get('a')).toBe('value')
  inner = undefined
  await db.flushWAL()
  expect(heard.names).toEqual(['put', 'put', 'get', 'get', 'flushWAL'])
  const [outer, nested] = heard.operations
  expect([outer?.bytes, nested?.bytes]).toEqual([6, 15])
  expect(heard.unended).toEqual([])
  for (const each of heard.operations) expect(each.error).toBeUndefined()
})

it('does not let a subscriber that throws touch the operation', () => {
  const { stdout, status } = run(`
    const caught = [];
    process.on('uncaughtException', (error) => caught.push(error.message));
    const db = await pack.Database.open(dir, options);
    const users = db.columnFamily('users');
    const events = {};
    for (const event of ['start', 'end', 'asyncStart', 'asyncEnd', 'error']) {
      events[event] = () => { throw new Error(event) };
    }
    channel.subscribe(events);
    await users.put('a', '1');
    const got = [await users.get('a'), users.getSync('a')];
    for await (const [key] of users.entries()) got.push(key);
    await db.transaction((tx) => tx.put(users, 'b', '2'));
    const error = await users.get(5).catch((reason) => reason.name);
    channel.unsubscribe(events);
    got.push(users.getSync('b'), error);
    await db.close();
    console.log(JSON.stringify([got, [...new Set(caught)].sort()]));
  `)
  expect(JSON.parse(stdout)).toEqual([
    ['1', '1', 'a', '2', 'TypeError'],
    ['asyncEnd', 'asyncStart', 'end', 'error', 'start'],
  ])
  expect(status).toBe(0)
})

it('is of each thread: a worker tells its own, and may be ended in the middle', () => {
  const { stdout, stderr, status } = run(`
    const { Worker } = require('node:worker_threads');
    const db = await pack.Database.open(dir, options);
    const users = db.columnFamily('users');
    const heard = [];
    channel.asyncEnd.subscribe(({ operation }) => heard.push(operation));
    const code = \`
      const pack = require(${JSON.stringify(root)});
      const { parentPort } = require('node:worker_threads');
      const { tracingChannel } = require('node:diagnostics_channel');
      (async () => {
        const db = await pack.Database.open(\${JSON.stringify(dir)}, { columnFamilies: { users: { key: 'utf8', value: 'utf8' } } });
        const users = db.columnFamily('users');
        const own = [];
        tracingChannel('rocksdb-live:operation').asyncEnd.subscribe(({ operation }) => own.push(operation));
        await users.put('w', '1', { sync: true });
        parentPort.postMessage(own);
        for (;;) { users.put('w', '2', { sync: true }).catch(() => {}); await users.count(); }
      })();
    \`;
    const worker = new Worker(code, { eval: true });
    const said = await new Promise((resolve, reject) => { worker.once('message', resolve); worker.once('error', reject); });
    await users.put('m', '1', { sync: true });
    await worker.terminate();
    const value = await users.get('w');
    await db.close();
    console.log(JSON.stringify([said, heard, value !== undefined]));
  `)
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual([['put'], ['put', 'get', 'close'], true])
  expect(status).toBe(0)
})
