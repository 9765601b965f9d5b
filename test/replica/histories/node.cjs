/**
 * One node of the history checker, in a process of its own: while it writes, it runs clients and tells what became of each
 * write; at any time it reads what it is asked for.
 *
 *   node node.cjs '<json: path, name, servers, stream, target, commit, leaseMs, clients, planted>'
 */
const { createHash } = require('node:crypto')
const path = require('node:path')
const dist = path.resolve(__dirname, '../../../dist')
const { openReplica, jetstream } = require(path.join(dist, 'replica'))
const { directory } = require(path.join(dist, 'backup'))
const { planted } = require('./planted.cjs')

const asked = JSON.parse(process.argv[2])
const REGISTERS = 4
const FAMILIES = {
  ops: { key: 'utf8', value: 'utf8' },
  sum: { key: 'utf8', value: 'buffer', mergeOperator: 'uint64add' },
  registers: { key: 'utf8', value: 'utf8' },
}
const one = Buffer.alloc(8)
one[0] = 1

const say = (message) => {
  if (process.connected) process.send(message)
}

async function open() {
  const options = { timeoutMs: Math.max(500, asked.leaseMs / 2) }
  const log = jetstream({ servers: asked.servers, stream: asked.stream, ...options })
  for (;;) {
    try {
      return await openReplica(asked.path, {
        log: planted(log, asked.planted),
        snapshots: directory(asked.target),
        node: asked.name,
        commit: asked.commit,
        leaseMs: asked.leaseMs,
        maxLagMs: asked.maxLagMs,
        snapshotEveryMs: 5000,
        snapshotLogMb: 8,
        columnFamilies: FAMILIES,
      })
    } catch (error) {
      say({ type: 'trouble', code: error.code, message: error.message })
      if (!['ERR_REPLICA_LOG', 'ERR_REPLICA_GAP', 'ERR_TIMED_OUT'].includes(error.code)) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

let number = 0

/** A row, and one more in the sum, at once. */
async function writeRow(db, id) {
  const batch = db.batch()
  batch.put(db.columnFamily('ops'), id, String(Date.now()))
  batch.merge(db.columnFamily('sum'), 'all', one)
  await batch.write()
}

/** A register, one higher, and a row that says so. */
async function raiseRegister(db, id) {
  const registers = db.columnFamily('registers')
  const name = `register ${Math.floor(Math.random() * REGISTERS)}`
  await db.transaction(async (tx) => {
    const next = Number((await tx.get(registers, name)) ?? 0) + 1
    await tx.put(registers, name, String(next))
    await tx.put(registers, `${name} was ${String(next).padStart(9, '0')}`, id)
    await tx.put(db.columnFamily('ops'), id, name)
    await tx.merge(db.columnFamily('sum'), 'all', one)
  })
}

/** Writes for as long as the node lives; waits while it does not write. */
async function client(node, index) {
  for (;;) {
    if (node.role === 'closed') return
    if (node.role !== 'writer') {
      await new Promise((resolve) => setTimeout(resolve, 20))
      continue
    }
    const id = `${asked.name}/${process.pid}/${index}/${++number}`
    const kind = index === 0 ? 'transaction' : 'row'
    say({ type: 'begun', id })
    try {
      const { db } = node
      await (kind === 'row' ? writeRow(db, id) : raiseRegister(db, id))
      say({ type: 'written', id, token: node.token() })
    } catch (error) {
      const { code, outcome, message } = error
      say({ type: 'failed', id, code, outcome, message })
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    if (index === 0) await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** All rows, as one sum for each family, and what the checker looks into. */
async function contents(node) {
  const { db } = node
  const sums = {}
  for (const name of db.columnFamilies().sort()) {
    const hash = createHash('sha256')
    const family = db.columnFamily(name, { key: 'buffer', value: 'buffer' })
    for await (const [key, value] of family.entries()) {
      hash.update(`${key.toString('hex')}=${value.toString('hex')};`)
    }
    sums[name] = hash.digest('hex')
  }
  const ops = []
  for await (const [id] of db.columnFamily('ops').entries()) ops.push(id)
  const registers = []
  for await (const entry of db.columnFamily('registers').entries()) registers.push(entry)
  const sum = (await db.columnFamily('sum').get('all'))?.readBigUInt64LE() ?? 0n
  return { sums, ops, registers, sum: String(sum) }
}

const answers = {
  status: (node) => {
    const { stalenessMs, error, ...status } = node.status()
    return { ...status, stalenessMs: Math.min(stalenessMs, 1e9), error: error?.message }
  },
  /** What was acknowledged elsewhere with this token must be there. */
  sees: async (node, { id, token, timeoutMs }) =>
    (await node.get('ops', id, { after: token, timeoutMs })) !== undefined,
  /** Reads a register as of at most so long ago. */
  fresh: (node, { id, maxStalenessMs }) => node.get('ops', id, { maxStalenessMs }),
  waitFor: (node, { token, timeoutMs }) => node.waitFor(token, { timeoutMs }),
  token: (node) => node.token(),
  contents,
  stepDown: async (node) => (await node.stepDown())?.node,
  stopClients: async () => {
    stopped = true
  },
  close: async (node) => {
    await node.close()
    setImmediate(() => process.exit(0))
  },
}

let stopped = false

async function main() {
  const node = await open()
  const told = (event) => node.on(event, (what) => say({ type: 'event', event, what: plain(what) }))
  for (const event of ['role', 'database', 'setAside', 'failure']) told(event)
  say({ type: 'open', role: node.role })
  for (let i = 0; i < asked.clients; i++) {
    client(
      {
        get role() {
          return stopped ? 'closed' : node.role
        },
        get db() {
          return node.db
        },
        token: () => node.token(),
      },
      i,
    )
  }
  process.on('message', async ({ call, ask, ...rest }) => {
    try {
      say({ type: 'answer', call, value: (await answers[ask](node, rest)) ?? null })
    } catch (error) {
      say({ type: 'answer', call, error: { code: error.code, message: error.message } })
    }
  })
}

function plain({ error, ...rest }) {
  return error === undefined ? rest : { ...rest, error: error.message, code: error.code }
}

process.on('disconnect', () => process.exit(0))
main().catch((error) => {
  say({ type: 'dead', code: error.code, message: error.stack })
  process.exitCode = 1
})
