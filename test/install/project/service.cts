// A service that uses the package from CommonJS, on the calling thread.
import rocksdb = require('rocksdb-live')

async function main(folder: string): Promise<void> {
  await using db = await rocksdb.Database.open(folder, {
    columnFamilies: { counters: { key: 'utf8', value: 'uint32' } },
  })
  const counters: rocksdb.ColumnFamily<string, number> = db.columnFamily('counters')
  counters.putSync('visits', 41)
  counters.putSync('visits', (counters.getSync('visits') ?? 0) + 1)
  console.log(JSON.stringify({ visits: counters.getSync('visits'), versions: rocksdb.versions }))
}

main(process.argv[2] ?? '').catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
