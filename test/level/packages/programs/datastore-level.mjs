import { join } from 'node:path'
import { LevelDatastore } from 'datastore-level'
import { Key } from 'interface-datastore'

async function all(items) {
  const list = []
  for await (const item of items) list.push(item)
  return list
}

export default async function run(Level, folder) {
  const saw = []
  const open = async () => {
    const store = new LevelDatastore(new Level(join(folder, 'data'), { valueEncoding: 'view' }))
    await store.open()
    return store
  }
  let store = await open()
  for (let i = 0; i < 200; i++) {
    await store.put(new Key(`/blocks/${String(i).padStart(3, '0')}`), Buffer.from([i, 255, 0]))
  }
  const batch = store.batch()
  batch.put(new Key('/pins/a'), Buffer.from('a'))
  batch.delete(new Key('/blocks/000'))
  await batch.commit()
  await store.close()
  store = await open()
  saw.push(await store.has(new Key('/blocks/000')), [...(await store.get(new Key('/blocks/150')))])
  saw.push(await store.get(new Key('/none')).catch(({ name }) => name))
  const rows = await all(store.query({ prefix: '/blocks', limit: 3, offset: 10 }))
  saw.push(rows.map(({ key, value }) => [String(key), [...value]]))
  saw.push((await all(store.queryKeys({ prefix: '/pins' }))).map(String))
  const put = store.putMany([{ key: new Key('/many/1'), value: Buffer.from('1') }])
  saw.push((await all(put)).map(String))
  saw.push(
    (await all(store.getMany([new Key('/many/1')]))).map(({ value }) => String(Buffer.from(value))),
  )
  await store.close()
  return saw
}
