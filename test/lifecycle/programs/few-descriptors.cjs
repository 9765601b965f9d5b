// A writer and readers of one database in a process with fewer descriptors than all of them need.
const path = require('node:path')
const { Database, args, keyOf, main, say } = require('./support.cjs')

const [directory, tables] = args
const options = {
  rocksdb: { columnFamily: { target_file_size_base: 1, disable_auto_compactions: true } },
}

main(async () => {
  const writer = await Database.open(path.join(directory, 'db'), options)
  for (let i = 0; i < 2 * tables; i++) writer.default.putSync(keyOf(i), 'v'.repeat(5000))
  await writer.flush()
  await writer.compactRange('default', undefined, { bottommost: true })
  for (const mode of ['read-only', { secondary: path.join(directory, 'secondary') }]) {
    const reader = await Database.open(writer.path, { ...options, mode })
    say('read', await reader.default.count(), Number(reader.options().db.max_open_files))
    await reader.close()
  }
  await writer.close()
})
