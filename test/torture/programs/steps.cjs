/**
 * What is done while calls of the file system fail, or when the process is killed at one of them. A step says from
 * which directory it begins, what comes before (without faults), what is done, and what must hold afterwards.
 *
 * `it` is a case: see case.cjs. `it.write(how)` writes a batch and takes down what came of it.
 */
const fs = require('node:fs')
const { backup, backups, directory, restore } = require('../../../dist/backup')
const { Database, optionsOf, stateOf } = require('./rows.cjs')

/** Opens it from a directory that was closed, or in which a process was killed. */
const opening = (base) => ({
  base,
  run: (it) => it.open(),
})

const open = (it) => it.open()

/** Unflushed rows of all families. */
async function openWithRows(it) {
  await it.open()
  for (let n = 0; n < 3; n++) await it.write('async')
}

/** A copy that opens by itself has every batch that was acknowledged before it was asked for. */
async function checkCopy(it, path, options, wanted = it.before) {
  const db = await Database.open(path, { ...optionsOf(), createIfMissing: false, ...options })
  const { numbers, wrong } = stateOf(db)
  for (const problem of wrong) it.wrong(`the copy: ${problem}`)
  const has = new Set(numbers)
  for (const number of wanted) if (!has.has(number)) it.wrong(`the copy has not ${number}`)
  await db.close()
}

const checkpoint = {
  base: 'closed',
  before: openWithRows,
  run: (it) => it.db.checkpoint(it.at('copy')),
  async after(it, outcome) {
    if (fs.existsSync(it.at('copy'))) return checkCopy(it, it.at('copy'), { recovery: 'strict' })
    if (outcome === 'ok') it.wrong('the checkpoint is not there')
    const db = await it.reopened()
    await db.checkpoint(it.at('copy'))
    await checkCopy(it, it.at('copy'), { recovery: 'strict' })
  },
}

/** Every backup that is listed can be restored; if it was said to be there, it is listed. */
async function checkBackups(it, atLeast, wanted) {
  const target = directory(it.at('target'))
  const listed = fs.existsSync(it.at('target')) ? await backups(target).list() : []
  if (listed.length < atLeast) it.wrong(`${listed.length} backups are listed, not ${atLeast}`)
  for (const { id } of listed) {
    const report = await backups(target).verify(id)
    if (report.problems?.length > 0) it.wrong(`backup ${id} is damaged`)
  }
  if (listed.length > 0) await restore(target, it.at('verified'))
  if (atLeast > 0) await checkCopy(it, it.at('verified'), {}, wanted)
  const db = await it.reopened()
  await backup(db, target)
}

const takeBackup = (it) => backup(it.db, directory(it.at('target')))

const backingUp = {
  base: 'closed',
  before: openWithRows,
  run: takeBackup,
  after: (it, outcome) => checkBackups(it, outcome === 'ok' ? 1 : 0),
}

const backingUpAgain = {
  base: 'closed',
  async before(it) {
    await openWithRows(it)
    await takeBackup(it)
    await it.write('async')
    await it.db.flush()
  },
  run: takeBackup,
  // The first one lacks the last batch.
  after: (it, outcome) =>
    outcome === 'ok' ? checkBackups(it, 2) : checkBackups(it, 1, it.before.slice(0, -1)),
}

const restoring = {
  base: 'closed',
  async before(it) {
    await openWithRows(it)
    await takeBackup(it)
  },
  run: (it) => restore(directory(it.at('target')), it.at('restored')),
  async after(it, outcome) {
    if (!fs.existsSync(it.at('restored'))) {
      if (outcome === 'ok') it.wrong('what was restored is not there')
      await restore(directory(it.at('target')), it.at('restored'))
    }
    await checkCopy(it, it.at('restored'))
  },
}

const creating = {
  base: 'closed',
  before: open,
  async run(it) {
    const family = await it.db.createColumnFamily('extra')
    it.note('created')
    await family.put('row', 'value', { sync: true })
    it.note('put')
  },
  async after(it) {
    const db = await it.reopened()
    const there = db.columnFamilies().includes('extra')
    if (it.noted('created') && !there) it.wrong('the family is not there')
    const row = there ? db.columnFamily('extra').getSync('row') : undefined
    if (it.noted('put') && String(row) !== 'value') it.wrong('the row of the family is not there')
    if (!there) await db.createColumnFamily('extra')
  },
}

const dropping = {
  base: 'closed',
  async before(it) {
    await it.open()
    const family = await it.db.createColumnFamily('extra')
    await family.put('row', 'value')
    await it.db.flush(family)
    await family.put('other', 'value')
  },
  async run(it) {
    await it.db.dropColumnFamily('extra')
    it.note('dropped')
  },
  async after(it) {
    const db = await it.reopened()
    if (!db.columnFamilies().includes('extra')) return
    if (it.noted('dropped')) return it.wrong('the dropped family is there')
    const rows = [...db.columnFamily('extra').entriesSync()]
    if (rows.length !== 2) it.wrong(`the family that was not dropped has ${rows.length} rows`)
  },
}

const withoutWal = { tuning: { walEnabled: false } }

const closing = {
  base: 'closed',
  before: openWithRows,
  run: (it) => it.close(),
}

const closingWithoutWal = {
  base: 'closed',
  options: withoutWal,
  before: openWithRows,
  async run(it) {
    await it.close()
    it.note('closed')
  },
  // Without a WAL, what was acknowledged is there once close has succeeded.
  volatile: (it) => !it.noted('closed'),
}

const compacting = {
  base: 'crashed',
  before: openWithRows,
  async run(it) {
    for (const name of it.db.columnFamilies()) {
      await it.db.compactRange(name, undefined, { bottommost: true })
    }
  },
}

const repairing = {
  base: 'crashed',
  async before(it) {
    for (const name of fs.readdirSync(it.at('db'))) {
      if (name.startsWith('MANIFEST')) fs.rmSync(it.at('db', name))
    }
  },
  async run(it) {
    const { damage } = await Database.repair(it.at('db'))
    // A table that cannot be read is damage, which is told.
    if (damage.some(({ file }) => !file.startsWith('MANIFEST'))) it.note('damaged')
  },
  told: (it) => it.noted('damaged'),
  /** What a repair that was ended leaves can be repaired. */
  async healed(it) {
    await Database.repair(it.at('db'))
  },
}

const destroying = {
  base: 'closed',
  run: (it) => Database.destroy(it.at('db')),
  gone: true,
  async after(it, outcome) {
    if (outcome !== 'ok' && fs.existsSync(it.at('db'))) await Database.destroy(it.at('db'))
    if (fs.existsSync(it.at('db', 'CURRENT'))) it.wrong('the destroyed database is there')
    const db = await Database.open(it.at('db'), optionsOf())
    if (stateOf(db).numbers.length > 0) it.wrong('the destroyed database has rows')
    await db.close()
  },
}

/** Reads must be right or fail. */
const reading = {
  base: 'crashed',
  before: open,
  reads: true,
  async run(it) {
    const { db } = it
    const failures = []
    const attempt = async (read) => {
      try {
        await read()
      } catch (error) {
        failures.push(error)
      }
    }
    const whole = (found, what) => {
      if (found !== it.before.length)
        it.wrong(`${what} gave ${found} rows, not ${it.before.length}`)
    }
    await attempt(async () => whole(await db.columnFamily('a').count(), 'count'))
    await attempt(async () => {
      const { wrong } = stateOf(db)
      for (const problem of wrong) it.wrong(problem)
    })
    await attempt(async () => {
      let rows = 0
      for await (const _ of db.columnFamily('b').entries({ reverse: true })) rows++
      whole(rows, 'a scan')
    })
    await attempt(async () => {
      const values = await db.default.getMany(it.before.map(it.keyOf))
      whole(values.filter((value) => value !== undefined).length, 'getMany')
    })
    if (failures.length > 0) throw failures[0]
  },
}

/** A reader beside the writer, which is asked for what is new. */
const following = {
  base: 'crashed',
  before: openWithRows,
  reads: true,
  async run(it) {
    const reader = await Database.open(it.at('db'), {
      ...optionsOf(),
      mode: { secondary: it.at('secondary') },
    })
    try {
      await it.write('async')
      await reader.catchUp()
      const { numbers, wrong } = stateOf(reader)
      for (const problem of wrong) it.wrong(`the reader: ${problem}`)
      if (numbers.length < it.before.length) it.wrong(`the reader has ${numbers.length} batches`)
    } finally {
      await reader.close()
    }
  },
}

/** The change feed, from the WAL. */
const feeding = {
  base: 'crashed',
  options: { tuning: { changesRetainMb: 64 } },
  async before(it) {
    await it.open()
    it.token = (await it.db.changes({ heartbeatMs: 1 }).next()).value.token
    for (let n = 0; n < 5; n++) await it.write('async')
    await it.db.flush()
    await it.close()
    await it.open()
  },
  reads: true,
  async run(it) {
    let batches = 0
    for await (const { operations } of it.db.changes({ after: it.token, heartbeatMs: 1 })) {
      if (operations.length > 0) batches++
      if (batches === 5) break
    }
  },
}

const writing = {
  base: 'crashed',
  before: open,
  async run(it) {
    const failures = []
    for (const how of ['async', 'sync', 'unsynced', 'transaction', 'three', 'async']) {
      await it.write(how).catch((error) => failures.push(error))
    }
    if (failures.length > 0) throw failures[0]
  },
}

const STEPS = {
  'open a new one': opening('none'),
  'open a closed one': opening('closed'),
  'open a killed one': opening('crashed'),
  write: writing,
  'sync the WAL': {
    base: 'closed',
    before: openWithRows,
    run: (it) => it.db.flushWAL({ sync: true }),
  },
  flush: { base: 'closed', before: openWithRows, run: (it) => it.db.flush() },
  compact: compacting,
  'create a family': creating,
  'drop a family': dropping,
  'change options': {
    base: 'closed',
    before: open,
    run: (it) => it.db.setOptions({ writeBufferMb: 8 }),
  },
  checkpoint,
  'back up': backingUp,
  'back up again': backingUpAgain,
  restore: restoring,
  close: closing,
  'close without a WAL': closingWithoutWal,
  repair: repairing,
  destroy: destroying,
  read: reading,
  'read beside a writer': following,
  'follow changes': feeding,
}

module.exports = { STEPS }
