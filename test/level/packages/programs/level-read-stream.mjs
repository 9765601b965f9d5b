import { createRequire } from 'node:module'
import { join } from 'node:path'

const { EntryStream, KeyStream, ValueStream } = createRequire(import.meta.url)('level-read-stream')

async function all(stream) {
  const list = []
  for await (const item of stream) list.push(item)
  return list
}

export default async function run(Level, folder) {
  const saw = []
  const db = new Level(join(folder, 'streams'), { valueEncoding: 'json' })
  const operations = Array.from({ length: 5000 }, (_, i) => ({
    type: 'put',
    key: `k${String(i).padStart(5, '0')}`,
    value: { i },
  }))
  await db.batch(operations)
  saw.push(await all(new EntryStream(db, { gte: 'k00010', lt: 'k00013' })))
  saw.push(
    (await all(new KeyStream(db))).length,
    await all(new ValueStream(db, { limit: 2, reverse: true })),
  )
  const part = db.sublevel('part', { valueEncoding: 'json' })
  await part.put('a', 1)
  saw.push(await all(new EntryStream(part)))
  const stream = new EntryStream(db)
  for await (const { key } of stream) {
    saw.push(key)
    break
  }
  saw.push(stream.destroyed)
  await db.close()
  return saw
}
