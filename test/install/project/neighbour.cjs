// Runs beside another addon that bundles its own RocksDB (rocksdb-native), loaded in the given
// order; both have a database open at the same time, and each compacts and reopens its own.
const [folder, order, peerPath] = process.argv.slice(2)
const load = { peer: () => require(peerPath), package: () => require('rocksdb-live') }
const [first, second] = order === 'peer-first' ? ['peer', 'package'] : ['package', 'peer']
const loaded = { [first]: load[first](), [second]: load[second]() }

async function openPeer() {
  const db = new loaded.peer(`${folder}-peer`)
  await db.ready()
  return db
}

async function main() {
  const { Database } = loaded.package
  const options = { columnFamilies: { rows: { key: 'utf8', value: 'utf8' } } }
  const [db, peer] = await Promise.all([Database.open(folder, options), openPeer()])
  const rows = db.columnFamily('rows')
  const keys = Array.from({ length: 2000 }, (_, n) => `key ${n}`)
  await Promise.all(
    keys.flatMap((key) => [rows.put(key, `ours ${key}`), peer.put(key, `theirs ${key}`)]),
  )
  await Promise.all([db.compactRange(), peer.compactRange('a', 'z')])
  const found = await Promise.all([rows.get('key 1999'), peer.get('key 1999')])
  await Promise.all([db.close(), peer.close()])
  const again = await Promise.all([Database.open(folder, options), openPeer()])
  found.push(await again[0].columnFamily('rows').get('key 7'), await again[1].get('key 7'))
  await Promise.all([again[0].close(), again[1].close()])
  console.log(JSON.stringify(found.map(String)))
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
