// Watches a configuration file, and prints what each signal changed.
const { Database, watchTuning } = require('../../../dist/index.js')
const { args, main, say } = require('./support.cjs')

const [path, configFile] = args

main(async () => {
  const db = await Database.open(path, { configFile })
  const held = () => db.tuning().options.writeBufferMb.rocksdb.inForce
  const watch = watchTuning(db, {
    onChange: (changes) => say('changed', changes, held()),
    onError: (error) => say('failed', error.code, error.source),
  })
  say('ready', held())
  await new Promise((resolve) => process.stdin.resume().on('end', resolve))
  watch.close()
  await db.close()
  say('closed')
})
