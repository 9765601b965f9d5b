// Checks what earlier runs had acknowledged, continues writing, and ends in the middle of that.
const { Database, args, beBusy, families, keyOf, main, say, contentOf } = require('./support.cjs')

const [path, kind, acknowledged, after, tuning] = args

const ends = {
  exit: () => process.exit(7),
  throw: () => {
    throw new Error('on purpose')
  },
  // The signal itself may take a moment to arrive, so writing goes on.
  sigterm: () => process.kill(process.pid, 'SIGTERM'),
  natural: () => {},
}

main(async () => {
  if (after < 0) {
    Database.open(path, { tuning, columnFamilies: families })
    return end()
  }
  const db = await Database.open(path, { tuning, columnFamilies: families })
  const a = db.columnFamily('a')
  const b = db.columnFamily('b')
  for (let n = 0; n < acknowledged; n++) {
    const found = [a.getSync(keyOf(n))?.toString(), b.getSync(keyOf(n))?.toString()]
    if (found[0] === contentOf(n, 'a') && found[1] === contentOf(n, 'b')) continue
    say('lost', n, found)
  }
  say('checked', acknowledged)
  const busy = beBusy(db, acknowledged)
  for (let n = acknowledged; n < acknowledged + 20; n++) {
    const batch = db.batch().put(a, keyOf(n), contentOf(n, 'a')).put(b, keyOf(n), contentOf(n, 'b'))
    const sync = tuning.walEnabled !== false && n % 5 === 0
    batch.write({ sync }).then(() => {
      say('acknowledged', n + 1)
      if (n === acknowledged + after) end()
    })
  }
  globalThis.keep = kind === 'natural' ? undefined : busy
})

function end() {
  say('ending')
  process.nextTick(ends[kind])
}
